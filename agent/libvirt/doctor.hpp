// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/finding.hpp"
#include "agent/libvirt/libvirt_agent.hpp"
#include "agent/libvirt/netlink_table.hpp"
#include "agent/libvirt/vm_names.hpp"

namespace agent::libvirt {

/// What one port looks like to the doctor.
struct PortFacts {
  std::string name;
  bool station = true;
  bool link_up = false;
  std::string trouble;  ///< as PortInfo
  std::string kind;     ///< of the interface, as Link
  bool evb_on = false;
  bool relay_wanted = false;
  bool relay_on = false;
  base::Duration response_wait{};  ///< how long the bridge may take for an answer
};

/// An interface that a VM's 802.1Q virtualport stands on.
struct SourceFacts {
  std::string name;
  std::string kind;    ///< as Link
  std::string driver;  ///< of the hardware; empty: none
};

/// Everything that the doctor looks at, gathered before.
struct Facts {
  bool enabled = false;  ///< the rest about libvirt counts only then
  std::string pid_file;
  std::optional<std::uint32_t> pid_file_number;
  std::uint32_t own_port_id = 0;
  std::vector<Process> lldp_agents;
  std::vector<DaemonSockets> daemons;
  std::vector<Process> daemons_elsewhere;  ///< in another network namespace
  std::vector<PortFacts> ports;
  std::vector<const VmDescription*> vms;
  std::vector<SourceFacts> sources;
  std::vector<PastRefusal> refusals;  ///< of the last minutes
};

/// Empty: nothing was found.
std::vector<Finding> diagnose(const Facts& facts);

}  // namespace agent::libvirt
