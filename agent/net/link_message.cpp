// SPDX-License-Identifier: Apache-2.0
#include "agent/net/link_message.hpp"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <algorithm>
#include <array>

namespace agent::net {
namespace {

std::string text_of(const nlattr* attribute) {
  return attribute == nullptr ? std::string() : nla_get_string(attribute);
}

void read_vlan(nlattr* data, Link& link) {
  std::array<nlattr*, IFLA_VLAN_MAX + 1> vlan{};
  if (nla_parse_nested(vlan.data(), IFLA_VLAN_MAX, data, nullptr) < 0) return;
  if (vlan[IFLA_VLAN_ID] != nullptr) link.vid = nla_get_u16(vlan[IFLA_VLAN_ID]);
  link.service_vlan = vlan[IFLA_VLAN_PROTOCOL] != nullptr &&
                      nla_get_u16(vlan[IFLA_VLAN_PROTOCOL]) == htons(ETH_P_8021AD);
}

void read_macvlan(nlattr* data, Link& link) {
  std::array<nlattr*, IFLA_MACVLAN_MAX + 1> macvlan{};
  if (data == nullptr || nla_parse_nested(macvlan.data(), IFLA_MACVLAN_MAX, data, nullptr) < 0) {
    return;
  }
  if (macvlan[IFLA_MACVLAN_MODE] != nullptr) {
    link.macvlan_mode = nla_get_u32(macvlan[IFLA_MACVLAN_MODE]);
  }
}

void read_kind(nlattr* info_attribute, Link& link) {
  std::array<nlattr*, IFLA_INFO_MAX + 1> info{};
  if (nla_parse_nested(info.data(), IFLA_INFO_MAX, info_attribute, nullptr) < 0) return;
  link.kind = text_of(info[IFLA_INFO_KIND]);
  link.bridge_port = text_of(info[IFLA_INFO_SLAVE_KIND]) == "bridge";
  if (is_guest_device(link)) read_macvlan(info[IFLA_INFO_DATA], link);
  if (link.kind == "vlan" && info[IFLA_INFO_DATA] != nullptr) read_vlan(info[IFLA_INFO_DATA], link);
}

}  // namespace

bool is_guest_device(const Link& link) { return link.kind == "macvtap" || link.kind == "macvlan"; }

std::optional<Link> read_link(const nlmsghdr* header) {
  std::array<nlattr*, IFLA_MAX + 1> attributes{};
  // libnl's parser only reads, but takes no const.
  if (nlmsg_parse(const_cast<nlmsghdr*>(header), sizeof(ifinfomsg), attributes.data(), IFLA_MAX,
                  nullptr) < 0) {
    return std::nullopt;
  }
  if (attributes[IFLA_IFNAME] == nullptr) return std::nullopt;
  const auto* const info = static_cast<const ifinfomsg*>(nlmsg_data(header));
  Link link;
  link.index = info->ifi_index;
  link.name = text_of(attributes[IFLA_IFNAME]);
  link.alias = text_of(attributes[IFLA_IFALIAS]);
  link.admin_up = (info->ifi_flags & IFF_UP) != 0;
  link.running = link.admin_up && (info->ifi_flags & IFF_LOWER_UP) != 0;
  if (attributes[IFLA_MTU] != nullptr) link.mtu = nla_get_u32(attributes[IFLA_MTU]);
  if (attributes[IFLA_MAX_MTU] != nullptr) link.max_mtu = nla_get_u32(attributes[IFLA_MAX_MTU]);
  if (attributes[IFLA_MASTER] != nullptr) {
    link.master = static_cast<int>(nla_get_u32(attributes[IFLA_MASTER]));
  }
  const auto* const address = attributes[IFLA_ADDRESS];
  if (address != nullptr && nla_len(address) == 6) {
    std::copy_n(static_cast<const std::uint8_t*>(nla_data(address)), 6,
                link.address.octets.begin());
  }
  // With a namespace id the index is one of another namespace and means nothing here.
  if (attributes[IFLA_LINK] != nullptr && attributes[IFLA_LINK_NETNSID] == nullptr) {
    link.lower = static_cast<int>(nla_get_u32(attributes[IFLA_LINK]));
  }
  if (attributes[IFLA_LINKINFO] != nullptr) read_kind(attributes[IFLA_LINKINFO], link);
  return link;
}

bool moved_away(const nlmsghdr* header) {
  return nlmsg_find_attr(const_cast<nlmsghdr*>(header), sizeof(ifinfomsg), IFLA_NEW_NETNSID) !=
         nullptr;
}

}  // namespace agent::net
