// SPDX-License-Identifier: Apache-2.0
// Arbitrary frames as a conversation: each is two octets with its length, one that says how much
// time passes before it, and its octets.
#include <algorithm>
#include <cassert>

#include "agent/replay/check_report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent::replay;
  Verdict verdict;
  Conversation conversation(verdict);
  base::Bytes rest(data, size);
  CapturedFrame captured;
  DecodedFrame frame;
  while (rest.size() > 3) {
    const auto length = std::min<std::size_t>(base::u16_at(rest, 0), rest.size() - 3);
    captured.number += 1;
    captured.nanoseconds += rest[2] < 16 ? -(std::int64_t{1} << rest[2])  // clocks are set back
                                         : std::int64_t{1} << (rest[2] % 36U);
    captured.octets = rest.subspan(3, length);
    captured.wire_length = length + (rest[2] == 255 ? 1U : 0U);
    rest = rest.subspan(3 + length);
    decode_frame(LinkType::kEthernet, captured, frame);
    conversation.take(frame);
  }
  conversation.finish();
  const Finding finding{"input", captured.number, conversation, verdict};
  assert(!finding_text(finding).empty());
  assert(!finding_json(finding).empty());
  assert(!finding_junit(finding).empty());
  std::uint64_t broken = 0;
  for (const auto* rule : all_rules()) broken += verdict.count(*rule).broken;
  std::uint64_t told = 0;
  for (const auto& one : verdict.deviations()) told += one.times;
  assert(told <= broken);
  return 0;
}
