// SPDX-License-Identifier: Apache-2.0
// What a device's driver is asked for: settings of virtual functions, port profiles.
#include <fmt/format.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <array>
#include <fstream>

#include "agent/interface/messages.hpp"
#include "agent/interface/net_kernel.hpp"
#include "agent/net/attributes.hpp"

namespace agent::interface {
namespace {

using net::parse;
using net::parse_nested;

Done wrong(std::string sentence) { return tl::unexpected(std::move(sentence)); }

/// The settings of one VF in a link's IFLA_VFINFO_LIST.
std::optional<journal::VfSettings> read_vf(nlattr* list, std::uint32_t number) {
  nlattr* each = nullptr;
  int left = 0;
  nla_for_each_nested(each, list, left) {
    std::array<nlattr*, IFLA_VF_MAX + 1> vf{};
    if (!parse_nested(vf, each) || vf[IFLA_VF_MAC] == nullptr) continue;
    const auto* const mac = static_cast<const ifla_vf_mac*>(nla_data(vf[IFLA_VF_MAC]));
    if (mac->vf != number) continue;
    journal::VfSettings settings;
    if (vf[IFLA_VF_VLAN] != nullptr) {
      const auto* const vlan = static_cast<const ifla_vf_vlan*>(nla_data(vf[IFLA_VF_VLAN]));
      settings.set_vlan(vlan->vlan);
      settings.set_priority(vlan->qos);
    }
    if (vf[IFLA_VF_TX_RATE] != nullptr) {
      settings.set_max_tx_rate(
          static_cast<const ifla_vf_tx_rate*>(nla_data(vf[IFLA_VF_TX_RATE]))->rate);
    }
    return settings;
  }
  return std::nullopt;
}

bool same_vlan(const journal::VfSettings& one, const journal::VfSettings& other) {
  return one.vlan() == other.vlan() && one.priority() == other.priority();
}

/// Mbit/s; nullopt: not known, or the link is down.
std::optional<std::uint32_t> link_speed(const std::string& device) {
  std::ifstream file("/sys/class/net/" + device + "/speed");
  std::int64_t speed = 0;
  if (!(file >> speed) || speed <= 0) return std::nullopt;
  return static_cast<std::uint32_t>(speed);
}

/// IFLA_PORT_RESPONSE of the device itself, or of one of its virtual functions.
nlattr* find_response(const std::array<nlattr*, IFLA_MAX + 1>& link,
                      const journal::PortProfile& order) {
  std::array<nlattr*, IFLA_PORT_MAX + 1> port{};
  if (order.physical().empty()) {
    return parse_nested(port, link[IFLA_PORT_SELF]) ? port[IFLA_PORT_RESPONSE] : nullptr;
  }
  if (link[IFLA_VF_PORTS] == nullptr) return nullptr;
  nlattr* each = nullptr;
  int left = 0;
  nla_for_each_nested(each, link[IFLA_VF_PORTS], left) {
    if (parse_nested(port, each) && port[IFLA_PORT_VF] != nullptr &&
        nla_get_u32(port[IFLA_PORT_VF]) == order.number()) {
      return port[IFLA_PORT_RESPONSE];
    }
  }
  return nullptr;
}

PortResponse meaning(std::uint16_t said) {
  if (said == PORT_VDP_RESPONSE_SUCCESS || said == PORT_PROFILE_RESPONSE_SUCCESS) {
    return PortResponse::kSuccess;
  }
  return said == PORT_PROFILE_RESPONSE_INPROGRESS ? PortResponse::kInProgress
                                                  : PortResponse::kRefused;
}

const std::string& asked(const journal::PortProfile& order) {
  return order.physical().empty() ? order.device() : order.physical();
}

}  // namespace

tl::expected<journal::VfSettings, std::string> NetKernel::vf(const VfPlace& place) {
  const auto found = index(place.physical);
  if (!found) return tl::unexpected(found.error());
  auto request = net::make_link_message(RTM_GETLINK, 0, AF_UNSPEC, *found);
  nla_put_u32(request.get(), IFLA_EXT_MASK, RTEXT_FILTER_VF);
  std::optional<journal::VfSettings> settings;
  socket_.query(std::move(request), [&](const nlmsghdr* header) {
    std::array<nlattr*, IFLA_MAX + 1> attributes{};
    if (!parse(attributes, header, sizeof(ifinfomsg))) return;
    if (attributes[IFLA_VFINFO_LIST] == nullptr) return;
    settings = read_vf(attributes[IFLA_VFINFO_LIST], place.number);
  });
  if (settings) return *settings;
  return tl::unexpected(
      fmt::format("{} tells nothing of its virtual function {}", place.physical, place.number));
}

/// A driver is asked for what it has already: one that cannot do it refuses that, too.
Done NetKernel::check_vf(const VfPlace& place, const journal::VfSettings& before,
                         const journal::VfSettings& wanted) {
  const auto found = index(place.physical);
  if (!found) return wrong(found.error());
  if (wanted.max_tx_rate() != before.max_tx_rate()) {
    const auto speed = link_speed(place.physical);
    if (speed && wanted.max_tx_rate() > *speed) {
      return wrong(fmt::format("transmit: {} Mbit/s are wanted, and the link of {} carries {}",
                               wanted.max_tx_rate(), place.physical, *speed));
    }
    if (auto done =
            perform(place.physical, vf_rate_message(*found, place.number, before.max_tx_rate()),
                    "limit what its virtual function transmits (is its link up?)");
        !done) {
      return wrong("transmit: " + done.error());
    }
  }
  if (same_vlan(before, wanted)) return {};
  const auto done = perform(place.physical,
                            vf_vlan_message(*found, place.number, before.vlan(), before.priority()),
                            "give its virtual function a VLAN");
  return done ? Done() : wrong("vlan: " + done.error());
}

Done NetKernel::set_vf(const VfPlace& place, const journal::VfSettings& before,
                       const journal::VfSettings& settings) {
  const auto found = index(place.physical);
  if (!found) return wrong(found.error());
  if (!same_vlan(before, settings)) {
    const auto done = perform(
        place.physical, vf_vlan_message(*found, place.number, settings.vlan(), settings.priority()),
        fmt::format("put its virtual function {} into VLAN {}", place.number, settings.vlan()));
    if (!done) return wrong("vlan: " + done.error());
  }
  if (settings.max_tx_rate() == before.max_tx_rate()) return {};
  const auto done =
      perform(place.physical, vf_rate_message(*found, place.number, settings.max_tx_rate()),
              fmt::format("limit what its virtual function {} transmits to {} Mbit/s", place.number,
                          settings.max_tx_rate()));
  return done ? Done() : wrong("transmit: " + done.error());
}

Done NetKernel::port_profile(const journal::PortProfile& order, bool associate) {
  const auto found = index(asked(order));
  if (!found) return associate ? wrong(found.error()) : Done();
  return perform(asked(order), port_profile_message(*found, order, associate),
                 associate ? fmt::format("associate port profile '{}'", order.profile())
                           : "disassociate its port profile");
}

PortResponse NetKernel::port_response(const journal::PortProfile& order) {
  const auto found = index(asked(order));
  if (!found) return PortResponse::kNone;
  auto answer = PortResponse::kNone;
  auto request = net::make_link_message(RTM_GETLINK, 0, AF_UNSPEC, *found);
  nla_put_u32(request.get(), IFLA_EXT_MASK, RTEXT_FILTER_VF);
  socket_.query(std::move(request), [&](const nlmsghdr* header) {
    std::array<nlattr*, IFLA_MAX + 1> attributes{};
    if (!parse(attributes, header, sizeof(ifinfomsg))) return;
    const auto* const response = find_response(attributes, order);
    if (response != nullptr) answer = meaning(nla_get_u16(response));
  });
  return answer;
}

}  // namespace agent::interface
