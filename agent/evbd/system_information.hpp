// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/net/link_monitor.hpp"
#include "lldp/lldp_agent.hpp"

namespace agent {

/// What all ports say of the host in LLDP.
struct SystemIdentity {
  lldp::MacAddress chassis;  ///< of the first port that had an address; it stays for good
  std::string name;
  std::string description;
  std::vector<lldp::ManagementAddress> addresses;  ///< at most one of IPv4 and one of IPv6
};

/// Name, description and addresses of this host, where the configuration does not say otherwise.
SystemIdentity read_system_identity(const AgentConfig& config);

/// What the port's LLDPDUs say: chassis by MAC address, port by interface name, and the optional
/// TLVs that are chosen.
lldp::SystemInformation describe(const SystemIdentity& system, const PortSettings& settings,
                                 const net::Link& link);

}  // namespace agent
