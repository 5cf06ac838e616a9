// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <vector>

#include "agent/replay/report/story.hpp"

namespace agent::replay::report {
namespace {

using RulesOf = std::map<std::string_view, std::vector<const RuleText*>>;

RulesOf rules_by_statement() {
  RulesOf rules;
  for (const auto* rule : all_rules()) rules[rule->statement].push_back(rule);
  return rules;
}

/// How often it was broken, which leads to the worst time that is told.
Markup broken_text(const Story& story, std::string_view statement, std::uint64_t broken) {
  const auto told = std::min(story.deviations.size(), Story::kToldDeviations);
  for (std::size_t i = 0; i < told && broken > 0; ++i) {
    if (story.deviations[i].rule->statement != statement) continue;
    return {fmt::format("<a href=\"#d{}\">{}</a>", i + 1, broken)};
  }
  return {std::to_string(broken)};
}

void add_statement(Page& page, const Story& story, std::string_view statement,
                   const RuleCount& count, const std::vector<const RuleText*>& rules) {
  page.add(
      "<tr id=\"s-{}\"><th scope=\"row\">{}</th><td class=\"number\">{}</td><td "
      "class=\"number {}\">{}</td><td>",
      statement, statement, count.held, count.broken > 0 ? "must" : "",
      broken_text(story, statement, count.broken));
  for (std::size_t i = 0; i < rules.size(); ++i) {
    page.add("{}<span title=\"{}, clause {}\">{}</span>", i == 0 ? "" : " ", rules[i]->id,
             rules[i]->clause, rules[i]->rule);
  }
  page.add("</td></tr>\n");
}

}  // namespace

void add_statements(Page& page, const Story& story) {
  const auto rules = rules_by_statement();
  const auto counts = story.finding.verdict.statements();
  std::size_t exercised = 0;
  for (const auto& [statement, count] : counts) exercised += count.held + count.broken > 0 ? 1 : 0;
  page.add(
      "<section id=\"statements\"><h2>Statements</h2>\n<p>{} of the {} statements of the "
      "conformance list that a capture can show were exercised by this one.</p>\n",
      exercised, counts.size());
  for (const bool wanted : {true, false}) {
    if ((wanted ? exercised : counts.size() - exercised) == 0) continue;
    page.add(
        "<h3>{}</h3><div class=\"wide\"><table "
        "class=\"statements\"><thead><tr><th>statement</th><th>held</th>"
        "<th>broken</th><th>what should be</th></tr></thead><tbody>\n",
        wanted ? "Exercised" : "Not exercised");
    for (const auto& [statement, count] : counts) {
      if ((count.held + count.broken > 0) != wanted) continue;
      add_statement(page, story, statement, count, rules.at(statement));
    }
    page.add("</tbody></table></div>\n");
  }
  page.add("</section>\n");
}

}  // namespace agent::replay::report
