// SPDX-License-Identifier: Apache-2.0
#include "agent/net/s_vlan.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/route/link.h>
#include <netlink/route/link/vlan.h>

#include <cerrno>
#include <memory>
#include <new>

#include "agent/net/bridge_messages.hpp"

namespace agent::net {
namespace {

struct PutLink {
  void operator()(rtnl_link* link) const { rtnl_link_put(link); }
};

NlMessage creation(const SVlan& device) {
  const std::unique_ptr<rtnl_link, PutLink> link(rtnl_link_vlan_alloc());
  if (!link) throw std::bad_alloc();
  rtnl_link_set_name(link.get(), device.name.c_str());
  rtnl_link_set_link(link.get(), device.lower);
  rtnl_link_vlan_set_id(link.get(), device.svid);
  rtnl_link_vlan_set_protocol(link.get(), htons(ETH_P_8021AD));
  nl_msg* message = nullptr;
  if (rtnl_link_build_add_request(link.get(), NLM_F_CREATE | NLM_F_EXCL | NLM_F_REQUEST, &message) <
      0) {
    throw std::bad_alloc();
  }
  return NlMessage(message);
}

NlMessage change(int index, bool up, std::size_t room) {
  auto message = make_message(RTM_SETLINK, 0, room);
  ifinfomsg info{};
  info.ifi_family = AF_UNSPEC;
  info.ifi_index = index;
  info.ifi_flags = up ? IFF_UP : 0;
  info.ifi_change = IFF_UP;
  nlmsg_append(message.get(), &info, sizeof info, NLMSG_ALIGNTO);
  return message;
}

/// By name: the index is not known before the device is there.
NlMessage marking(const SVlan& device) {
  auto message = change(0, false, 1024);
  nla_put_string(message.get(), IFLA_IFNAME, device.name.c_str());
  nla_put_string(message.get(), IFLA_IFALIAS, device.alias.c_str());
  if (device.master != 0) {
    nla_put_u32(message.get(), IFLA_MASTER, static_cast<std::uint32_t>(device.master));
  }
  return message;
}

constexpr std::string_view kNoVlanDevices =
    "this kernel has no VLAN devices ({}); S-channels need its module 8021q (CONFIG_VLAN_8021Q): "
    "load it, or take [port.cdcp] out of the configuration";

}  // namespace

tl::expected<SVlanControl, std::string> SVlanControl::open() {
  auto socket = RouteSocket::open();
  if (!socket) return tl::unexpected(socket.error());
  return SVlanControl(std::move(*socket));
}

/// A VLAN device without a VLAN: a kernel that knows the kind finds that it is incomplete, one that
/// does not says so.
SVlanControl::Done SVlanControl::supported() {
  auto message = make_link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, AF_UNSPEC, 0);
  auto* const info = nla_nest_start(message.get(), IFLA_LINKINFO);
  nla_put_string(message.get(), IFLA_INFO_KIND, "vlan");
  nla_nest_end(message.get(), info);
  const auto failure = socket_.perform(std::move(message));
  if (!failure || failure->error != EOPNOTSUPP) return {};
  return tl::unexpected(fmt::format(fmt::runtime(kNoVlanDevices), failure->text));
}

SVlanControl::Done SVlanControl::add(const SVlan& device) {
  std::vector<NlMessage> messages;
  messages.push_back(creation(device));
  messages.push_back(marking(device));
  auto failures = socket_.perform(messages);
  if (failures.empty()) {
    // Up when it is locked: until then it would let everybody into the bridge.
    const auto index = static_cast<int>(::if_nametoindex(device.name.c_str()));
    messages.clear();
    if (device.master != 0) {
      messages.push_back(set_port_flags(index, BridgePortFlags{.locked = true}, false));
    }
    messages.push_back(change(index, true, 256));
    failures = socket_.perform(messages);
    if (failures.empty()) return {};
    failures.front().index = 1;
  }
  const auto& failure = failures.front();
  if (failure.index == 0 && failure.error == EOPNOTSUPP) {
    return tl::unexpected(fmt::format(fmt::runtime(kNoVlanDevices), failure.text));
  }
  if (failure.index != 0) {
    remove(device.name, static_cast<int>(::if_nametoindex(device.name.c_str())));
  }
  return tl::unexpected(fmt::format("{}: cannot {} the device of SVID {}: {}", device.name,
                                    failure.index == 0 ? "make" : "set up", device.svid,
                                    failure.text));
}

SVlanControl::Done SVlanControl::set_up(const std::string& name, int index, bool up) {
  const auto failure = socket_.perform(change(index, up, 256));
  if (!failure) return {};
  return tl::unexpected(
      fmt::format("{}: cannot set it {}: {}", name, up ? "up" : "down", failure->text));
}

SVlanControl::Done SVlanControl::remove(const std::string& name, int index) {
  const auto failure = socket_.perform(make_link_message(RTM_DELLINK, 0, AF_UNSPEC, index));
  if (!failure || failure->error == ENODEV) return {};
  return tl::unexpected(fmt::format("{}: cannot remove it: {}", name, failure->text));
}

}  // namespace agent::net
