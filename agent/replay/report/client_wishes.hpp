// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/journal.hpp"
#include "agent/replay/capture_file.hpp"
#include "agent/replay/report/story.hpp"

namespace agent::replay::report {

/// Finds what clients asked of the agent whose frames were captured, and when: from its journal, or
/// else from its comments on the frames that it sent for them.
class ClientWishes {
 public:
  /// What stands beside the capture.
  void take_journal(const capture::Journal& journal);

  /// The next frame of the capture and what is said of it.
  void take(const CapturedFrame& frame, std::string_view comment);
  /// In the order of time, once all frames were taken.
  std::vector<ClientWish> take_all();

 private:
  /// One port's wishes, and the frame by which its clock is found: the first that it received.
  struct PortWishes {
    std::optional<Nanoseconds> began;  ///< when its instant 0 was, as frames are timed
    Nanoseconds marked_at = 0;         ///< when it received `mark`, by its own clock
    base::Octets mark;
    std::vector<ClientWish> wishes;  ///< by its own clock
  };
  static PortWishes wishes_of(const capture::PortJournal& journal);

  std::vector<PortWishes> ports_;
  std::vector<ClientWish> from_comments_;
};

}  // namespace agent::replay::report
