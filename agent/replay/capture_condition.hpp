// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/replay/decoded_frame.hpp"

namespace agent::replay {

/// What is wrong with how a capture was made: it spoils the verdict, and no peer is to blame.
class CaptureCondition {
 public:
  /// A frame and its copy are at most this far apart; no ackTimer of RTE 4 or more is as short.
  static constexpr std::int64_t kCopyApart = 100'000;  // nanoseconds
  /// From this many copies on they are told, if they are a quarter of all frames.
  static constexpr std::uint64_t kFewestCopies = 4;

  /// Frames in the order of the file.
  void take(const DecodedFrame& frame);

  /// Frames that are earlier than the one before.
  std::uint64_t out_of_order() const { return out_of_order_; }
  std::uint64_t first_out_of_order() const { return first_out_of_order_; }  ///< 0: there is none
  /// Frames of which the capture kept too little to judge them.
  std::uint64_t cut() const { return cut_; }
  /// Frames that are octet for octet the one before, at nearly the same time.
  std::uint64_t copies() const { return copies_; }

  /// For people: what it is, what it means, what to do; empty for a sound capture.
  std::vector<std::string> sentences() const;

 private:
  std::uint64_t frames_ = 0;
  std::uint64_t out_of_order_ = 0;
  std::uint64_t first_out_of_order_ = 0;
  std::uint64_t cut_ = 0;
  std::uint64_t copies_ = 0;
  std::int64_t last_at_ = 0;
  std::size_t last_hash_ = 0;
};

}  // namespace agent::replay
