// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "agent/replay/report/story.hpp"

namespace agent::replay::report {
namespace {

void add_row(Page& page, std::string_view name, std::string_view text) {
  page.add("<dt>{}</dt><dd>{}</dd>", name, text);
}

void add_one(Page& page, const Story& story, const Deviation& one, std::size_t number) {
  const auto severity = to_string(one.rule->severity);
  page.add(
      "<article class=\"deviation {}\" id=\"d{}\"><h3><span class=\"tag {}\">{}</span> {}</h3>\n",
      severity, number + 1, severity, severity, one.rule->rule);
  page.add("<p class=\"where\">{} at {}, {}", story.frame(one.moment.frame),
           story.time(one.moment.at), one.who);
  if (!one.vsi.empty()) page.add(", VSI {}", one.vsi);
  if (one.times > 1)
    page.add("; {} times, the last in {}", one.times, story.frame(one.again.frame));
  page.add("</p>\n<dl>");
  add_row(page, "expected", one.expected);
  add_row(page, "seen", one.seen);
  add_row(page, "likely", one.rule->cause);
  page.add("<dt>rule</dt><dd>{} &#183; clause {} &#183; <a href=\"#s-{}\">statement {}</a></dd>",
           one.rule->id, one.rule->clause, one.rule->statement, one.rule->statement);
  page.add("<dt>Wireshark</dt><dd><code>{}</code></dd></dl></article>\n", one.display_filter());
}

}  // namespace

void add_deviations(Page& page, const Story& story) {
  page.add("<section id=\"deviations\"><h2>Deviations</h2>\n");
  if (story.deviations.empty()) page.add("<p class=\"held\">None.</p>\n");
  const auto told = std::min(story.deviations.size(), Story::kToldDeviations);
  for (std::size_t i = 0; i < told; ++i) add_one(page, story, story.deviations[i], i);
  std::string more;
  for (const auto* rule : all_rules()) {
    auto left = story.finding.verdict.count(*rule).broken;
    for (std::size_t i = 0; i < told; ++i) {
      if (story.deviations[i].rule == rule) left -= story.deviations[i].times;
    }
    if (left > 0)
      more += escaped(fmt::format("{}{} of {}", more.empty() ? "" : ", ", left, rule->id));
  }
  if (!more.empty()) page.add("<p class=\"left\">Not listed: {}.</p>\n", Markup{more});
  page.add("</section>\n");
}

}  // namespace agent::replay::report
