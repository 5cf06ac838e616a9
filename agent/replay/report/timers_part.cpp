// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "agent/replay/report/story.hpp"

namespace agent::replay::report {
namespace {

constexpr std::size_t kMostBars = 24;  // of one timer of one end
constexpr std::size_t kMostGroups = 100;
constexpr std::size_t kBuckets = 100;  // of the histogram

using Group = std::vector<const TimerFact*>;

/// Rules that judge how long something took.
bool judges_time(const RuleText& rule) {
  return std::ranges::any_of(vsi_timer_rules(), [&](auto& row) { return &row.text == &rule; }) ||
         rule.id == "ecp-resend-early" || rule.id == "ecp-resend-late" ||
         rule.id == "ecp-too-few-sends";
}

/// What was said of this time: "must", "should", "note"; or "fine".
std::string_view verdict_on(const Story& story, const TimerFact& timer) {
  const auto frame = timer.ended.frame != 0 ? timer.ended.frame : timer.started.frame;
  const auto found = story.deviations_of.find(frame);
  if (found == story.deviations_of.end()) return "fine";
  const auto vsi = timer.vsi ? to_string(*timer.vsi) : "";
  for (const auto index : found->second) {
    const auto& one = story.deviations[index];
    if (judges_time(*one.rule) && one.vsi == vsi) return to_string(one.rule->severity);
  }
  return "fine";
}

/// What is measured from what to what.
std::string_view meaning_of(TimerKind kind) {
  switch (kind) {
    case TimerKind::kAck: return "from a request to the same again; the line is when it is due";
    case TimerKind::kResponse:
      return "from a VDP request to its response, which has to come within";
    case TimerKind::kKeepAlive:
      return "from a confirmation to the keep-alive, due at the line; none at all is a time-out";
  }
  return "";
}

class TimerGroup {
 public:
  TimerGroup(Page& page, const Story& story, std::size_t end, TimerKind kind, const Group& group)
      : page_(page), story_(story), end_(end), kind_(kind), group_(group) {
    for (const auto* timer : group_) {
      scale_ = std::max({scale_, timer->measured, timer->latest});
    }
    scale_ += scale_ / 12;
  }

  void add() {
    const auto& end = story_.talk().ends()[end_];
    page_.add("<h3>{} <small>{} <code>{}</code></small></h3><p class=\"meaning\">{}</p>\n",
              to_string(kind_), to_string(end.role), to_string(end.address), meaning_of(kind_));
    const auto& all = story_.talk().statistics(end_, kind_);
    if (all.count > 1) {
      page_.add("<p>{} measured: {} to {}, {} on average</p>\n", all.count, time_text(all.shortest),
                time_text(all.longest), time_text(all.mean()));
    }
    const auto shown = choose();
    if (shown.size() < group_.size()) histogram();
    page_.add("<ul class=\"bars\">");
    for (const auto* timer : shown) bar(*timer);
    page_.add("</ul>\n");
    if (shown.size() < group_.size()) {
      page_.add(
          "<p class=\"left\">These deviate, or are the longest and the shortest; {} more are in "
          "the "
          "histogram.</p>\n",
          group_.size() - shown.size());
    }
  }

 private:
  /// Those that deviate or never ended, then the longest and the shortest.
  Group choose() const {
    if (group_.size() <= kMostBars) return group_;
    Group chosen;
    Group ordinary;
    for (const auto* timer : group_) {
      const bool bad = timer->overdue || verdict_on(story_, *timer) != "fine";
      (bad && chosen.size() < kMostBars ? chosen : ordinary).push_back(timer);
    }
    std::ranges::stable_sort(ordinary, {}, [](auto* timer) { return timer->measured; });
    const auto room = kMostBars - chosen.size();
    const auto shortest = static_cast<std::ptrdiff_t>(room / 2);
    const auto longest = static_cast<std::ptrdiff_t>(room - room / 2);
    chosen.insert(chosen.end(), ordinary.begin(), ordinary.begin() + shortest);
    chosen.insert(chosen.end(), ordinary.end() - longest, ordinary.end());
    std::ranges::stable_sort(chosen, {}, [](auto* timer) { return timer->started.frame; });
    return chosen;
  }

  double percent(Nanoseconds time) const {
    return scale_ <= 0 ? 0
                       : std::clamp(100 * static_cast<double>(time) / static_cast<double>(scale_),
                                    0.0, 100.0);
  }

  /// The window in which it has to fall; a line where that is one instant.
  void window(const TimerFact& timer) {
    const auto from = percent(timer.earliest);
    const auto to = percent(timer.latest);
    page_.add(
        "<rect class=\"window\" x=\"{:.2f}%\" y=\"0\" width=\"{:.2f}%\" height=\"100%\"/>"
        "<line class=\"due\" x1=\"{:.2f}%\" x2=\"{:.2f}%\" y1=\"0\" y2=\"100%\"/>",
        from, std::max(to - from, 0.2), to, to);
    if (timer.earliest > 0 && timer.earliest != timer.latest) {
      page_.add("<line class=\"due\" x1=\"{0:.2f}%\" x2=\"{0:.2f}%\" y1=\"0\" y2=\"100%\"/>", from);
    }
  }

  static std::string allowed(const TimerFact& timer) {
    if (timer.earliest == timer.latest) return "due at " + time_text(timer.latest);
    if (timer.earliest == 0) return "allowed at most " + time_text(timer.latest);
    return "due at " + time_text(timer.earliest) + " to " + time_text(timer.latest);
  }

  void bar(const TimerFact& timer) {
    const auto verdict = verdict_on(story_, timer);
    page_.add("<li class=\"{}\"><span class=\"pair\">{} &#8594; ", verdict,
              story_.frame(timer.started.frame));
    if (timer.overdue) {
      page_.add("nothing");
    } else {
      page_.add("{}", story_.frame(timer.ended.frame));
    }
    page_.add("</span><svg class=\"bar\" aria-hidden=\"true\">");
    window(timer);
    const auto length = percent(timer.measured);
    page_.add(
        "<rect class=\"measured{}\" x=\"0\" y=\"30%\" width=\"{:.2f}%\" height=\"40%\"/>"
        "<line class=\"tick\" x1=\"{:.2f}%\" x2=\"{:.2f}%\" y1=\"10%\" y2=\"90%\"/></svg>",
        timer.overdue ? " overdue" : "", length, length, length);
    page_.add("<span class=\"value\"><b>{}{}</b> {}", timer.overdue ? "nothing within " : "",
              time_text(timer.measured), allowed(timer));
    if (timer.vsi) page_.add(" <small>VSI {}</small>", to_string(*timer.vsi));
    page_.add("</span></li>\n");
  }

  void histogram() {
    std::vector<std::size_t> counts(kBuckets, 0);
    for (const auto* timer : group_) {
      const auto bucket = static_cast<std::size_t>(percent(timer->measured) / 100 * kBuckets);
      ++counts[std::min(bucket, kBuckets - 1)];
    }
    const auto most = static_cast<double>(*std::ranges::max_element(counts));
    page_.add(
        "<svg class=\"histogram\" role=\"img\"><title>How often which time was measured, from 0 to "
        "{}"
        "</title>",
        time_text(scale_));
    window(*group_.back());
    for (std::size_t i = 0; i < kBuckets; ++i) {
      if (counts[i] == 0) continue;
      const auto height = std::max(4.0, 100 * static_cast<double>(counts[i]) / most);
      page_.add(
          "<rect class=\"measured\" x=\"{}%\" y=\"{:.1f}%\" width=\"0.8%\" height=\"{:.1f}%\">"
          "<title>{} times</title></rect>",
          i, 100 - height, height, counts[i]);
    }
    page_.add("</svg>\n");
  }

  Page& page_;
  const Story& story_;
  std::size_t end_;
  TimerKind kind_;
  const Group& group_;
  Nanoseconds scale_ = 0;
};

}  // namespace

void add_timers(Page& page, const Story& story) {
  page.add("<section id=\"timers\"><h2>Timers</h2>\n");
  std::map<std::pair<std::uint32_t, TimerKind>, Group> groups;
  for (const auto& timer : story.talk().timers()) groups[{timer.end, timer.kind}].push_back(&timer);
  if (groups.empty()) {
    page.add(
        "<p>None was measured: that needs both ends' EVB TLVs, and something that is timed.</p>\n");
  }
  std::size_t shown = 0;
  for (const auto& [whose, group] : groups) {
    if (++shown > kMostGroups) break;
    TimerGroup(page, story, whose.first, whose.second, group).add();
  }
  if (groups.size() > kMostGroups) {
    page.add("<p class=\"left\">Timers of {} more ends.</p>\n", groups.size() - kMostGroups);
  }
  if (story.talk().left_out() > 0) {
    page.add("<p class=\"left\">{} times and changes were counted, and not kept one by one.</p>\n",
             story.talk().left_out());
  }
  page.add("</section>\n");
}

}  // namespace agent::replay::report
