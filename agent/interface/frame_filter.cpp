// SPDX-License-Identifier: Apache-2.0
#include "agent/interface/frame_filter.hpp"

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

namespace agent::interface {
namespace {

constexpr std::uint32_t kDestination = 0;
constexpr std::uint32_t kSource = 6;
constexpr std::uint32_t kEtherType = 12;
constexpr std::uint32_t kTag = 14;
constexpr std::uint32_t kVidBits = 0x0FFF;
constexpr auto kDrop = static_cast<std::uint32_t>(TC_ACT_SHOT);
constexpr auto kNext = static_cast<std::uint32_t>(TC_ACT_UNSPEC);

using Program = std::vector<sock_filter>;

void add(Program& program, int code, std::uint32_t k, unsigned if_true = 0, unsigned if_false = 0) {
  program.push_back(sock_filter{static_cast<std::uint16_t>(code),
                                static_cast<std::uint8_t>(if_true),
                                static_cast<std::uint8_t>(if_false), k});
}
void load_word(Program& program, std::uint32_t at) { add(program, BPF_LD | BPF_W | BPF_ABS, at); }
void load_half(Program& program, std::uint32_t at) { add(program, BPF_LD | BPF_H | BPF_ABS, at); }
/// Skips so many instructions when the accumulator is, or is not, `k`.
void jump(Program& program, std::uint32_t k, unsigned if_true, unsigned if_false) {
  add(program, BPF_JMP | BPF_JEQ | BPF_K, k, if_true, if_false);
}
void give(Program& program, std::uint32_t verdict) { add(program, BPF_RET | BPF_K, verdict); }

/// The address at `at` is compared with each of `macs`; behind it follows what is done when it is
/// one of them, and the jump over that when it is none.
void match_any(Program& program, std::uint32_t at,
               const google::protobuf::RepeatedPtrField<std::string>& macs, bool drop_if_found) {
  // Each: load 4, compare, load 2, compare, jump to "found" - by a chain of its own, as jumps of
  // classic BPF reach only 255 instructions.
  for (const auto& text : macs) {
    const auto octets = lldp::parse_mac_address(text).value_or(lldp::MacAddress{}).octets;
    const auto half = [&octets](std::size_t i) {
      return static_cast<std::uint32_t>(octets[i]) << 8U | octets[i + 1];
    };
    const auto high = half(0) << 16U | half(2);
    const auto low = half(4);
    load_word(program, at);
    jump(program, high, 0, 3);
    load_half(program, at + 4);
    jump(program, low, 0, 1);
    // Found: dropped at once, or past all the others to where the next question begins.
    if (drop_if_found) {
      give(program, kDrop);
    } else {
      add(program, BPF_JMP | BPF_JA, 0);  // aimed below
    }
  }
  if (drop_if_found) return;
  const auto end = program.size() + 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(macs.size()); ++i) {
    const auto place = program.size() - 1 - 5 * i;
    program[place].k = static_cast<std::uint32_t>(end - place - 1);
  }
  give(program, kDrop);
}

/// The accumulator holds a VID: 0 is a priority tag, which makes a frame of no VLAN.
void judge_vid(Program& program, const journal::Filter& filter) {
  for (const auto vid : filter.tagged()) {
    jump(program, vid, 0, 1);
    give(program, kNext);
  }
  if (filter.untagged()) {
    jump(program, 0, 0, 1);
    give(program, kNext);
  }
  give(program, kDrop);
}

void judge_vlan(Program& program, const journal::Filter& filter) {
  // A tag that the kernel has taken out of the frame.
  add(program, BPF_LD | BPF_W | BPF_ABS,
      static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT));
  Program outside;
  add(outside, BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG));
  add(outside, BPF_ALU | BPF_AND | BPF_K, kVidBits);
  judge_vid(outside, filter);
  jump(program, 0, 0, 1);
  add(program, BPF_JMP | BPF_JA, static_cast<std::uint32_t>(outside.size()));
  program.insert(program.end(), outside.begin(), outside.end());
  Program inside;
  load_half(inside, kTag);
  add(inside, BPF_ALU | BPF_AND | BPF_K, kVidBits);
  judge_vid(inside, filter);
  load_half(program, kEtherType);
  jump(program, ETH_P_8021Q, 0, 1);
  program.insert(program.end(), sock_filter{BPF_JMP | BPF_JA, 0, 0, 1});
  add(program, BPF_JMP | BPF_JA, static_cast<std::uint32_t>(inside.size()));
  program.insert(program.end(), inside.begin(), inside.end());
  jump(program, ETH_P_8021AD, 0, 1);
  give(program, kDrop);
  if (!filter.untagged()) give(program, kDrop);
}

}  // namespace

std::vector<sock_filter> compile(const journal::Filter& filter, Direction direction) {
  Program program;
  const bool from_guest = direction == Direction::kTransmit;
  if (from_guest && !filter.sources().empty()) {
    match_any(program, kSource, filter.sources(), false);
  }
  if (!filter.siblings().empty()) {
    match_any(program, from_guest ? kDestination : kSource, filter.siblings(), true);
  }
  if (!filter.all_vlans()) judge_vlan(program, filter);
  if (!program.empty()) give(program, kNext);
  return program;
}

}  // namespace agent::interface
