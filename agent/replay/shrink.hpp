// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "agent/replay/predicate.hpp"
#include "agent/replay/session.hpp"

namespace agent::replay {

/// Frames that shall become fewer.
struct Shrinkable {
  LinkType type = LinkType::kEthernet;
  std::vector<CapturedFrame> frames;
  /// Of each frame: those of one number (an ECP request, sent again, and its acknowledgements)
  /// leave together at first.
  std::vector<std::size_t> exchanges;
};

struct Shrunk {
  std::vector<const CapturedFrame*> frames;
  std::uint64_t tries = 0;
  bool smallest = true;  ///< without any one frame the predicate does not hold; or work ran out
};

/// How many frames may be judged in all: the bound of its time, and the same on every machine.
inline constexpr std::uint64_t kMostWork = 20'000'000;

/// The predicate has to hold for all frames; it does for those that are returned. Delta debugging
/// (Zeller's ddmin), over exchanges, then over frames.
Shrunk shrink_frames(const Shrinkable& from, const Predicate& until,
                     std::uint64_t most_work = kMostWork);

Exit shrink(const Session& session);

}  // namespace agent::replay
