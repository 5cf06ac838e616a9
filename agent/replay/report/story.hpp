// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/replay/check_report.hpp"
#include "agent/replay/report/html.hpp"
#include "agent/replay/report/lanes.hpp"
#include "agent/replay/report/selection.hpp"

namespace agent::replay::report {

/// What a client asked of a port's agent, as a journal tells.
struct ClientWish {
  Nanoseconds at = 0;  ///< as frames are timed
  std::string text;
};

/// All that the page tells: the judged capture, and what is shown of it one by one.
struct Story {
  /// Deviations that are told one by one; of the others their number.
  static constexpr std::size_t kToldDeviations = 500;

  const Finding& finding;
  std::vector<Deviation> deviations;  ///< the worst first, each severity in the order of frames
  std::map<std::uint64_t, std::vector<std::size_t>> deviations_of;  ///< by frame, of those told
  Selection selection;
  Lanes lanes;
  std::vector<ClientWish> wishes;  ///< in the order of time
  std::string damage;              ///< why the capture could not be read to its end; else empty

  const Conversation& talk() const { return finding.conversation; }
  /// Since the first frame: "12.345678 s".
  std::string time(Nanoseconds at) const;
  /// "must", "should", "note": the worst that is said of the frame; empty: nothing.
  std::string_view severity_of(std::uint64_t frame) const;
  /// "frame 12", which leads to its arrow where it is drawn.
  Markup frame(std::uint64_t frame) const;
};

/// Puts the worst first, and finds what to draw: at most `limit` frames.
void arrange(Story& story, std::size_t limit);

// The parts of the page, in its order. The ladder stands between the last two.
void add_head(Page& page, const Story& story);
void add_verdict(Page& page, const Story& story);
void add_deviations(Page& page, const Story& story);
void add_ends(Page& page, const Story& story);
void add_timers(Page& page, const Story& story);
void add_vsis(Page& page, const Story& story);
void add_statements(Page& page, const Story& story);
void add_foot(Page& page, const Story& story);

/// What is between the tags of the one style element.
std::string style_sheet();

}  // namespace agent::replay::report
