// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/replay/report/story.hpp"

namespace agent::replay::report {

/// The sequence diagram: a row for each frame that is drawn, with its arrow, what it says, what
/// came of it, and its octets behind a click; a row for what is left out between them.
class Ladder {
 public:
  Ladder(Page& page, const Story& story);

  void begin();
  /// The next frame of the capture; `comment` is what the capture says of it, or empty.
  void take(const DecodedFrame& frame, std::string_view comment);
  void end();

 private:
  /// What came of a frame.
  struct Mark {
    std::string text;
    std::string detail;
  };
  /// Frames that are not drawn, since the last that was.
  struct Elided {
    std::uint64_t frames = 0;
    std::uint64_t lldp = 0;
    std::uint64_t ecp = 0;
    Moment first;
    Moment last;
  };

  void mark_vsis();
  void mark_evb();
  void mark(std::uint64_t frame, std::string text, std::string detail);
  void pass_time(Nanoseconds at);
  void wishes_until(Nanoseconds at);
  bool is_again(const DecodedFrame& frame);
  void elide(const DecodedFrame& frame);
  void add_elided();
  void row(const DecodedFrame& frame, std::string_view comment, bool again);
  void arrow(const Way& way, std::string_view kind, std::string_view title);
  std::string_view side(const Way& way) const;
  void lifelines(std::string_view kind);
  void notes(std::uint64_t frame, std::string_view comment);

  Page& page_;
  const Story& story_;
  std::map<std::uint64_t, std::vector<Mark>> marks_;     // by frame
  std::map<std::uint64_t, std::size_t> more_marks_;      // likewise, not kept
  std::map<lldp::MacAddress, std::uint16_t> sequences_;  // of the senders' last requests
  Elided elided_;
  std::optional<Nanoseconds> before_;
  std::size_t next_wish_ = 0;
  std::string summary_;
};

}  // namespace agent::replay::report
