// SPDX-License-Identifier: Apache-2.0
#include "agent/net/device_place.hpp"

#include <fmt/format.h>

#include <charconv>

namespace agent::net {
namespace {

using Place = tl::expected<DevicePlace, std::string>;

/// "eth0.2" without a device of that name: VLAN 2 on port eth0.
Place place_by_name(const IsPort& is_port, std::string_view device) {
  const auto dot = device.rfind('.');
  if (dot != std::string_view::npos && is_port(device.substr(0, dot))) {
    const auto digits = device.substr(dot + 1);
    std::uint16_t vid = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), vid);
    if (error == std::errc() && end == digits.data() + digits.size() && vid >= 1 && vid <= 4094) {
      return DevicePlace{std::string(device.substr(0, dot)), vid};
    }
    return tl::unexpected(fmt::format(
        "device {} does not exist, and \"{}\" is no VLAN ID; write 1 to 4094 after the dot", device,
        digits));
  }
  return tl::unexpected(fmt::format(
      "device {0} does not exist and names no configured port; create it, or configure {0} as a "
      "[[port]]",
      device));
}

bool stands_on_another(const Link& link) {
  return link.kind == "vlan" || link.kind == "macvtap" || link.kind == "macvlan";
}

}  // namespace

Place place_device(const LinkMonitor& links, const IsPort& is_port, std::string_view device) {
  DevicePlace place;
  const Link* link = links.find(device);
  if (link == nullptr && is_port(device)) return DevicePlace{std::string(device), std::nullopt};
  if (link == nullptr) return place_by_name(is_port, device);
  while (!is_port(link->name)) {
    if (!stands_on_another(*link)) {
      return tl::unexpected(fmt::format(
          "device {0} stands on {1}, which is no configured port; configure {1} as a [[port]] or "
          "name another device",
          device, link->name));
    }
    if (link->kind == "vlan") {
      if (link->service_vlan || place.vid) {
        return tl::unexpected(fmt::format(
            "device {} lies behind two VLAN tags or a service VLAN tag; name a device with one "
            "802.1Q tag",
            device));
      }
      place.vid = link->vid;
    }
    const Link* const lower = links.find(link->lower);
    if (lower == nullptr || lower == link) {
      return tl::unexpected(fmt::format(
          "the device below {} is not in this network namespace; name the device below it",
          link->name));
    }
    link = lower;
  }
  place.port = link->name;
  return place;
}

}  // namespace agent::net
