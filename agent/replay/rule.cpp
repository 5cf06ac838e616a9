// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace agent::replay {
namespace {

template <class Fact>
void append_texts(std::vector<const RuleText*>& texts, std::span<const Rule<Fact>> table) {
  for (const auto& row : table) texts.push_back(&row.text);
}

std::vector<const RuleText*> texts_of_all() {
  std::vector<const RuleText*> texts;
  append_texts(texts, frame_rules());
  append_texts(texts, lldp_rules());
  append_texts(texts, evb_rules());
  append_texts(texts, cdcp_rules());
  append_texts(texts, ecp_request_rules());
  append_texts(texts, ecp_ack_rules());
  append_texts(texts, exchange_rules());
  append_texts(texts, vsi_rules());
  append_texts(texts, vsi_timer_rules());
  append_texts(texts, draft02_frame_rules());
  append_texts(texts, draft02_lldp_rules());
  append_texts(texts, draft02_evb_rules());
  append_texts(texts, draft02_request_rules());
  append_texts(texts, draft02_ack_rules());
  append_texts(texts, draft02_exchange_rules());
  append_texts(texts, draft02_vsi_rules());
  append_texts(texts, draft02_timer_rules());
  append_texts(texts, dialect_rules());
  return texts;
}

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kNote: return "note";
    case Severity::kShould: return "should";
    case Severity::kMust: return "must";
  }
  return "?";
}

std::span<const RuleText* const> all_rules() {
  static const auto kAll = texts_of_all();
  return kAll;
}

const RuleText* find_rule(std::string_view id) {
  const auto found = std::ranges::find_if(all_rules(), [&](auto* rule) { return rule->id == id; });
  return found == all_rules().end() ? nullptr : *found;
}

std::string time_text(Nanoseconds time) {
  const auto value = static_cast<double>(time);
  if (time < 1'000'000) return fmt::format("{:.0f} us", value / 1e3);
  if (time < 1'000'000'000) return fmt::format("{:.2f} ms", value / 1e6);
  return fmt::format("{:.3f} s", value / 1e9);
}

}  // namespace agent::replay
