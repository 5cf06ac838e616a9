// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "agent/net/link_monitor.hpp"
#include "agent/ports.hpp"

namespace agent::net {

using IsPort = std::function<bool(std::string_view name)>;

/// Finds the configured port below a device: the port itself, a VLAN device on it (whose VID is
/// told), a macvtap or macvlan on either, or the name of a VLAN device that does not exist
/// ("eth0.2" where eth0 is a port). The error is a sentence.
tl::expected<DevicePlace, std::string> place_device(const LinkMonitor& links, const IsPort& is_port,
                                                    std::string_view device);

/// What libvirt tells of a guest's macvtap: the device at the end of the chain below it, and the
/// VLAN device nearest to it, be it one of 802.1Q or of 802.1ad.
struct GuestDevice {
  lldp::MacAddress mac;
  std::string_view root;
  std::uint32_t vlan = 0;  ///< 0: there is none in the chain
};

/// Where the macvtaps and macvlans belong of which that may be told, the newest first: over
/// S-channels there may be more than one.
std::vector<DevicePlace> guest_places(const LinkMonitor& links, const IsPort& is_port,
                                      const GuestDevice& told);

}  // namespace agent::net
