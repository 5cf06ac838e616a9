// SPDX-License-Identifier: Apache-2.0
#include "agent/net/port_limits.hpp"

#include <fmt/format.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cerrno>
#include <utility>

#include "agent/net/traffic_control.hpp"

namespace agent::net {
namespace {

/// Unlikely to be anybody else's.
constexpr std::uint32_t kQdisc = 0xEB100000;
constexpr std::uint32_t kPriority = 0xEB10;
constexpr std::uint16_t kLastNumber = 0xFFFE;
constexpr std::uint32_t kDestination = 0;
constexpr std::uint32_t kSource = 6;

/// The port's index tells ports apart in 15 octets.
std::string ifb_name(int port) { return fmt::format("evb-in{}", port); }

std::uint32_t class_id(std::uint16_t number) { return kQdisc | number; }

/// Returns `verdict` for frames that have one of the addresses at `at`, else 0.
std::vector<sock_filter> match(const std::vector<lldp::MacAddress>& macs, std::uint32_t at,
                               std::uint32_t verdict) {
  std::vector<sock_filter> program;
  program.reserve(macs.size() * 5 + 1);
  for (const auto& mac : macs) {
    const auto half = [&mac](std::size_t i) {
      return static_cast<std::uint32_t>(mac.octets[i]) << 8U | mac.octets[i + 1];
    };
    program.push_back({BPF_LD | BPF_W | BPF_ABS, 0, 0, at});
    program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 3, half(0) << 16U | half(2)});
    program.push_back({BPF_LD | BPF_H | BPF_ABS, 0, 0, at + 4});
    program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, half(4)});
    program.push_back({BPF_RET | BPF_K, 0, 0, verdict});
  }
  program.push_back({BPF_RET | BPF_K, 0, 0, 0});
  return program;
}

std::optional<PortLimits::Failure> named(std::string_view parameter, std::string_view what,
                                         std::optional<PortLimits::Failure> failure,
                                         int harmless = 0) {
  if (!failure || failure->error == harmless) return std::nullopt;
  failure->text =
      fmt::format("{}: this port cannot limit it ({}: {})", parameter, what, failure->text);
  return failure;
}

bool has_filters(RouteSocket& socket, int device, std::uint32_t hook) {
  bool found = false;
  socket.query(tc_message(RTM_GETTFILTER, NLM_F_DUMP, device, hook, 0),
               [&found](const nlmsghdr* header) {
                 if (header->nlmsg_type == RTM_NEWTFILTER) found = true;
               });
  return found;
}

}  // namespace

std::optional<PortLimits::Failure> PortLimits::set(const vdp::VsiId& vsi,
                                                   std::vector<lldp::MacAddress> macs,
                                                   const VsiLimits& limits) {
  const auto found = vsis_.find(vsi);
  const auto before = found == vsis_.end() ? Limited{} : found->second;
  if (!limits.any()) {
    remove(vsi);
    return std::nullopt;
  }
  auto wanted = Limited{{std::move(macs), limits}, before.number};
  if (wanted.number == 0) {
    const auto number = free_number();
    if (!number) return Failure{0, ENOSPC, "the port's classes of bandwidth are all taken"};
    wanted.number = *number;
  }
  if (auto failure = install(wanted, before)) {
    // Whatever stands of it now goes, and what was there comes back.
    vsis_[vsi] = wanted;
    numbers_[wanted.number] = vsi;
    remove(vsi);
    if (before.limits.any()) set(vsi, before.macs, before.limits);
    return failure;
  }
  numbers_[wanted.number] = vsi;
  vsis_[vsi] = std::move(wanted);
  return std::nullopt;
}

std::optional<PortLimits::Failure> PortLimits::install(const Limited& wanted,
                                                       const Limited& before) {
  if (wanted.limits.receive) {
    if (auto failure = prepare_receive()) return failure;
    if (auto failure = limit(original_.index, wanted, false)) return failure;
  } else if (before.limits.receive) {
    lift(original_.index, wanted.number, false);
  }
  if (wanted.limits.transmit) {
    if (auto failure = prepare_transmit()) return failure;
    return limit(ifb_, wanted, true);
  }
  if (before.limits.transmit) lift(ifb_, wanted.number, true);
  return std::nullopt;
}

std::optional<PortLimits::Failure> PortLimits::prepare_receive() {
  if (receives_) return std::nullopt;
  auto failure =
      named("receive", "queue htb", socket_.perform(htb_message(original_.index, kQdisc)));
  receives_ = !failure;
  return failure;
}

std::optional<PortLimits::Failure> PortLimits::prepare_transmit() {
  if (ifb_ != 0) return std::nullopt;
  const auto name = ifb_name(original_.index);
  if (auto failure =
          named("transmit", "a device of kind ifb", socket_.perform(ifb_message(name)), EEXIST)) {
    return failure;
  }
  ifb_ = static_cast<int>(::if_nametoindex(name.c_str()));
  auto up = make_link_message(RTM_NEWLINK, 0, AF_UNSPEC, ifb_);
  auto* const link = static_cast<ifinfomsg*>(nlmsg_data(nlmsg_hdr(up.get())));
  link->ifi_flags = link->ifi_change = IFF_UP;
  auto failure = named("transmit", "ifb", socket_.perform(std::move(up)));
  if (!failure)
    failure = named("transmit", "queue htb", socket_.perform(htb_message(ifb_, kQdisc)));
  if (!failure) {
    failure =
        named("transmit", "queue clsact", socket_.perform(clsact_message(original_.index)), EEXIST);
  }
  return failure;
}

std::optional<PortLimits::Failure> PortLimits::limit(int device, const Limited& wanted,
                                                     bool transmit) {
  const auto& rate = transmit ? *wanted.limits.transmit : *wanted.limits.receive;
  const auto id = class_id(wanted.number);
  const auto at = transmit ? kSource : kDestination;
  std::vector<NlMessage> messages;
  messages.push_back(htb_class_message(device, kQdisc, id, rate));
  messages.push_back(class_queue_message(device, id, rate));
  messages.push_back(bpf_filter_message({.device = device,
                                         .parent = kQdisc,
                                         .priority = kPriority,
                                         .handle = wanted.number,
                                         .program = match(wanted.macs, at, id)}));
  if (transmit) {
    messages.push_back(bpf_filter_message({.device = original_.index,
                                           .parent = kIngressHook,
                                           .priority = kPriority,
                                           .handle = wanted.number,
                                           .program = match(wanted.macs, at, 0xFFFFFFFF),
                                           .redirect_to = ifb_}));
  }
  auto failures = socket_.perform(messages);
  if (failures.empty()) return std::nullopt;
  constexpr const char* kWhat[] = {"a class of htb", "queue bfifo", "filter bpf",
                                   "filter bpf with action mirred"};
  const auto* const what = kWhat[failures.front().index];
  return named(transmit ? "transmit" : "receive", what, std::move(failures.front()));
}

PortLimits::Held PortLimits::held(const vdp::VsiId& vsi) const {
  const auto found = vsis_.find(vsi);
  if (found == vsis_.end()) return {};
  return {found->second.macs, found->second.limits};
}

void PortLimits::lift(int device, std::uint16_t number, bool transmit) {
  std::vector<NlMessage> messages;
  if (transmit) {
    messages.push_back(no_filter_message(original_.index, kIngressHook, kPriority, number));
  }
  messages.push_back(no_filter_message(device, kQdisc, kPriority, number));
  messages.push_back(no_class_message(device, class_id(number)));
  socket_.perform(messages);  // of what is not there, nobody needs to hear
}

void PortLimits::remove(const vdp::VsiId& vsi) {
  const auto found = vsis_.find(vsi);
  if (found == vsis_.end()) return;
  const auto number = found->second.number;
  if (found->second.limits.receive) lift(original_.index, number, false);
  if (found->second.limits.transmit) lift(ifb_, number, true);
  vsis_.erase(found);
  numbers_.erase(number);
  if (!vsis_.empty()) return;
  undo(socket_, original_);
  receives_ = false;
  ifb_ = 0;
}

std::optional<std::uint16_t> PortLimits::free_number() const {
  if (numbers_.empty()) return std::uint16_t{1};
  if (numbers_.rbegin()->first < kLastNumber) {
    return static_cast<std::uint16_t>(numbers_.rbegin()->first + 1);
  }
  std::uint16_t number = 1;
  for (const auto& [taken, vsi] : numbers_) {
    if (taken != number) return number;
    ++number;
  }
  return std::nullopt;
}

void PortLimits::undo(RouteSocket& socket, const BridgePortState& original) {
  socket.perform(no_root_message(original.index, kQdisc));
  socket.perform(no_filter_message(original.index, kIngressHook, kPriority, 0));
  if (!original.clsact && !has_filters(socket, original.index, kIngressHook) &&
      !has_filters(socket, original.index, kEgressHook)) {
    socket.perform(no_clsact_message(original.index));
  }
  const auto ifb = static_cast<int>(::if_nametoindex(ifb_name(original.index).c_str()));
  if (ifb != 0) socket.perform(make_link_message(RTM_DELLINK, 0, AF_UNSPEC, ifb));
}

}  // namespace agent::net
