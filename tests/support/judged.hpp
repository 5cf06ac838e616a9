// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "agent/replay/verdict.hpp"
#include "tests/support/talk.hpp"

namespace support {

/// A capture of these frames as `evbreplay check` judges it.
struct Judged {
  explicit Judged(const std::vector<TimedFrame>& frames,
                  agent::replay::Details details = agent::replay::Details::kEach);
  std::string texts() const;

  agent::replay::Verdict verdict;
  agent::replay::Conversation conversation;
};

/// A deviation, and what has to be said to show it, to a Talk in which both ends know each other.
template <class Talk>
struct RuleCase {
  std::string_view rule;
  void (*make)(Talk& talk);
  std::uint64_t frame = 0;  ///< where it is seen; 0: the last
};

/// For the names of tests.
template <class Talk>
std::string name_of(const testing::TestParamInfo<RuleCase<Talk>>& info) {
  std::string name(info.param.rule);
  std::ranges::replace(name, '-', '_');
  return name;
}

/// The rules that these tables have a case for.
std::set<std::string_view> rules_of(const auto&... tables) {
  std::set<std::string_view> rules;
  const auto take = [&](const auto& table) {
    for (const auto& one : table) rules.insert(one.rule);
  };
  (take(tables), ...);
  return rules;
}

/// Expects the rule to be broken there first, and words for it.
void expect_deviation(const Judged& judged, std::string_view rule, std::uint64_t frame);
/// The same of what the case adds to a talk that has begun.
template <class Talk>
void expect_deviation(const RuleCase<Talk>& one, Talk& talk) {
  one.make(talk);
  expect_deviation(Judged(talk.frames), one.rule, one.frame == 0 ? talk.number() : one.frame);
}

/// Expects that nothing is made of what a capture does not show: one side of the talk only, from
/// any frame on (no must is broken then; `look` sees each), up to any frame.
void expect_nothing_in_parts(
    const Talk& faultless,
    const std::function<void(const Judged&)>& look = [](const Judged& /*rest*/) {});

/// Whether replay_draft02_rules_test looks after this rule.
inline bool is_of_draft02(const agent::replay::RuleText& rule) {
  return rule.id.starts_with("draft02-") || rule.id == "ecp-other-dialect";
}

}  // namespace support
