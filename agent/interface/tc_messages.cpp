// SPDX-License-Identifier: Apache-2.0
// Traffic control: filters and token buckets.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>

#include <algorithm>
#include <limits>

#include "agent/interface/messages.hpp"
#include "agent/net/attributes.hpp"

namespace agent::interface {
namespace {

using net::NlMessage;

constexpr std::uint32_t kClsactHandle = TC_H_MAKE(TC_H_CLSACT, 0);
constexpr std::uint32_t kRootHandle = 0x00010000;
constexpr std::uint32_t kFilterPriority = 1;
constexpr std::uint32_t kRedirectPriority = 2;
constexpr std::uint32_t kFilterHandle = 1;
/// A frame longer than the bucket is never sent; segments of one that was put together are.
constexpr std::uint64_t kFramesInBucket = 2;
constexpr std::uint64_t kLinkHeader = 18;
/// A bucket that holds less than the kernel's timers need cannot reach its rate.
constexpr std::uint64_t kBucketsPerSecond = 500;
/// What may wait: a twentieth of a second, as much as a full buffer delays.
constexpr std::uint64_t kQueuesPerSecond = 20;

std::uint32_t hook(Direction direction) {
  return TC_H_MAKE(TC_H_CLSACT,
                   direction == Direction::kTransmit ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
}

NlMessage tc_message(int type, int flags, int device, std::uint32_t parent, std::uint32_t handle,
                     std::uint32_t info, std::size_t size = 512) {
  auto message = net::make_message(type, flags, size);
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

void put_program(nl_msg* message, const std::vector<sock_filter>& program) {
  nla_put_u16(message, TCA_BPF_OPS_LEN, static_cast<std::uint16_t>(program.size()));
  nla_put(message, TCA_BPF_OPS, static_cast<int>(program.size() * sizeof(sock_filter)),
          program.data());
}

NlMessage bpf_message(int device, std::uint32_t parent, std::uint32_t priority,
                      std::size_t instructions) {
  auto message = tc_message(RTM_NEWTFILTER, NLM_F_CREATE, device, parent, kFilterHandle,
                            filter_info(priority), 512 + instructions * sizeof(sock_filter));
  nla_put_string(message.get(), TCA_KIND, "bpf");
  return message;
}

}  // namespace

NlMessage clsact_message(int device) {
  auto message =
      tc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, device, TC_H_CLSACT, kClsactHandle, 0);
  nla_put_string(message.get(), TCA_KIND, "clsact");
  return message;
}

NlMessage filter_message(int device, Direction direction, const std::vector<sock_filter>& program) {
  auto message = bpf_message(device, hook(direction), kFilterPriority, program.size());
  auto* const options = nla_nest_start(message.get(), TCA_OPTIONS);
  put_program(message.get(), program);
  nla_put_u32(message.get(), TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
  nla_nest_end(message.get(), options);
  return message;
}

NlMessage no_filter_message(int device, Direction direction) {
  return tc_message(RTM_DELTFILTER, 0, device, hook(direction), 0, filter_info(kFilterPriority));
}

NlMessage filters_request(int device, Direction direction) {
  return tc_message(RTM_GETTFILTER, NLM_F_DUMP, device, hook(direction), 0, 0);
}

std::optional<std::vector<sock_filter>> read_filter(const nlmsghdr* header) {
  std::array<nlattr*, TCA_MAX + 1> attributes{};
  std::array<nlattr*, TCA_BPF_MAX + 1> bpf{};
  const auto* const tc = static_cast<const tcmsg*>(nlmsg_data(header));
  if (TC_H_MAJ(tc->tcm_info) != TC_H_MAJ(filter_info(kFilterPriority)) ||
      !net::parse(attributes, header, sizeof(tcmsg)) ||
      !net::parse_nested(bpf, attributes[TCA_OPTIONS]) || bpf[TCA_BPF_OPS] == nullptr) {
    return std::nullopt;
  }
  const auto* const first = static_cast<const sock_filter*>(nla_data(bpf[TCA_BPF_OPS]));
  return std::vector<sock_filter>(
      first, first + static_cast<std::size_t>(nla_len(bpf[TCA_BPF_OPS])) / sizeof(sock_filter));
}

NlMessage redirect_message(int device, int buffer) {
  const std::vector<sock_filter> everything{{BPF_RET | BPF_K, 0, 0, 0xFFFFFFFF}};
  auto message = bpf_message(device, hook(Direction::kReceive), kRedirectPriority, 1);
  auto* const options = nla_nest_start(message.get(), TCA_OPTIONS);
  put_program(message.get(), everything);
  auto* const actions = nla_nest_start(message.get(), TCA_BPF_ACT);
  auto* const action = nla_nest_start(message.get(), 1);
  nla_put_string(message.get(), TCA_ACT_KIND, "mirred");
  auto* const action_options = nla_nest_start(message.get(), TCA_ACT_OPTIONS);
  tc_mirred mirred{};
  mirred.action = TC_ACT_STOLEN;
  mirred.eaction = TCA_EGRESS_REDIR;
  mirred.ifindex = static_cast<std::uint32_t>(buffer);
  nla_put(message.get(), TCA_MIRRED_PARMS, sizeof mirred, &mirred);
  nla_nest_end(message.get(), action_options);
  nla_nest_end(message.get(), action);
  nla_nest_end(message.get(), actions);
  nla_nest_end(message.get(), options);
  return message;
}

NlMessage no_redirect_message(int device) {
  return tc_message(RTM_DELTFILTER, 0, device, hook(Direction::kReceive), 0,
                    filter_info(kRedirectPriority));
}

NlMessage rate_message(int device, const journal::Rate& rate, std::size_t mtu) {
  const std::uint64_t octets = std::max<std::uint64_t>(rate.bits_per_second() / 8, 1);
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  auto burst = rate.burst_octets();
  if (burst == 0) burst = octets / kBucketsPerSecond;
  burst = std::clamp<std::uint64_t>(burst, kFramesInBucket * (mtu + kLinkHeader), kMost);
  tc_tbf_qopt bucket{};
  bucket.rate.linklayer = TC_LINKLAYER_ETHERNET;
  bucket.rate.rate = static_cast<std::uint32_t>(std::min(octets, kMost));
  bucket.limit = static_cast<std::uint32_t>(
      std::min(kMost, burst + std::max(octets / kQueuesPerSecond, kFramesInBucket * mtu)));
  auto message =
      tc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, device, TC_H_ROOT, kRootHandle, 0);
  nla_put_string(message.get(), TCA_KIND, "tbf");
  auto* const options = nla_nest_start(message.get(), TCA_OPTIONS);
  nla_put(message.get(), TCA_TBF_PARMS, sizeof bucket, &bucket);
  nla_put_u32(message.get(), TCA_TBF_BURST, static_cast<std::uint32_t>(burst));
  if (octets > kMost) nla_put_u64(message.get(), TCA_TBF_RATE64, octets);
  nla_nest_end(message.get(), options);
  return message;
}

NlMessage no_rate_message(int device) {
  return tc_message(RTM_DELQDISC, 0, device, TC_H_ROOT, kRootHandle, 0);
}

}  // namespace agent::interface
