// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/capture_condition.hpp"

#include <fmt/format.h>

#include <functional>
#include <string_view>

namespace agent::replay {

void CaptureCondition::take(const DecodedFrame& frame) {
  const auto& captured = frame.captured;
  const auto hash = std::hash<std::string_view>()(
      {reinterpret_cast<const char*>(captured.octets.data()), captured.octets.size()});
  if (frames_++ > 0) {
    const auto passed = captured.nanoseconds - last_at_;
    if (passed < 0 && out_of_order_++ == 0) first_out_of_order_ = captured.number;
    if (hash == last_hash_ && passed >= 0 && passed <= kCopyApart) ++copies_;
  }
  if (frame.unknown_tail) ++cut_;
  last_at_ = captured.nanoseconds;
  last_hash_ = hash;
}

std::vector<std::string> CaptureCondition::sentences() const {
  std::vector<std::string> told;
  if (out_of_order_ > 0) {
    told.push_back(fmt::format(
        "out of order: {} of {} frames are earlier than the one before, the first is frame {}; "
        "timers and answers are judged wrongly, so put the file in order (reordercap) first",
        out_of_order_, frames_, first_out_of_order_));
  }
  if (copies_ >= kFewestCopies && copies_ * 4 >= frames_) {
    told.push_back(fmt::format(
        "copies: {} of {} frames are the one before once more within {} us, as when a mirror port "
        "gives both directions; they count as sent again, so leave them out (editcap -d) first",
        copies_, frames_, kCopyApart / 1000));
  }
  if (cut_ > 0) {
    told.push_back(fmt::format(
        "cut short: the capture kept only the beginning of {} of {} frames; what is missing is not "
        "judged, so capture whole frames (tcpdump -s 0)",
        cut_, frames_));
  }
  return told;
}

}  // namespace agent::replay
