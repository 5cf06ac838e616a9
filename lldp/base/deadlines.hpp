// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "lldp/base/chain.hpp"
#include "lldp/base/time.hpp"

namespace base {

/// The deadlines of many owners in order of time. Owners whose deadlines are the same instant, as
/// those of one ECPDU, share an entry, so that setting one of them mostly costs the same however
/// many there are, and O(log n) at worst. Each owner keeps its handle, so nothing is ever searched.
template <class Owner>
class Deadlines {
  using Entries = std::map<Instant, Chain<Owner>>;

 public:
  /// Stays where it is from the first set() on, and is stopped before it ends.
  class Handle {
   public:
    bool is_set() const { return link_.owner != nullptr; }

   private:
    friend class Deadlines;
    Link<Owner> link_;
    typename Entries::iterator entry_;
  };

  Deadlines() = default;
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  bool empty() const { return entries_.empty(); }

  /// Sets (or with nullopt stops) the owner's one deadline; `handle` belongs to the owner.
  void set(Owner& owner, Handle& handle, std::optional<Instant> at) {
    if (handle.is_set()) {
      if (at && handle.entry_->first == *at) return;
      stop(handle);
    }
    if (!at) return;
    if (recent_ == entries_.end() || recent_->first != *at) {
      recent_ = entries_.try_emplace(entries_.end(), *at);
    }
    recent_->second.push_back(owner, handle.link_);
    handle.entry_ = recent_;
  }

  std::optional<Instant> next() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.begin()->first;
  }

  /// The owner whose deadline is earliest if it is due, else nullptr. It stays entered.
  Owner* due(Instant now) const {
    if (entries_.empty() || entries_.begin()->first > now) return nullptr;
    return entries_.begin()->second.first()->owner;
  }

 private:
  void stop(Handle& handle) {
    handle.entry_->second.remove(handle.link_);
    if (!handle.entry_->second.empty()) return;
    if (recent_ == handle.entry_) recent_ = entries_.end();
    entries_.erase(handle.entry_);
  }

  Entries entries_;  // no chain in it is empty
  typename Entries::iterator recent_ = entries_.end();
};

/// The earlier of two optional instants.
constexpr std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

}  // namespace base
