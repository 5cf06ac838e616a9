// SPDX-License-Identifier: Apache-2.0
// Traffic control: filters and token buckets.
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <limits>

#include "agent/interface/messages.hpp"
#include "agent/net/attributes.hpp"
#include "agent/net/traffic_control.hpp"

namespace agent::interface {
namespace {

using net::NlMessage;

constexpr std::uint32_t kRootHandle = 0x00010000;
constexpr std::uint32_t kFilterPriority = 1;
constexpr std::uint32_t kRedirectPriority = 2;
/// A frame longer than the bucket is never sent; segments of one that was put together are.
constexpr std::uint64_t kFramesInBucket = 2;
constexpr std::uint64_t kLinkHeader = 18;
/// A bucket that holds less than the kernel's timers need cannot reach its rate.
constexpr std::uint64_t kBucketsPerSecond = 500;
/// What may wait: a twentieth of a second, as much as a full buffer delays.
constexpr std::uint64_t kQueuesPerSecond = 20;

std::uint32_t hook(Direction direction) {
  return direction == Direction::kTransmit ? net::kEgressHook : net::kIngressHook;
}

}  // namespace

NlMessage filter_message(int device, Direction direction, const std::vector<sock_filter>& program) {
  return net::bpf_filter_message({.device = device,
                                  .parent = hook(direction),
                                  .priority = kFilterPriority,
                                  .program = program,
                                  .direct_action = true});
}

NlMessage no_filter_message(int device, Direction direction) {
  return net::no_filter_message(device, hook(direction), kFilterPriority, 0);
}

NlMessage filters_request(int device, Direction direction) {
  return net::tc_message(RTM_GETTFILTER, NLM_F_DUMP, device, hook(direction), 0, 0);
}

std::optional<std::vector<sock_filter>> read_filter(const nlmsghdr* header) {
  std::array<nlattr*, TCA_MAX + 1> attributes{};
  std::array<nlattr*, TCA_BPF_MAX + 1> bpf{};
  const auto* const tc = static_cast<const tcmsg*>(nlmsg_data(header));
  if (TC_H_MAJ(tc->tcm_info) != TC_H_MAJ(net::filter_info(kFilterPriority)) ||
      !net::parse(attributes, header, sizeof(tcmsg)) ||
      !net::parse_nested(bpf, attributes[TCA_OPTIONS]) || bpf[TCA_BPF_OPS] == nullptr) {
    return std::nullopt;
  }
  const auto* const first = static_cast<const sock_filter*>(nla_data(bpf[TCA_BPF_OPS]));
  return std::vector<sock_filter>(
      first, first + static_cast<std::size_t>(nla_len(bpf[TCA_BPF_OPS])) / sizeof(sock_filter));
}

NlMessage redirect_message(int device, int buffer) {
  return net::bpf_filter_message({.device = device,
                                  .parent = hook(Direction::kReceive),
                                  .priority = kRedirectPriority,
                                  .program = {{BPF_RET | BPF_K, 0, 0, 0xFFFFFFFF}},
                                  .redirect_to = buffer});
}

NlMessage no_redirect_message(int device) {
  return net::no_filter_message(device, hook(Direction::kReceive), kRedirectPriority, 0);
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
  auto message = net::tc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, device, TC_H_ROOT,
                                 kRootHandle, 0);
  nla_put_string(message.get(), TCA_KIND, "tbf");
  auto* const options = nla_nest_start(message.get(), TCA_OPTIONS);
  nla_put(message.get(), TCA_TBF_PARMS, sizeof bucket, &bucket);
  nla_put_u32(message.get(), TCA_TBF_BURST, static_cast<std::uint32_t>(burst));
  if (octets > kMost) nla_put_u64(message.get(), TCA_TBF_RATE64, octets);
  nla_nest_end(message.get(), options);
  return message;
}

NlMessage no_rate_message(int device) { return net::no_root_message(device, kRootHandle); }

}  // namespace agent::interface
