// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "agent/replay/report/story.hpp"
#include "agent/replay/state_names.hpp"

namespace agent::replay::report {
namespace {

constexpr std::size_t kMostVsis = 50;
constexpr std::size_t kMostMoments = 100;  // of a VSI

using Station = vdp::StationVsi::State;
using Bridge = vdp::BridgeVsi::State;

/// How a state is coloured: "idle", "asks" (something is under way), "holds", "ends".
std::string_view kind_of(Station state) {
  switch (state) {
    case Station::kInit: return "idle";
    case Station::kStationProcessing:
    case Station::kTransmitKeepalive: return "asks";
    case Station::kTransmitDeassoc: return "ends";
    default: return "holds";
  }
}

std::string_view kind_of(Bridge state) {
  switch (state) {
    case Bridge::kInit:
    case Bridge::kReleaseAll: return "idle";
    case Bridge::kBridgeProcessing:
    case Bridge::kProcessKeepalive: return "asks";
    case Bridge::kDeassoc:
    case Bridge::kDeassociated: return "ends";
    default: return "holds";
  }
}

std::string_view kind_of(vdp::VsiState state) {
  switch (state) {
    case vdp::VsiState::kDeassociated: return "idle";
    case vdp::VsiState::kAssociated: return "associated";
    default: return "holds";
  }
}

class VsiLanes {
 public:
  VsiLanes(Page& page, const Story& story, const VsiLife& life)
      : page_(page),
        story_(story),
        life_(life),
        count_(std::min(life.timeline.size(), kMostMoments)) {}

  void add() {
    page_.add(
        "<article class=\"vsi\"><h3><code>{}</code></h3><p class=\"facts\">manager {}, type {} "
        "version {}: {} in the end, {} keep-alives</p>\n",
        to_string(life_.id), manager_text(life_), life_.request.vsi_type.id,
        life_.request.vsi_type.version, to_string(life_.state), life_.keep_alives);
    if (count_ == 0) {
      page_.add("<p class=\"left\">No change of it was seen.</p></article>\n");
      return;
    }
    page_.add("<div class=\"swim\">");
    lane(
        "VSI", [](const VsiMoment& it) { return it.state; },
        [](const VsiMoment& it) { return to_string(it.state); });
    lane(
        "station", [](const VsiMoment& it) { return it.station; }, station_state);
    lane(
        "bridge", [](const VsiMoment& it) { return it.bridge; }, bridge_state);
    page_.add("</div>\n");
    table();
    page_.add("</article>\n");
  }

 private:
  double percent(Nanoseconds at) const {
    const auto first = story_.talk().first().at;
    const auto whole = static_cast<double>(story_.talk().last().at - first);
    if (whole <= 0) return 0;
    return std::clamp(100 * static_cast<double>(at - first) / whole, 0.0, 100.0);
  }

  /// One band: equal states that follow each other are one segment.
  template <class StateOf, class NameOf>
  void lane(std::string_view name, StateOf state_of, NameOf name_of) {
    page_.add(
        "<span class=\"of\">{}</span><svg class=\"swimlane\" role=\"img\"><title>States of the "
        "{} over time</title>",
        name, name);
    const auto& timeline = life_.timeline;
    segment(0, percent(timeline[0].moment.at), "unknown", "before", timeline[0]);
    for (std::size_t i = 0; i < count_;) {
      const auto begin = i;
      while (i < count_ && name_of(timeline[i]) == name_of(timeline[begin])) ++i;
      const auto to = i == timeline.size() ? 100 : percent(timeline[i].moment.at);
      const auto state = state_of(timeline[begin]);
      segment(percent(timeline[begin].moment.at), to, kind_of(state), name_of(timeline[begin]),
              timeline[begin]);
    }
    page_.add("</svg>");
  }

  void segment(double from, double to, std::string_view kind, std::string_view state,
               const VsiMoment& since) {
    if (to <= from && kind == "unknown") return;
    const auto width = std::max(to - from, 0.3);
    page_.add(
        "<g class=\"{}\"><title>{}, since {}</title><rect x=\"{:.2f}%\" y=\"0\" "
        "width=\"{:.2f}%\" height=\"100%\"/>",
        kind, state, story_.time(since.moment.at), from, width);
    if (kind != "unknown") {  // clipped where the segment ends
      page_.add(
          "<svg x=\"{:.2f}%\" width=\"{:.2f}%\" height=\"100%\"><text x=\"6\" y=\"50%\" "
          "dy=\"4\">{}</text></svg>",
          from, width, state);
    }
    page_.add("</g>");
  }

  void table() {
    page_.add(
        "<details><summary>{} changes</summary><div class=\"wide\"><table><thead><tr><th>frame"
        "</th><th>at</th><th>VSI</th><th>station</th><th>bridge</th><th>because</th></tr>"
        "</thead><tbody>\n",
        life_.timeline.size());
    for (std::size_t i = 0; i < count_; ++i) {
      const auto& moment = life_.timeline[i];
      page_.add("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                story_.frame(moment.moment.frame), story_.time(moment.moment.at),
                to_string(moment.state), station_state(moment), bridge_state(moment),
                to_string(moment.cause));
    }
    page_.add("</tbody></table></div></details>\n");
    if (count_ < life_.timeline.size()) {
      page_.add("<p class=\"left\">{} more changes.</p>\n", life_.timeline.size() - count_);
    }
  }

  Page& page_;
  const Story& story_;
  const VsiLife& life_;
  std::size_t count_;
};

/// Those that deviations are about first, then in the order of the capture.
std::vector<const VsiLife*> chosen(const Story& story) {
  std::set<std::string> told;
  for (const auto& one : story.deviations) {
    if (!one.vsi.empty()) told.insert(one.vsi);
  }
  std::vector<const VsiLife*> lives;
  const auto& all = story.talk().vsis();
  const bool pick = all.size() > kMostVsis && !told.empty();
  for (const bool deviates : {true, false}) {
    if (deviates && !pick) continue;
    for (const auto& life : all) {
      if (lives.size() == kMostVsis) return lives;
      if (!pick || told.contains(to_string(life.id)) == deviates) lives.push_back(&life);
    }
  }
  return lives;
}

}  // namespace

void add_vsis(Page& page, const Story& story) {
  page.add("<section id=\"vsis\"><h2>VSIs</h2>\n");
  const auto lives = chosen(story);
  if (lives.empty()) {
    page.add("<p>None is spoken of.</p>\n");
  } else {
    page.add(
        "<p class=\"meaning\">State over the {} of the capture, and the states in which the "
        "machines of "
        "both ends must have been: <span class=\"key idle\">not associated</span> <span "
        "class=\"key "
        "asks\">under way</span> <span class=\"key holds\">held</span> <span class=\"key "
        "associated\">associated</span> <span class=\"key ends\">ending</span></p>\n",
        story.time(story.talk().last().at));
  }
  for (const auto* life : lives) VsiLanes(page, story, *life).add();
  const auto left = story.talk().vsis().size() - lives.size();
  if (left > 0) page.add("<p class=\"left\">{} more VSIs.</p>\n", left);
  page.add("</section>\n");
}

}  // namespace agent::replay::report
