// SPDX-License-Identifier: Apache-2.0
#include "agent/interface/messages.hpp"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/link/macvtap.h>
#include <netlink/route/link/vlan.h>

#include <new>

namespace agent::interface {
namespace {

using net::NlMessage;

struct PutLink {
  void operator()(rtnl_link* link) const { rtnl_link_put(link); }
};
using NewLink = std::unique_ptr<rtnl_link, PutLink>;

NewLink checked(rtnl_link* link) {
  if (link == nullptr) throw std::bad_alloc();
  return NewLink(link);
}

NlMessage creation(rtnl_link* link) {
  nl_msg* message = nullptr;
  if (rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL | NLM_F_REQUEST, &message) < 0) {
    throw std::bad_alloc();
  }
  return NlMessage(message);
}

std::uint32_t macvlan_mode(pb::InterfaceMode mode) {
  switch (mode) {
    case pb::MODE_BRIDGE: return MACVLAN_MODE_BRIDGE;
    case pb::MODE_PRIVATE: return MACVLAN_MODE_PRIVATE;
    case pb::MODE_PASSTHROUGH: return MACVLAN_MODE_PASSTHRU;
    default: return MACVLAN_MODE_VEPA;
  }
}

/// One setting of a virtual function.
template <class Setting>
NlMessage vf_message(int physical, int attribute, const Setting& setting) {
  auto message = net::make_link_message(RTM_SETLINK, 0, AF_UNSPEC, physical);
  auto* const list = nla_nest_start(message.get(), IFLA_VFINFO_LIST);
  auto* const info = nla_nest_start(message.get(), IFLA_VF_INFO);
  nla_put(message.get(), attribute, sizeof setting, &setting);
  nla_nest_end(message.get(), info);
  nla_nest_end(message.get(), list);
  return message;
}

}  // namespace

NlMessage vlan_message(const journal::VlanDevice& order, int lower) {
  const auto link = checked(rtnl_link_vlan_alloc());
  rtnl_link_set_name(link.get(), order.name().c_str());
  rtnl_link_set_link(link.get(), lower);
  rtnl_link_vlan_set_id(link.get(), static_cast<std::uint16_t>(order.vid()));
  if (order.priority() != 0) {
    rtnl_link_vlan_set_egress_map(link.get(), 0, static_cast<int>(order.priority()));
  }
  return creation(link.get());
}

NlMessage endpoint_message(const journal::Endpoint& order, int lower) {
  const auto link =
      checked(order.macvlan() ? rtnl_link_macvlan_alloc() : rtnl_link_macvtap_alloc());
  rtnl_link_set_name(link.get(), order.name().c_str());
  rtnl_link_set_link(link.get(), lower);
  const auto mode = macvlan_mode(order.mode());
  if (order.macvlan()) {
    rtnl_link_macvlan_set_mode(link.get(), mode);
  } else {
    rtnl_link_macvtap_set_mode(link.get(), mode);
  }
  auto message = creation(link.get());
  // In mode passthrough the kernel gives the endpoint the device's address, which is set before.
  const auto mac = lldp::parse_mac_address(order.mac()).value_or(lldp::MacAddress{});
  nla_put(message.get(), IFLA_ADDRESS, static_cast<int>(mac.octets.size()), mac.octets.data());
  return message;
}

NlMessage set_address_message(int device, const lldp::MacAddress& mac) {
  auto message = net::make_link_message(RTM_NEWLINK, 0, AF_UNSPEC, device);
  nla_put(message.get(), IFLA_ADDRESS, static_cast<int>(mac.octets.size()), mac.octets.data());
  return message;
}

NlMessage set_mtu_message(int device, std::uint32_t mtu) {
  auto message = net::make_link_message(RTM_NEWLINK, 0, AF_UNSPEC, device);
  nla_put_u32(message.get(), IFLA_MTU, mtu);
  return message;
}

NlMessage set_up_message(int device, bool up) {
  auto message = net::make_link_message(RTM_NEWLINK, 0, AF_UNSPEC, device);
  auto* const info = static_cast<ifinfomsg*>(nlmsg_data(nlmsg_hdr(message.get())));
  info->ifi_change = IFF_UP;
  info->ifi_flags = up ? static_cast<unsigned>(IFF_UP) : 0U;
  return message;
}

NlMessage vf_mac_message(int physical, std::uint32_t number, const lldp::MacAddress& mac) {
  ifla_vf_mac wanted{};
  wanted.vf = number;
  std::copy(mac.octets.begin(), mac.octets.end(), wanted.mac);
  return vf_message(physical, IFLA_VF_MAC, wanted);
}

NlMessage vf_vlan_message(int physical, std::uint32_t number, std::uint32_t vid,
                          std::uint32_t priority) {
  return vf_message(physical, IFLA_VF_VLAN, ifla_vf_vlan{number, vid, priority});
}

NlMessage vf_rate_message(int physical, std::uint32_t number, std::uint32_t rate) {
  return vf_message(physical, IFLA_VF_TX_RATE, ifla_vf_tx_rate{number, rate});
}

NlMessage port_profile_message(int device, const journal::PortProfile& order, bool associate) {
  const bool function = !order.physical().empty();
  const auto mac = lldp::parse_mac_address(order.mac());
  auto message = function && associate && mac
                     ? vf_mac_message(device, order.number(), *mac)
                     : net::make_link_message(RTM_SETLINK, 0, AF_UNSPEC, device);
  auto* const ports = function ? nla_nest_start(message.get(), IFLA_VF_PORTS) : nullptr;
  auto* const port =
      nla_nest_start(message.get(), function ? int{IFLA_VF_PORT} : int{IFLA_PORT_SELF});
  if (associate) {
    nla_put_string(message.get(), IFLA_PORT_PROFILE, order.profile().c_str());
    if (order.instance().size() == PORT_UUID_MAX) {
      nla_put(message.get(), IFLA_PORT_INSTANCE_UUID, PORT_UUID_MAX, order.instance().data());
    }
    if (order.host().size() == PORT_UUID_MAX) {
      nla_put(message.get(), IFLA_PORT_HOST_UUID, PORT_UUID_MAX, order.host().data());
    }
  }
  if (function) nla_put_u32(message.get(), IFLA_PORT_VF, order.number());
  nla_put_u8(message.get(), IFLA_PORT_REQUEST,
             associate ? PORT_REQUEST_ASSOCIATE : PORT_REQUEST_DISASSOCIATE);
  nla_nest_end(message.get(), port);
  if (ports != nullptr) nla_nest_end(message.get(), ports);
  return message;
}

}  // namespace agent::interface
