// SPDX-License-Identifier: Apache-2.0
#include "agent/net/device_place.hpp"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <map>

#include "agent/net/link_message.hpp"

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

bool stands_on_another(const Link& link) { return link.kind == "vlan" || is_guest_device(link); }

/// The kernel does not stack more devices. Two ends of a veth pair are below each other.
constexpr int kMostStacked = 8;

bool looks_like(const LinkMonitor& links, const Link& guest, const GuestDevice& told) {
  std::uint32_t nearest = 0;
  const Link* link = &guest;
  for (int steps = 0; steps < kMostStacked && link->name != told.root; ++steps) {
    link = links.find(link->lower);
    if (link == nullptr) return false;
    if (nearest == 0 && link->kind == "vlan") nearest = link->vid;
  }
  return link->name == told.root && nearest == told.vlan;
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

std::vector<DevicePlace> guest_places(const LinkMonitor& links, const IsPort& is_port,
                                      const GuestDevice& told) {
  std::map<int, DevicePlace, std::greater<>> found;  // indices are given in the order of time
  for (const auto& [index, link] : links.links()) {
    if (!is_guest_device(link) || link.address != told.mac || !looks_like(links, link, told))
      continue;
    if (auto place = place_device(links, is_port, link.name)) {
      found.emplace(index, std::move(*place));
    }
  }
  std::vector<DevicePlace> places;
  places.reserve(found.size());
  for (auto& [index, place] : found) places.push_back(std::move(place));
  return places;
}

}  // namespace agent::net
