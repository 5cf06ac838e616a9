// SPDX-License-Identifier: Apache-2.0
#include "agent/net/traffic_control.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

namespace agent::net {
namespace {

constexpr std::uint32_t kClsactHandle = TC_H_MAKE(TC_H_CLSACT, 0);
static_assert(kIngressHook == TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS));
static_assert(kEgressHook == TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS));

constexpr std::uint64_t kMost32 = std::numeric_limits<std::uint32_t>::max();
/// What may wait: a twentieth of a second, and two segments of those that a host hands on whole.
constexpr std::uint64_t kQueuesPerSecond = 20;
constexpr std::uint64_t kLeastQueue = std::uint64_t{128} << 10U;
/// Frames that no class is for and that the device cannot take at once; an ifb's own 32 are few.
constexpr std::uint32_t kDirectQueue = 1000;

std::uint64_t octets_per_second(const profiles::Rate& rate) {
  return std::max<std::uint64_t>(rate.bits_per_second / 8, 1);
}

/// How long the octets take at the rate, in the kernel's unit for it: 64 ns.
std::uint32_t ticks(std::uint64_t octets, std::uint64_t per_second) {
  const auto seconds = static_cast<double>(octets) / static_cast<double>(per_second);
  constexpr double kTicksPerSecond = 1e9 / 64;
  return static_cast<std::uint32_t>(
      std::clamp(seconds * kTicksPerSecond, 1.0, static_cast<double>(kMost32)));
}

void put_action(nl_msg* message, const char* kind, auto&& put_options) {
  auto* const actions = nla_nest_start(message, TCA_BPF_ACT);
  auto* const action = nla_nest_start(message, 1);
  nla_put_string(message, TCA_ACT_KIND, kind);
  auto* const options = nla_nest_start(message, TCA_ACT_OPTIONS);
  put_options();
  nla_nest_end(message, options);
  nla_nest_end(message, action);
  nla_nest_end(message, actions);
}

void put_redirection(nl_msg* message, int to) {
  put_action(message, "mirred", [&] {
    tc_mirred mirred{};
    mirred.action = TC_ACT_STOLEN;
    mirred.eaction = TCA_EGRESS_REDIR;
    mirred.ifindex = static_cast<std::uint32_t>(to);
    nla_put(message, TCA_MIRRED_PARMS, sizeof mirred, &mirred);
  });
}

void put_longest(nl_msg* message, std::uint32_t octets) {
  put_action(message, "police", [&] {
    tc_police police{};
    police.action = TC_ACT_SHOT;
    police.mtu = octets;
    nla_put(message, TCA_POLICE_TBF, sizeof police, &police);
    nla_put_u32(message, TCA_POLICE_RESULT, static_cast<std::uint32_t>(TC_ACT_UNSPEC));
  });
}

}  // namespace

NlMessage tc_message(int type, int flags, int device, std::uint32_t parent, std::uint32_t handle,
                     std::uint32_t info, std::size_t size) {
  auto message = make_message(type, flags, size);
  tcmsg tc{};
  tc.tcm_family = AF_UNSPEC;
  tc.tcm_ifindex = device;
  tc.tcm_parent = parent;
  tc.tcm_handle = handle;
  tc.tcm_info = info;
  nlmsg_append(message.get(), &tc, sizeof tc, NLMSG_ALIGNTO);
  return message;
}

std::uint32_t filter_info(std::uint32_t priority) {
  return TC_H_MAKE(priority << 16U, htons(ETH_P_ALL));
}

NlMessage clsact_message(int device) {
  auto message =
      tc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, device, TC_H_CLSACT, kClsactHandle);
  nla_put_string(message.get(), TCA_KIND, "clsact");
  return message;
}

NlMessage no_clsact_message(int device) {
  return tc_message(RTM_DELQDISC, 0, device, TC_H_CLSACT, kClsactHandle);
}

NlMessage ifb_message(const std::string& name) {
  auto message = make_link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, AF_UNSPEC, 0);
  nla_put_string(message.get(), IFLA_IFNAME, name.c_str());
  auto* const info = nla_nest_start(message.get(), IFLA_LINKINFO);
  nla_put_string(message.get(), IFLA_INFO_KIND, "ifb");
  nla_nest_end(message.get(), info);
  return message;
}

NlMessage bpf_filter_message(const BpfFilter& filter) {
  const auto octets = filter.program.size() * sizeof(sock_filter);
  auto message = tc_message(RTM_NEWTFILTER, NLM_F_CREATE, filter.device, filter.parent,
                            filter.handle, filter_info(filter.priority), 512 + octets);
  nla_put_string(message.get(), TCA_KIND, "bpf");
  auto* const options = nla_nest_start(message.get(), TCA_OPTIONS);
  nla_put_u16(message.get(), TCA_BPF_OPS_LEN, static_cast<std::uint16_t>(filter.program.size()));
  nla_put(message.get(), TCA_BPF_OPS, static_cast<int>(octets), filter.program.data());
  if (filter.direct_action) nla_put_u32(message.get(), TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
  if (filter.redirect_to) put_redirection(message.get(), *filter.redirect_to);
  if (filter.longest) put_longest(message.get(), *filter.longest);
  nla_nest_end(message.get(), options);
  return message;
}

NlMessage no_filter_message(int device, std::uint32_t parent, std::uint32_t priority,
                            std::uint32_t handle) {
  return tc_message(RTM_DELTFILTER, 0, device, parent, handle, filter_info(priority));
}

NlMessage htb_message(int device, std::uint32_t handle) {
  auto message = tc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, device, TC_H_ROOT, handle);
  nla_put_string(message.get(), TCA_KIND, "htb");
  auto* const options = nla_nest_start(message.get(), TCA_OPTIONS);
  tc_htb_glob global{};
  global.version = 3;
  global.rate2quantum = 10;
  nla_put(message.get(), TCA_HTB_INIT, sizeof global, &global);
  nla_put_u32(message.get(), TCA_HTB_DIRECT_QLEN, kDirectQueue);
  nla_nest_end(message.get(), options);
  return message;
}

NlMessage no_root_message(int device, std::uint32_t handle) {
  return tc_message(RTM_DELQDISC, 0, device, TC_H_ROOT, handle);
}

NlMessage htb_class_message(int device, std::uint32_t qdisc, std::uint32_t id,
                            const profiles::Rate& rate) {
  const auto octets = octets_per_second(rate);
  tc_htb_opt options{};
  options.rate.linklayer = TC_LINKLAYER_ETHERNET;
  options.rate.rate = static_cast<std::uint32_t>(std::min(octets, kMost32));
  options.ceil = options.rate;
  options.buffer = ticks(rate.burst(), octets);
  options.cbuffer = options.buffer;
  options.quantum = 1514;  // classes share nothing: it only has to be a frame
  auto message = tc_message(RTM_NEWTCLASS, NLM_F_CREATE, device, qdisc, id);
  nla_put_string(message.get(), TCA_KIND, "htb");
  auto* const nest = nla_nest_start(message.get(), TCA_OPTIONS);
  if (octets > kMost32) {
    nla_put_u64(message.get(), TCA_HTB_RATE64, octets);
    nla_put_u64(message.get(), TCA_HTB_CEIL64, octets);
  }
  nla_put(message.get(), TCA_HTB_PARMS, sizeof options, &options);
  nla_nest_end(message.get(), nest);
  return message;
}

NlMessage no_class_message(int device, std::uint32_t id) {
  return tc_message(RTM_DELTCLASS, 0, device, 0, id);
}

NlMessage class_queue_message(int device, std::uint32_t id, const profiles::Rate& rate) {
  auto message = tc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, device, id, 0);
  nla_put_string(message.get(), TCA_KIND, "bfifo");
  tc_fifo_qopt queue{};
  queue.limit = static_cast<std::uint32_t>(
      std::clamp(octets_per_second(rate) / kQueuesPerSecond, kLeastQueue, kMost32));
  nla_put(message.get(), TCA_OPTIONS, sizeof queue, &queue);
  return message;
}

}  // namespace agent::net
