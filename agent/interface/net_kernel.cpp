// SPDX-License-Identifier: Apache-2.0
#include "agent/interface/net_kernel.hpp"

#include <fmt/format.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/interface/messages.hpp"
#include "agent/net/attributes.hpp"
#include "agent/net/link_message.hpp"
#include "agent/net/traffic_control.hpp"

namespace agent::interface {
namespace {

using net::parse;
using net::parse_nested;

Done wrong(std::string sentence) { return tl::unexpected(std::move(sentence)); }

std::optional<std::uint64_t> read_rate(const nlmsghdr* header) {
  std::array<nlattr*, TCA_MAX + 1> attributes{};
  std::array<nlattr*, TCA_TBF_MAX + 1> bucket{};
  if (!parse(attributes, header, sizeof(tcmsg)) || attributes[TCA_KIND] == nullptr ||
      std::string_view(nla_get_string(attributes[TCA_KIND])) != "tbf" ||
      !parse_nested(bucket, attributes[TCA_OPTIONS]) || bucket[TCA_TBF_PARMS] == nullptr) {
    return std::nullopt;
  }
  if (bucket[TCA_TBF_RATE64] != nullptr) return nla_get_u64(bucket[TCA_TBF_RATE64]) * 8;
  return std::uint64_t{
             static_cast<const tc_tbf_qopt*>(nla_data(bucket[TCA_TBF_PARMS]))->rate.rate} *
         8;
}

constexpr Direction kDirections[] = {Direction::kTransmit, Direction::kReceive};

bool same_instruction(const sock_filter& one, const sock_filter& other) {
  return one.code == other.code && one.jt == other.jt && one.jf == other.jf && one.k == other.k;
}

}  // namespace

tl::expected<NetKernel, std::string> NetKernel::open() {
  auto socket = net::RouteSocket::open();
  if (!socket) return tl::unexpected(socket.error());
  return NetKernel(std::move(*socket));
}

tl::expected<int, std::string> NetKernel::index(const std::string& device) const {
  const auto found = static_cast<int>(::if_nametoindex(device.c_str()));
  if (found == 0) return tl::unexpected(fmt::format("device {} is not there", device));
  return found;
}

Done NetKernel::perform(const std::string& device, net::NlMessage message, std::string_view what,
                        int harmless) {
  const auto failure = socket_.perform(std::move(message));
  if (!failure || failure->error == harmless) return {};
  return wrong(fmt::format("{}: cannot {}: {}", device, what, failure->text));
}

std::vector<net::Link> NetKernel::links() {
  std::vector<net::Link> links;
  socket_.query(net::make_link_message(RTM_GETLINK, NLM_F_DUMP, AF_UNSPEC, 0),
                [&](const nlmsghdr* header) {
                  if (auto link = net::read_link(header)) links.push_back(std::move(*link));
                });
  return links;
}

Done NetKernel::add_vlan(const journal::VlanDevice& order) {
  const auto lower = index(order.lower());
  if (!lower) return wrong(lower.error());
  if (auto made = perform(order.name(), vlan_message(order, *lower),
                          fmt::format("make it, VLAN {} on {}", order.vid(), order.lower()));
      !made) {
    return made;
  }
  return set_up(order.name(), true);
}

Done NetKernel::add_endpoint(const journal::Endpoint& order) {
  const auto lower = index(order.lower());
  if (!lower) return wrong(lower.error());
  return perform(order.name(), endpoint_message(order, *lower),
                 fmt::format("make it on {} in mode {}", order.lower(), to_string(order.mode())));
}

Done NetKernel::remove(const std::string& device) {
  const auto found = index(device);
  if (!found) return {};
  return perform(device, net::make_link_message(RTM_DELLINK, 0, AF_UNSPEC, *found), "remove it",
                 ENODEV);
}

Done NetKernel::set_address(const std::string& device, const lldp::MacAddress& mac) {
  const auto found = index(device);
  if (!found) return wrong(found.error());
  return perform(device, set_address_message(*found, mac),
                 fmt::format("set the address {}", lldp::to_string(mac)));
}

Done NetKernel::set_mtu(const std::string& device, std::uint32_t mtu) {
  const auto found = index(device);
  if (!found) return wrong(found.error());
  if (auto done = perform(device, set_mtu_message(*found, mtu), fmt::format("set the MTU {}", mtu));
      !done) {
    return done;
  }
  // The kernel itself does not: what a tap writes, and what the wire brings, is not compared with
  // the MTU. A kernel without act_police cannot, which is_held_to() tells.
  socket_.perform(net::clsact_message(*found));
  for (const auto direction : kDirections) {
    for (const bool tagged : {false, true}) {
      socket_.perform(mtu_filter_message(*found, direction, tagged, mtu));
    }
  }
  return {};
}

bool NetKernel::is_held_to(const std::string& device, std::uint32_t mtu) {
  const auto found = index(device);
  int filters = 0;
  for (const auto direction : kDirections) {
    if (!found) break;
    socket_.query(filters_request(*found, direction), [&](const nlmsghdr* header) {
      for (const bool tagged : {false, true}) filters += is_mtu_filter(header, tagged, mtu) ? 1 : 0;
    });
  }
  return filters == 4;
}

Done NetKernel::set_up(const std::string& device, bool up) {
  const auto found = index(device);
  if (!found) return up ? wrong(found.error()) : Done();
  return perform(device, set_up_message(*found, up), up ? "set it up" : "set it down");
}

Done NetKernel::set_filter(const std::string& device, int found, const journal::Filter& order,
                           Direction direction) {
  const auto program = compile(order, direction);
  if (program.empty()) {
    socket_.perform(no_filter_message(found, direction));  // there may be none
    return {};
  }
  if (program.size() > BPF_MAXINSNS) {
    return wrong(
        fmt::format("{}: its addresses and VLANs need a filter of {} instructions; the "
                    "kernel takes {}",
                    device, program.size(), BPF_MAXINSNS));
  }
  return perform(device, filter_message(found, direction, program), "filter its frames (cls_bpf)");
}

Done NetKernel::filter(const journal::Filter& order) {
  const auto& device = order.device();
  const auto found = index(device);
  if (!found) return wrong(found.error());
  if (auto place =
          perform(device, net::clsact_message(*found), "filter its frames (clsact)", EEXIST);
      !place) {
    return place;
  }
  if (auto done = set_filter(device, *found, order, Direction::kTransmit); !done) return done;
  return set_filter(device, *found, order, Direction::kReceive);
}

bool NetKernel::is_filtered(const journal::Filter& order) {
  const auto found = index(order.device());
  return found && std::ranges::all_of(kDirections, [&](Direction direction) {
           std::vector<sock_filter> program;
           socket_.query(filters_request(*found, direction), [&](const nlmsghdr* header) {
             if (auto read = read_filter(header)) program = std::move(*read);
           });
           const auto wanted = compile(order, direction);
           return std::ranges::equal(program, wanted, same_instruction);
         });
}

Done NetKernel::transmit(const journal::Transmit& order) {
  const auto found = index(order.device());
  if (!found) return wrong(found.error());
  if (!order.has_rate()) {
    socket_.perform(no_rate_message(*found));
    return {};
  }
  const auto all = links();
  const auto* const link = find(all, *found);
  return perform(order.device(),
                 rate_message(*found, order.rate(), link == nullptr ? 1500 : link->mtu),
                 "limit what it transmits (tc tbf)");
}

Done NetKernel::receive(const journal::Receive& order) {
  const auto found = index(order.device());
  if (!found && order.has_rate()) return wrong(found.error());
  if (!order.has_rate()) {
    if (found) socket_.perform(no_redirect_message(*found));
    return remove(order.buffer());
  }
  const auto& device = order.device();
  if (auto made =
          perform(device, net::ifb_message(order.buffer()), "limit what it receives (ifb)", EEXIST);
      !made) {
    return made;
  }
  if (auto up = set_up(order.buffer(), true); !up) return up;
  if (auto shaped = transmit([&] {
        journal::Transmit shape;
        shape.set_device(order.buffer());
        *shape.mutable_rate() = order.rate();
        return shape;
      }());
      !shaped) {
    return shaped;
  }
  if (auto place =
          perform(device, net::clsact_message(*found), "limit what it receives (clsact)", EEXIST);
      !place) {
    return place;
  }
  const auto buffer = index(order.buffer());
  if (!buffer) return wrong(buffer.error());
  return perform(device, redirect_message(*found, *buffer), "limit what it receives (mirred)");
}

std::optional<std::uint64_t> NetKernel::rate(const std::string& device) {
  const auto found = index(device);
  if (!found) return std::nullopt;
  auto request = net::make_message(RTM_GETQDISC, NLM_F_DUMP);
  tcmsg tc{};
  tc.tcm_ifindex = *found;
  nlmsg_append(request.get(), &tc, sizeof tc, NLMSG_ALIGNTO);
  std::optional<std::uint64_t> rate;
  socket_.query(std::move(request), [&](const nlmsghdr* header) {
    const auto* const qdisc = static_cast<const tcmsg*>(nlmsg_data(header));
    if (qdisc->tcm_ifindex == *found && !rate) rate = read_rate(header);
  });
  return rate;
}

}  // namespace agent::interface
