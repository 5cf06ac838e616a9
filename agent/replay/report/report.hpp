// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/replay/report/client_wishes.hpp"
#include "agent/replay/report/ladder.hpp"
#include "agent/replay/report/story.hpp"

namespace agent::replay::report {

/// Makes the page of one capture. The capture is read twice: what is drawn is known only when all
/// of it was judged, and its frames are too many to be kept.
class Report {
 public:
  /// A frame, and what the capture says of it; or empty.
  using Look = std::function<void(const DecodedFrame& frame, std::string_view comment)>;

  explicit Report(std::string file) : file_(std::move(file)) {}

  /// What the agent was told whose frames were captured.
  void take_journal(const capture::Journal& journal) { wishes_.take_journal(journal); }
  /// First reading: the next frame.
  void take(const DecodedFrame& frame, std::string_view comment);
  /// There are no more; `damage` says why, where it should not be so.
  void finish(std::string damage);
  std::uint64_t frames() const { return frames_; }
  const Verdict& verdict() const { return verdict_; }

  /// Writes the page, with at most `limit` frames drawn. `read_again` gives the frames of the first
  /// reading to what it gets, once more.
  void write(std::FILE* file, std::size_t limit,
             const std::function<void(const Look&)>& read_again);

 private:
  std::string file_;
  Verdict verdict_;
  Conversation conversation_{verdict_};
  Selection selection_;
  Lanes lanes_;
  ClientWishes wishes_;
  std::string damage_;
  std::uint64_t frames_ = 0;
};

}  // namespace agent::replay::report
