// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "agent/replay/verdict.hpp"
#include "tests/support/capture_builder.hpp"

namespace support {

/// A capture of these frames as `evbreplay check` judges it.
struct Judged {
  explicit Judged(const std::vector<TimedFrame>& frames) : conversation(verdict) {
    agent::replay::CapturedFrame captured;
    agent::replay::DecodedFrame frame;
    for (const auto& [at, octets] : frames) {
      captured = {captured.number + 1, at.count(), octets, octets.size()};
      decode_frame(agent::replay::LinkType::kEthernet, captured, frame);
      conversation.take(frame);
    }
    conversation.finish();
  }
  std::string texts() const {
    std::string text;
    for (const auto& one : verdict.deviations()) {
      text += fmt::format("frame {} {}: expected {}; seen {}\n", one.moment.frame, one.rule->id,
                          one.expected, one.seen);
    }
    return text;
  }

  agent::replay::Verdict verdict;
  agent::replay::Conversation conversation;
};

/// Whether replay_draft02_rules_test looks after this rule.
inline bool is_of_draft02(const agent::replay::RuleText& rule) {
  return rule.id.starts_with("draft02-") || rule.id == "ecp-other-dialect";
}

}  // namespace support
