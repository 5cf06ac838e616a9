// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/story.hpp"

#include <algorithm>

namespace agent::replay::report {

std::string Story::time(Nanoseconds at) const {
  return fmt::format("{:.6f} s", static_cast<double>(at - talk().first().at) / 1e9);
}

std::string_view Story::severity_of(std::uint64_t frame) const {
  const auto found = deviations_of.find(frame);
  if (found == deviations_of.end()) return "";
  auto worst = Severity::kNote;
  for (const auto one : found->second) worst = std::max(worst, deviations[one].rule->severity);
  return to_string(worst);
}

Markup Story::frame(std::uint64_t frame) const {
  if (frame == 0) return {"no frame"};
  if (!selection.draws(frame)) return {fmt::format("frame {}", frame)};
  return {fmt::format("<a href=\"#f{0}\">frame {0}</a>", frame)};
}

void arrange(Story& story, std::size_t limit) {
  story.deviations = story.finding.verdict.deviations();
  std::ranges::stable_sort(story.deviations, std::greater(),
                           [](const Deviation& one) { return one.rule->severity; });
  const auto told = std::min(story.deviations.size(), Story::kToldDeviations);
  for (std::size_t i = 0; i < told; ++i) {
    const auto& one = story.deviations[i];
    story.deviations_of[one.moment.frame].push_back(i);
    if (one.again.frame != one.moment.frame) story.deviations_of[one.again.frame].push_back(i);
  }
  story.selection.choose(story.talk(), story.deviations, limit);
}

}  // namespace agent::replay::report
