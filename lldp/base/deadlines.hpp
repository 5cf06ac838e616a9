// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <utility>

#include "lldp/base/time.hpp"

namespace base {

/// The deadlines of many owners in order of time; setting, stopping and finding the next cost
/// O(log n). Each owner keeps its entry's handle, so nothing is ever searched.
template <class Owner>
class Deadlines {
 public:
  using Entries = std::set<std::pair<Instant, Owner*>>;
  using Handle = std::optional<Instant>;

  /// Sets (or with nullopt stops) the owner's one deadline; `handle` belongs to the owner.
  void set(Owner& owner, Handle& handle, std::optional<Instant> at) {
    if (handle == at) return;
    if (handle && at) {
      auto node = entries_.extract({*handle, &owner});
      node.value().first = *at;
      entries_.insert(std::move(node));
    } else if (handle) {
      entries_.erase({*handle, &owner});
    } else {
      entries_.insert({*at, &owner});
    }
    handle = at;
  }

  std::optional<Instant> next() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.begin()->first;
  }

  /// The owner whose deadline is earliest if it is due, else nullptr. It stays entered.
  Owner* due(Instant now) const {
    if (entries_.empty() || entries_.begin()->first > now) return nullptr;
    return entries_.begin()->second;
  }

  const Entries& in_order() const { return entries_; }

 private:
  Entries entries_;
};

/// The earlier of two optional instants.
constexpr std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

}  // namespace base
