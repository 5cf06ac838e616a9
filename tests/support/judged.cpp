// SPDX-License-Identifier: Apache-2.0
#include "tests/support/judged.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "lldp/ethernet.hpp"

namespace support {

using agent::replay::Severity;

Judged::Judged(const std::vector<TimedFrame>& frames, agent::replay::Details details)
    : conversation(verdict, details) {
  agent::replay::CapturedFrame captured;
  agent::replay::DecodedFrame frame;
  for (const auto& [at, octets] : frames) {
    captured = {captured.number + 1, at.count(), octets, octets.size()};
    decode_frame(agent::replay::LinkType::kEthernet, captured, frame);
    conversation.take(frame);
  }
  conversation.finish();
}

std::string Judged::texts() const {
  std::string text;
  for (const auto& one : verdict.deviations()) {
    text += fmt::format("frame {} {}: expected {}; seen {}\n", one.moment.frame, one.rule->id,
                        one.expected, one.seen);
  }
  return text;
}

void expect_deviation(const Judged& judged, std::string_view rule, std::uint64_t frame) {
  ASSERT_NE(agent::replay::find_rule(rule), nullptr) << rule;
  const auto deviations = judged.verdict.deviations();
  const auto found =
      std::ranges::find_if(deviations, [&](const auto& it) { return it.rule->id == rule; });
  ASSERT_NE(found, deviations.end()) << judged.texts();
  EXPECT_EQ(found->moment.frame, frame) << judged.texts();
  EXPECT_FALSE(found->expected.empty());
  EXPECT_FALSE(found->seen.empty());
  EXPECT_EQ(found->display_filter(), fmt::format("frame.number == {}", frame));
}

void expect_nothing_in_parts(const Talk& faultless,
                             const std::function<void(const Judged&)>& look) {
  const auto& whole = faultless.frames;
  for (const auto& end : {faultless.station, faultless.bridge}) {
    auto frames = whole;
    std::erase_if(frames, [&](const auto& frame) {
      return lldp::decode_ethernet(frame.octets)->source != end.address;
    });
    EXPECT_EQ(Judged(frames).texts(), "") << to_string(end.address);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    const auto middle = whole.begin() + static_cast<std::ptrdiff_t>(at);
    const Judged rest({middle, whole.end()});
    EXPECT_EQ(rest.verdict.broken(Severity::kMust), 0U) << at << "\n" << rest.texts();
    EXPECT_EQ(Judged({whole.begin(), middle}).texts(), "") << at;
    look(rest);
  }
}

}  // namespace support
