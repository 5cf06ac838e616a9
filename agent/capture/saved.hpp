// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "agent/capture/recorder.hpp"

namespace agent::capture {

/// What a recording becomes on disk: a pcapng file of all frames, and the journal of all ports. It
/// is written piece by piece, since a full ring is some ten megabytes.
class SavedWriter {
 public:
  /// `now` on the core's time line is `wall` on the clock.
  SavedWriter(Records records, base::Instant now, std::chrono::system_clock::time_point wall);

  /// Appends the next piece to one of the two. False: nothing was left.
  bool next(std::string& pcapng, std::string& journal);

 private:
  std::uint32_t interface_of(const Record& record) const;
  std::int64_t wall_microseconds(base::Instant at) const;
  void append_frames(const Record& record, std::string& pcapng) const;
  void append_stimulus(const Record& record, std::string& journal);

  Records records_;
  base::Instant now_;
  std::int64_t offset_;  // microseconds from the core's time line to 1970
  std::vector<std::shared_ptr<const Tape>> tapes_;
  std::vector<Tape> beginnings_;  // of the tapes: the ring goes on and moves theirs
  std::vector<std::string> interfaces_;
  std::size_t frames_done_ = 0;   // records whose frames are written
  std::size_t tape_ = 0;          // whose journal is being written
  std::size_t stimuli_done_ = 0;  // records that were looked at for it
  bool begun_ = false;
};

/// What evbd made of the frame that a record is about, or why it sent one: "VSI ... associated:
/// confirmed", "refused: octet 22, reserved value".
std::string comment_on(const Record& record, base::Bytes frame, bool received);

}  // namespace agent::capture
