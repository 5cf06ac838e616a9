// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/libvirt/libvirt_agent.hpp"

namespace agent::libvirt {

/// A VSI that libvirt asked for.
struct LibvirtAgent::Guest {
  VsiKey key;
  state::LibvirtOrigin origin;
  std::optional<lldp::MacAddress> mac;
  std::uint32_t vlan = 0;
  VsiTypeField vsi_type;
  PortRequest request = PortRequest::kAssociate;  ///< the latest
  vdp::MigrationHint migration;
  base::Instant asked_at{};
  bool deciding = false;  ///< the latest request has no final answer yet
  bool running = false;   ///< the VM runs: it has been associated since it was started
  bool releasing = false;
  std::optional<base::Instant> decide_by;
  std::optional<base::Instant> release_at;  ///< unless its device comes back
  std::optional<base::Instant> notify_at;
  base::Duration notify_after{};  ///< the next distance; zero: none was needed yet
  base::Deadlines<Guest>::Handle deadline;

  PollGroup group() const { return {origin.client, origin.ifindex}; }
  std::uint16_t vid() const { return static_cast<std::uint16_t>(vlan); }
};

}  // namespace agent::libvirt
