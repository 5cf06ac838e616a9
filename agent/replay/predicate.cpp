// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/predicate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "agent/replay/verdict.hpp"

namespace agent::replay {
namespace {

constexpr std::string_view kGrammar =
    "it is 'check fails with NAME', 'decode fails', or 'decode fails with STATEMENT'";

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const auto length = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

std::optional<Severity> severity_of(std::string_view name) {
  if (name == "must") return Severity::kMust;
  if (name == "should") return Severity::kShould;
  return std::nullopt;
}

std::vector<const RuleText*> rules_named(std::string_view name) {
  const auto severity = severity_of(name);
  std::vector<const RuleText*> rules;
  for (const auto* rule : all_rules()) {
    const bool named = rule->id == name || rule->statement == name;
    if (named || severity == rule->severity) rules.push_back(rule);
  }
  return rules;
}

/// "L01" to "V34", "D01" of draft 0.2: statements by their form.
bool is_statement(std::string_view name) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return name.size() == 3 && std::string_view("LEPVCD").find(name[0]) != std::string_view::npos &&
         digit(name[1]) && digit(name[2]);
}

}  // namespace

tl::expected<Predicate, std::string> Predicate::parse(std::string_view text) {
  const auto words = words_of(text);
  const bool fails = words.size() >= 2 && words[1] == "fails";
  const bool with = words.size() == 4 && words[2] == "with";
  Predicate predicate;
  if (fails && words[0] == "decode" && (with || words.size() == 2)) {
    predicate.decode_ = true;
    if (with) predicate.statement_ = words[3];
    if (with && !is_statement(words[3])) {
      return tl::unexpected(fmt::format(
          "'{}' is no statement of the conformance list, such as P14 or V31.", words[3]));
    }
    return predicate;
  }
  if (!fails || words[0] != "check" || !with) {
    return tl::unexpected(fmt::format("'{}' is no condition: {}.", text, kGrammar));
  }
  predicate.rules_ = rules_named(words[3]);
  if (predicate.rules_.empty()) {
    return tl::unexpected(
        fmt::format("check knows no rule and no statement '{}'; 'evbreplay rules' lists them, and "
                    "'must' or 'should' stands for all of that severity.",
                    words[3]));
  }
  return predicate;
}

bool Predicate::holds(LinkType type, std::span<const CapturedFrame* const> frames) const {
  return decode_ ? decode_fails(type, frames) : check_fails(type, frames);
}

bool Predicate::decode_fails(LinkType type, std::span<const CapturedFrame* const> frames) const {
  DecodedFrame decoded;
  return std::ranges::any_of(frames, [&](const CapturedFrame* frame) {
    decode_frame(type, *frame, decoded);
    return std::ranges::any_of(decoded.faults, [this](const FrameFault& fault) {
      return statement_.empty() || fault.statement == statement_;
    });
  });
}

bool Predicate::check_fails(LinkType type, std::span<const CapturedFrame* const> frames) const {
  Verdict verdict;
  Conversation conversation(verdict, Details::kNone);
  DecodedFrame decoded;
  CapturedFrame numbered;
  std::uint64_t number = 0;
  for (const auto* frame : frames) {
    numbered = *frame;
    numbered.number = ++number;
    decode_frame(type, numbered, decoded);
    conversation.take(decoded);
  }
  conversation.finish();
  return std::ranges::any_of(rules_, [&](auto* rule) { return verdict.count(*rule).broken > 0; });
}

}  // namespace agent::replay
