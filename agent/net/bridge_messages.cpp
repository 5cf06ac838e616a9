// SPDX-License-Identifier: Apache-2.0
#include "agent/net/bridge_messages.hpp"

#include <fmt/format.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "agent/net/attributes.hpp"
#include "agent/net/traffic_control.hpp"

namespace agent::net {
namespace {

void append(nl_msg* message, const void* data, std::size_t size) {
  if (nlmsg_append(message, const_cast<void*>(data), size, NLMSG_ALIGNTO) != 0) {
    throw std::bad_alloc();
  }
}

NlMessage fdb_message(int type, int flags, int port, bool filters_vlans, const Station& station) {
  auto message = make_message(type, flags);
  ndmsg neighbour{};
  neighbour.ndm_family = PF_BRIDGE;
  neighbour.ndm_ifindex = port;
  neighbour.ndm_flags = NTF_MASTER;
  neighbour.ndm_state = NUD_NOARP;  // static: never ages, never moves by learning
  append(message.get(), &neighbour, sizeof neighbour);
  nla_put(message.get(), NDA_LLADDR, static_cast<int>(station.mac.octets.size()),
          station.mac.octets.data());
  if (filters_vlans) nla_put_u16(message.get(), NDA_VLAN, station.vid);
  return message;
}

NlMessage vlan_message(int type, int port, std::uint16_t vid, std::uint16_t flags, VlanOf of) {
  auto message = make_link_message(type, 0, AF_BRIDGE, port);
  auto* const nest = nla_nest_start(message.get(), IFLA_AF_SPEC);
  if (of == VlanOf::kBridge) nla_put_u16(message.get(), IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
  const bridge_vlan_info vlan{flags, vid};
  nla_put(message.get(), IFLA_BRIDGE_VLAN_INFO, sizeof vlan, &vlan);
  nla_nest_end(message.get(), nest);
  return message;
}

void put_flag(nl_msg* message, int attribute, const std::optional<bool>& flag) {
  if (flag) nla_put_u8(message, attribute, *flag ? 1 : 0);
}

std::optional<bool> flag_in(const nlattr* attribute) {
  if (attribute == nullptr) return std::nullopt;
  return nla_get_u8(attribute) != 0;
}

/// The slave's part of IFLA_LINKINFO.
void read_slave(const std::array<nlattr*, IFLA_INFO_MAX + 1>& info, BridgePortFlags& flags) {
  std::array<nlattr*, IFLA_BRPORT_MAX + 1> port{};
  if (!parse_nested(port, info[IFLA_INFO_SLAVE_DATA])) return;
  flags.hairpin = flag_in(port[IFLA_BRPORT_MODE]);
  flags.learning = flag_in(port[IFLA_BRPORT_LEARNING]);
  flags.locked = flag_in(port[IFLA_BRPORT_LOCKED]);
  flags.unicast_flood = flag_in(port[IFLA_BRPORT_UNICAST_FLOOD]);
}

bool kind_is(const nlattr* kind, std::string_view name) {
  return kind != nullptr && name == nla_get_string(kind);
}

}  // namespace

NlMessage fdb_add(int port, bool filters_vlans, const Station& station, bool exclusive) {
  return fdb_message(RTM_NEWNEIGH, NLM_F_CREATE | (exclusive ? NLM_F_EXCL : NLM_F_REPLACE), port,
                     filters_vlans, station);
}

NlMessage fdb_remove(int port, bool filters_vlans, const Station& station) {
  return fdb_message(RTM_DELNEIGH, 0, port, filters_vlans, station);
}

NlMessage vlan_add(int port, std::uint16_t vid, std::uint16_t flags, VlanOf of) {
  return vlan_message(RTM_SETLINK, port, vid, flags, of);
}

NlMessage vlan_remove(int port, std::uint16_t vid, VlanOf of) {
  return vlan_message(RTM_DELLINK, port, vid, 0, of);
}

NlMessage set_port_flags(int port, const BridgePortFlags& flags, bool flush) {
  auto message = make_link_message(RTM_SETLINK, 0, AF_BRIDGE, port);
  auto* const nest = nla_nest_start(message.get(), IFLA_PROTINFO | NLA_F_NESTED);
  put_flag(message.get(), IFLA_BRPORT_LEARNING, flags.learning);
  put_flag(message.get(), IFLA_BRPORT_LOCKED, flags.locked);
  put_flag(message.get(), IFLA_BRPORT_MODE, flags.hairpin);
  put_flag(message.get(), IFLA_BRPORT_UNICAST_FLOOD, flags.unicast_flood);
  if (flush) nla_put_flag(message.get(), IFLA_BRPORT_FLUSH);
  nla_nest_end(message.get(), nest);
  return message;
}

tl::expected<bool, std::string> read_vlan_filtering(RouteSocket& socket, int bridge) {
  bool filtering = false;
  const auto failure = socket.query(
      make_link_message(RTM_GETLINK, 0, AF_UNSPEC, bridge), [&](const nlmsghdr* header) {
        std::array<nlattr*, IFLA_MAX + 1> attributes{};
        std::array<nlattr*, IFLA_INFO_MAX + 1> info{};
        std::array<nlattr*, IFLA_BR_MAX + 1> data{};
        if (!parse(attributes, header, sizeof(ifinfomsg)) ||
            !parse_nested(info, attributes[IFLA_LINKINFO]) ||
            !parse_nested(data, info[IFLA_INFO_DATA])) {
          return;
        }
        filtering = flag_in(data[IFLA_BR_VLAN_FILTERING]).value_or(false);
      });
  if (failure) return tl::unexpected("cannot read the bridge: " + failure->text);
  return filtering;
}

tl::expected<BridgePortState, std::string> read_port(RouteSocket& socket, int port) {
  BridgePortState state;
  state.index = port;
  const auto failure =
      socket.query(make_link_message(RTM_GETLINK, 0, AF_UNSPEC, port), [&](const nlmsghdr* header) {
        std::array<nlattr*, IFLA_MAX + 1> attributes{};
        std::array<nlattr*, IFLA_INFO_MAX + 1> info{};
        if (!parse(attributes, header, sizeof(ifinfomsg))) return;
        if (attributes[IFLA_IFNAME] != nullptr) {
          state.name = nla_get_string(attributes[IFLA_IFNAME]);
        }
        if (attributes[IFLA_MASTER] == nullptr || !parse_nested(info, attributes[IFLA_LINKINFO]) ||
            !kind_is(info[IFLA_INFO_SLAVE_KIND], "bridge")) {
          return;
        }
        state.bridge = static_cast<int>(nla_get_u32(attributes[IFLA_MASTER]));
        read_slave(info, state.flags);
      });
  if (failure) return tl::unexpected("cannot read the interface: " + failure->text);
  if (state.bridge != 0) {
    const auto filtering = read_vlan_filtering(socket, state.bridge);
    if (!filtering) return tl::unexpected(filtering.error());
    state.filters_vlans = *filtering;
  }
  return state;
}

tl::expected<std::set<Station>, std::string> read_static_stations(RouteSocket& socket, int port) {
  std::set<Station> stations;
  auto request = make_message(RTM_GETNEIGH, NLM_F_DUMP);
  ndmsg neighbour{};
  neighbour.ndm_family = PF_BRIDGE;
  append(request.get(), &neighbour, sizeof neighbour);
  const auto failure = socket.query(std::move(request), [&](const nlmsghdr* header) {
    const auto* const entry = static_cast<const ndmsg*>(nlmsg_data(header));
    std::array<nlattr*, NDA_MAX + 1> attributes{};
    if (entry->ndm_ifindex != port || (entry->ndm_state & NUD_NOARP) == 0 ||
        !parse(attributes, header, sizeof(ndmsg)) || attributes[NDA_LLADDR] == nullptr ||
        attributes[NDA_MASTER] == nullptr || nla_len(attributes[NDA_LLADDR]) != 6) {
      return;
    }
    Station station;
    std::copy_n(static_cast<const std::uint8_t*>(nla_data(attributes[NDA_LLADDR])), 6,
                station.mac.octets.begin());
    if (attributes[NDA_VLAN] != nullptr) station.vid = nla_get_u16(attributes[NDA_VLAN]);
    stations.insert(station);
  });
  if (failure) return tl::unexpected("cannot read the bridge's FDB: " + failure->text);
  return stations;
}

tl::expected<std::map<std::uint16_t, std::uint16_t>, std::string> read_port_vlans(
    RouteSocket& socket, int port) {
  std::map<std::uint16_t, std::uint16_t> vlans;
  auto request = make_link_message(RTM_GETLINK, NLM_F_DUMP, AF_BRIDGE, 0);
  nla_put_u32(request.get(), IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN);
  const auto failure = socket.query(std::move(request), [&](const nlmsghdr* header) {
    std::array<nlattr*, IFLA_MAX + 1> attributes{};
    if (static_cast<const ifinfomsg*>(nlmsg_data(header))->ifi_index != port ||
        !parse(attributes, header, sizeof(ifinfomsg)) || attributes[IFLA_AF_SPEC] == nullptr) {
      return;
    }
    nlattr* each = nullptr;
    int left = 0;
    nla_for_each_nested(each, attributes[IFLA_AF_SPEC], left) {
      if (nla_type(each) != IFLA_BRIDGE_VLAN_INFO ||
          static_cast<std::size_t>(nla_len(each)) < sizeof(bridge_vlan_info)) {
        continue;
      }
      const auto* const vlan = static_cast<const bridge_vlan_info*>(nla_data(each));
      vlans[vlan->vid] = vlan->flags & (BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED);
    }
  });
  if (failure) return tl::unexpected("cannot read the port's VLANs: " + failure->text);
  return vlans;
}

bool is_bridge_address(RouteSocket& socket, int bridge, bool filters_vlans,
                       const Station& station) {
  bool permanent = false;
  auto request = make_message(RTM_GETNEIGH, 0);
  ndmsg neighbour{};
  neighbour.ndm_family = PF_BRIDGE;
  append(request.get(), &neighbour, sizeof neighbour);
  nla_put(request.get(), NDA_LLADDR, 6, station.mac.octets.data());
  nla_put_u32(request.get(), NDA_MASTER, static_cast<std::uint32_t>(bridge));
  if (filters_vlans) nla_put_u16(request.get(), NDA_VLAN, station.vid);
  const auto failure = socket.query(std::move(request), [&](const nlmsghdr* header) {
    const auto* const entry = static_cast<const ndmsg*>(nlmsg_data(header));
    permanent = (entry->ndm_state & NUD_PERMANENT) != 0;
  });
  return !failure && permanent;
}

tl::expected<bool, std::string> read_clsact(RouteSocket& socket, int device) {
  bool found = false;
  auto request = tc_message(RTM_GETQDISC, NLM_F_DUMP, device, 0, 0);
  const auto failure = socket.query(std::move(request), [&](const nlmsghdr* header) {
    const auto* const queue = static_cast<const tcmsg*>(nlmsg_data(header));
    if (queue->tcm_ifindex == device && queue->tcm_parent == TC_H_CLSACT) found = true;
  });
  if (failure) return tl::unexpected("cannot read the port's queues: " + failure->text);
  return found;
}

}  // namespace agent::net
