// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "agent/vsi_key.hpp"
#include "vdp/port_events.hpp"

namespace agent::state {

/// What has to be known of a VSI that libvirt asked for.
struct LibvirtOrigin {
  std::uint32_t client = 0;  ///< event port of the libvirt daemon that asked last
  int ifindex = 0;           ///< of the root device, as libvirt named it
  std::string ifname;
  std::uint8_t manager = 0;  ///< libvirt's managerid
  bool device_seen = false;  ///< a macvtap with the VSI's MAC address was there
  friend bool operator==(const LibvirtOrigin&, const LibvirtOrigin&) = default;
};

/// What a client wants of one VSI; it outlives evbd.
struct Wish {
  std::string port;
  vdp::VsiRequest request;
  bool associated = false;  ///< it has been, since it was asked for
  bool ending = false;      ///< de-associated by its client; the bridge was not heard about it yet
  std::optional<LibvirtOrigin> libvirt;  ///< absent: another client asked
};

}  // namespace agent::state
