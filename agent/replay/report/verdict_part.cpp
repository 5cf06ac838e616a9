// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "agent/replay/dissection.hpp"
#include "agent/replay/report/story.hpp"
#include "agent/version.hpp"

namespace agent::replay::report {
namespace {

std::string_view file_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos || slash + 1 == path.size() ? path
                                                                     : path.substr(slash + 1);
}

void add_tile(Page& page, const Story& story, Severity severity, std::string_view what) {
  const auto count = story.finding.verdict.broken(severity);
  page.add("<li class=\"tile {}{}\"><b>{}</b> {}</li>", to_string(severity),
           count == 0 ? " none" : "", count, what);
}

void add_sentence(Page& page, const Verdict& verdict) {
  std::uint64_t judged = 0;
  for (const auto& [statement, count] : verdict.statements()) judged += count.held + count.broken;
  const auto musts = verdict.broken(Severity::kMust);
  page.add("<p class=\"verdict {}\">{}</p>\n",
           musts > 0    ? "must"
           : judged > 0 ? "held"
                        : "nothing",
           musts > 0    ? "The standard was broken."
           : judged > 0 ? "No must of the standard was broken."
                        : "There was nothing to judge.");
}

}  // namespace

void add_head(Page& page, const Story& story) {
  page.add(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
      "<meta name=\"generator\" content=\"evbreplay {}\"/>\n"
      "<title>{}: EVB report</title>\n<style>{}</style></head>\n<body>\n",
      kVersion, file_name(story.finding.file), Markup{style_sheet()});
}

void add_verdict(Page& page, const Story& story) {
  const auto& talk = story.talk();
  page.add("<header><p class=\"kind\">EVB report</p><h1>{}</h1>\n", story.finding.file);
  page.add("<p class=\"facts\">{} frames in {}", story.finding.frames, story.time(talk.last().at));
  if (talk.first().frame != 0) page.add(", from {}", utc_text(talk.first().at));
  page.add("</p>\n");
  add_sentence(page, story.finding.verdict);
  page.add("<ul class=\"tiles\">");
  add_tile(page, story, Severity::kMust, "must broken");
  add_tile(page, story, Severity::kShould, "should broken");
  add_tile(page, story, Severity::kNote, "worth a look");
  page.add("</ul>\n");
  if (!story.damage.empty()) {
    page.add(
        "<p class=\"damage\"><b>The capture was not read to its end.</b> {} What stood before "
        "is reported.</p>\n",
        story.damage);
  }
  for (const auto& sentence : talk.condition().sentences()) {
    page.add("<p class=\"damage\"><b>The capture</b> is {}</p>\n", sentence);
  }
  page.add(
      "<nav aria-label=\"Parts\"><a href=\"#deviations\">Deviations</a> <a href=\"#ends\">Ends"
      "</a> <a href=\"#frames\">Frames</a> <a href=\"#timers\">Timers</a> <a href=\"#vsis\">"
      "VSIs</a> <a href=\"#statements\">Statements</a></nav></header>\n<main>\n");
}

void add_foot(Page& page, const Story& story) {
  page.add(
      "</main>\n<footer><p>Made by evbreplay {} from {} frames. This page needs no scripts and "
      "no network.</p></footer>\n</body></html>\n",
      kVersion, story.finding.frames);
}

}  // namespace agent::replay::report
