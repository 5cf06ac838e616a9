// SPDX-License-Identifier: Apache-2.0
// Traffic control: filters and token buckets.
#include <linux/if_ether.h>
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
/// Filters of one priority. Each drops a frame or leaves it to the others, so their order is free.
constexpr std::uint32_t kFilterHandle = 1;
constexpr std::uint32_t kMtuHandle = 2;
constexpr std::uint32_t kTaggedMtuHandle = 3;
constexpr std::uint32_t kTagOctets = 4;
constexpr std::uint32_t kMatch = 0xFFFFFFFF;
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

std::uint32_t mtu_handle(bool tagged) { return tagged ? kTaggedMtuHandle : kMtuHandle; }

std::uint32_t longest(bool tagged, std::uint32_t mtu) {
  return mtu + ETH_HLEN + (tagged ? kTagOctets : 0);
}

/// Matches frames that have a VLAN tag in them, or those that have none.
std::vector<sock_filter> tag_program(bool tagged) {
  constexpr std::uint32_t kEtherType = 12;
  return {{BPF_LD | BPF_H | BPF_ABS, 0, 0, kEtherType},
          {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ETH_P_8021Q},
          {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, ETH_P_8021AD},
          {BPF_RET | BPF_K, 0, 0, tagged ? kMatch : 0},
          {BPF_RET | BPF_K, 0, 0, tagged ? 0 : kMatch}};
}

/// The filter's own attributes, if it is the one with this handle that evbd makes.
std::optional<std::array<nlattr*, TCA_BPF_MAX + 1>> read_own(const nlmsghdr* header,
                                                             std::uint32_t handle) {
  std::array<nlattr*, TCA_MAX + 1> attributes{};
  std::array<nlattr*, TCA_BPF_MAX + 1> bpf{};
  const auto* const tc = static_cast<const tcmsg*>(nlmsg_data(header));
  if (TC_H_MAJ(tc->tcm_info) != TC_H_MAJ(net::filter_info(kFilterPriority)) ||
      tc->tcm_handle != handle || !net::parse(attributes, header, sizeof(tcmsg)) ||
      !net::parse_nested(bpf, attributes[TCA_OPTIONS])) {
    return std::nullopt;
  }
  return bpf;
}

}  // namespace

NlMessage filter_message(int device, Direction direction, const std::vector<sock_filter>& program) {
  return net::bpf_filter_message({.device = device,
                                  .parent = hook(direction),
                                  .priority = kFilterPriority,
                                  .handle = kFilterHandle,
                                  .program = program,
                                  .direct_action = true});
}

NlMessage no_filter_message(int device, Direction direction) {
  return net::no_filter_message(device, hook(direction), kFilterPriority, kFilterHandle);
}

NlMessage filters_request(int device, Direction direction) {
  return net::tc_message(RTM_GETTFILTER, NLM_F_DUMP, device, hook(direction), 0, 0);
}

std::optional<std::vector<sock_filter>> read_filter(const nlmsghdr* header) {
  const auto bpf = read_own(header, kFilterHandle);
  if (!bpf || (*bpf)[TCA_BPF_OPS] == nullptr) return std::nullopt;
  auto* const program = (*bpf)[TCA_BPF_OPS];
  const auto* const first = static_cast<const sock_filter*>(nla_data(program));
  return std::vector<sock_filter>(
      first, first + static_cast<std::size_t>(nla_len(program)) / sizeof(sock_filter));
}

NlMessage mtu_filter_message(int device, Direction direction, bool tagged, std::uint32_t mtu) {
  return net::bpf_filter_message({.device = device,
                                  .parent = hook(direction),
                                  .priority = kFilterPriority,
                                  .handle = mtu_handle(tagged),
                                  .program = tag_program(tagged),
                                  .longest = longest(tagged, mtu)});
}

bool is_mtu_filter(const nlmsghdr* header, bool tagged, std::uint32_t mtu) {
  const auto bpf = read_own(header, mtu_handle(tagged));
  std::array<nlattr*, 2> actions{};
  std::array<nlattr*, TCA_ACT_MAX + 1> action{};
  std::array<nlattr*, TCA_POLICE_MAX + 1> police{};
  if (!bpf || !net::parse_nested(actions, (*bpf)[TCA_BPF_ACT]) ||
      !net::parse_nested(action, actions[1]) ||
      !net::parse_nested(police, action[TCA_ACT_OPTIONS]) || police[TCA_POLICE_TBF] == nullptr) {
    return false;
  }
  return static_cast<const tc_police*>(nla_data(police[TCA_POLICE_TBF]))->mtu ==
         longest(tagged, mtu);
}

NlMessage redirect_message(int device, int buffer) {
  return net::bpf_filter_message({.device = device,
                                  .parent = hook(Direction::kReceive),
                                  .priority = kRedirectPriority,
                                  .program = {{BPF_RET | BPF_K, 0, 0, kMatch}},
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
