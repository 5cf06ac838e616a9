// SPDX-License-Identifier: Apache-2.0
// Below a guest's interface: what a bridge that filters VLANs admits, and how VLAN devices mark.
#include <fmt/format.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cerrno>

#include "agent/interface/messages.hpp"
#include "agent/interface/net_kernel.hpp"
#include "agent/net/attributes.hpp"
#include "agent/net/bridge_messages.hpp"

namespace agent::interface {
namespace {

using net::parse;
using net::parse_nested;

net::VlanOf owner(net::RouteSocket& socket, int index) {
  const auto port = net::read_port(socket, index);
  return port && port->bridge != 0 ? net::VlanOf::kPort : net::VlanOf::kBridge;
}

/// Of frames with priority 0, in a VLAN device's IFLA_VLAN_EGRESS_QOS.
std::uint32_t read_priority(nlattr* map) {
  nlattr* each = nullptr;
  int left = 0;
  if (map == nullptr) return 0;
  nla_for_each_nested(each, map, left) {
    const auto* const mapping = static_cast<const ifla_vlan_qos_mapping*>(nla_data(each));
    if (mapping->from == 0) return mapping->to;
  }
  return 0;
}

}  // namespace

std::optional<BridgeVlans> NetKernel::bridge_vlans(const std::string& port) {
  const auto found = index(port);
  if (!found) return std::nullopt;
  const auto as_port = net::read_port(socket_, *found);
  if (!as_port) return std::nullopt;
  const bool filters = as_port->bridge != 0
                           ? as_port->filters_vlans
                           : net::read_vlan_filtering(socket_, *found).value_or(false);
  if (!filters) return std::nullopt;
  auto vlans = net::read_port_vlans(socket_, *found);
  if (!vlans) return std::nullopt;
  return std::move(*vlans);
}

Done NetKernel::put_bridge_vlan(const std::string& port, std::uint16_t vid, std::uint16_t flags) {
  const auto found = index(port);
  if (!found) return tl::unexpected(found.error());
  return perform(port, net::vlan_add(*found, vid, flags, owner(socket_, *found)),
                 fmt::format("have its bridge admit VLAN {} there", vid));
}

Done NetKernel::set_bridge_vlan(const journal::BridgeVlan& order) {
  return put_bridge_vlan(order.port(), static_cast<std::uint16_t>(order.vid()),
                         order.untagged() ? BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED : 0);
}

Done NetKernel::restore_bridge_vlan(const journal::BridgeVlan& order) {
  const auto found = index(order.port());
  if (!found) return {};
  const auto vid = static_cast<std::uint16_t>(order.vid());
  auto done = order.member()
                  ? put_bridge_vlan(order.port(), vid, static_cast<std::uint16_t>(order.flags()))
                  : perform(order.port(), net::vlan_remove(*found, vid, owner(socket_, *found)),
                            fmt::format("have its bridge forget VLAN {} there", vid), ENOENT);
  if (!done || order.pvid() == 0) return done;
  return put_bridge_vlan(order.port(), static_cast<std::uint16_t>(order.pvid()),
                         static_cast<std::uint16_t>(order.pvid_flags()));
}

std::uint32_t NetKernel::vlan_priority(const std::string& device) {
  const auto found = index(device);
  if (!found) return 0;
  std::uint32_t priority = 0;
  socket_.query(net::make_link_message(RTM_GETLINK, 0, AF_UNSPEC, *found),
                [&](const nlmsghdr* header) {
                  std::array<nlattr*, IFLA_MAX + 1> attributes{};
                  std::array<nlattr*, IFLA_INFO_MAX + 1> info{};
                  std::array<nlattr*, IFLA_VLAN_MAX + 1> vlan{};
                  if (!parse(attributes, header, sizeof(ifinfomsg)) ||
                      !parse_nested(info, attributes[IFLA_LINKINFO]) ||
                      !parse_nested(vlan, info[IFLA_INFO_DATA])) {
                    return;
                  }
                  priority = read_priority(vlan[IFLA_VLAN_EGRESS_QOS]);
                });
  return priority;
}

}  // namespace agent::interface
