// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <map>

#include "agent/replay/shrink.hpp"

namespace agent::replay {
namespace {

using Frames = std::vector<const CapturedFrame*>;
using Pieces = std::vector<Frames>;  // what leaves together; in the order of their first frames

class Shrinker {
 public:
  Shrinker(LinkType type, const Predicate& until, std::uint64_t most_work)
      : type_(type), until_(until), work_(most_work) {}

  /// The fewest pieces for which the predicate holds, as ddmin finds them: parts of the whole, ever
  /// smaller ones, are left out as long as it holds without them.
  Pieces reduce(Pieces pieces) {
    std::size_t parts = 2;
    while (pieces.size() >= 2 && work_ > 0) {
      parts = std::min(parts, pieces.size());
      auto less = without_one_part(pieces, parts);
      if (less) {
        pieces = *std::move(less);
        parts = std::max<std::size_t>(parts - 1, 2);
      } else if (parts == pieces.size()) {
        return pieces;
      } else {
        parts *= 2;
      }
    }
    return pieces;
  }

  std::uint64_t tries() const { return tries_; }
  bool spent() const { return work_ == 0; }

  static Frames joined(const Pieces& pieces) {
    Frames frames;
    for (const auto& piece : pieces) frames.insert(frames.end(), piece.begin(), piece.end());
    std::ranges::sort(frames, {}, [](auto* frame) { return frame->number; });
    return frames;
  }

 private:
  /// From the end on, because what comes after a deviation seldom matters.
  std::optional<Pieces> without_one_part(const Pieces& pieces, std::size_t parts) {
    for (auto part = parts; part-- > 0;) {
      const auto begin = pieces.size() * part / parts;
      const auto end = pieces.size() * (part + 1) / parts;
      Pieces rest(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(begin));
      rest.insert(rest.end(), pieces.begin() + static_cast<std::ptrdiff_t>(end), pieces.end());
      if (holds(rest)) return rest;
      if (work_ == 0) break;
    }
    return std::nullopt;
  }

  bool holds(const Pieces& pieces) {
    const auto frames = joined(pieces);
    work_ -= std::min<std::uint64_t>(work_, frames.size() + 1);
    if (work_ == 0) return false;
    ++tries_;
    return until_.holds(type_, frames);
  }

  LinkType type_;
  const Predicate& until_;
  std::uint64_t work_;
  std::uint64_t tries_ = 0;
};

}  // namespace

Shrunk shrink_frames(const Shrinkable& from, const Predicate& until, std::uint64_t most_work) {
  std::map<std::size_t, Frames> exchanges;
  for (std::size_t i = 0; i < from.frames.size(); ++i) {
    exchanges[from.exchanges[i]].push_back(&from.frames[i]);
  }
  Pieces pieces;
  for (auto& [number, frames] : exchanges) pieces.push_back(std::move(frames));
  Shrinker shrinker(from.type, until, most_work);
  pieces = shrinker.reduce(std::move(pieces));
  Pieces single;
  for (const auto* frame : Shrinker::joined(pieces)) single.push_back({frame});
  single = shrinker.reduce(std::move(single));
  return {Shrinker::joined(single), shrinker.tries(), !shrinker.spent()};
}

}  // namespace agent::replay
