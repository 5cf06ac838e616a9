// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "agent/replay/verdict.hpp"

namespace agent::replay::report {

/// How much a frame has to tell. The most telling are drawn first.
enum class Weight : std::uint8_t {
  kForeign,    ///< of no protocol of ours
  kRepeat,     ///< an LLDPDU as before, a keep-alive with its acknowledgements and response
  kNews,       ///< it changed something: EVB's values, a VSI's state; or it had to be sent again
  kNear,       ///< close to a deviation
  kDeviation,  ///< a rule names it, or it is broken
};

/// Which frames of a capture are drawn one by one: all of a small one; of a large one the most
/// telling, and a few of the repeats. One octet for each frame is kept.
class Selection {
 public:
  /// The next frame of the capture.
  void take(const DecodedFrame& frame);
  /// Chooses at most `limit`, once all were taken. `deviations`: the worst first.
  void choose(const Conversation& talk, std::span<const Deviation> deviations, std::size_t limit);

  bool draws(std::uint64_t frame) const {
    return frame > 0 && frame <= drawn_.size() && drawn_[static_cast<std::size_t>(frame - 1)];
  }
  std::uint64_t frames() const { return weights_.size(); }
  std::uint64_t drawn() const { return count_; }

 private:
  void raise(std::uint64_t frame, Weight weight);
  void weigh(const Conversation& talk);
  void draw(std::uint64_t frame, std::uint64_t limit);
  void draw_all(Weight weight, std::uint64_t limit);
  bool seen_before(const DecodedFrame& frame);

  std::vector<Weight> weights_;
  std::vector<bool> drawn_;
  std::uint64_t count_ = 0;
  std::map<std::uint64_t, std::size_t> last_;  // of a sender's LLDPDUs and requests: their hashes
};

}  // namespace agent::replay::report
