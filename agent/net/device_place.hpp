// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "agent/net/link_monitor.hpp"
#include "agent/ports.hpp"

namespace agent::net {

using IsPort = std::function<bool(std::string_view name)>;

/// Finds the configured port below a device: the port itself, a VLAN device on it (whose VID is
/// told), a macvtap or macvlan on either, or the name of a VLAN device that does not exist
/// ("eth0.2" where eth0 is a port). The error is a sentence.
tl::expected<DevicePlace, std::string> place_device(const LinkMonitor& links, const IsPort& is_port,
                                                    std::string_view device);

}  // namespace agent::net
