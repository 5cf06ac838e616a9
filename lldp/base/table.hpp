// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace base {

/// Entries that are found by their key and stay where they are: a station has ten thousand of them,
/// all of which come, speak and go in one burst. Entries live in slabs that are used again, and the
/// index is one flat array: entering, finding and erasing one cost no allocation and, most often,
/// one cache line beside the entry. `Entry` has `const Key& id() const`.
template <class Key, class Entry, class Hash = std::hash<Key>>
class Table {
 public:
  Table() = default;
  ~Table() { clear(); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  std::size_t size() const { return size_; }

  /// nullptr when there is none.
  Entry* find(const Key& key) const {
    if (size_ == 0) return nullptr;
    const auto tag = tag_of(key);
    for (std::size_t at = tag & mask(); places_[at].entry != nullptr; at = (at + 1) & mask()) {
      if (places_[at].tag == tag && places_[at].entry->id() == key) return places_[at].entry;
    }
    return nullptr;
  }

  /// Makes the entry of a key that has none.
  template <class... Arguments>
  Entry& make(Arguments&&... arguments) {
    if ((size_ + 1) * 2 > places_.size()) grow();
    Entry* const entry =
        std::construct_at(static_cast<Entry*>(take_room()), std::forward<Arguments>(arguments)...);
    put({entry, tag_of(entry->id())});
    ++size_;
    return *entry;
  }

  void erase(Entry& entry) {
    std::size_t at = tag_of(entry.id()) & mask();
    while (places_[at].entry != &entry) at = (at + 1) & mask();
    close_gap(at);
    --size_;
    std::destroy_at(&entry);
    free_.push_back(&entry);
  }

  void clear() {
    for (const auto& place : places_) {
      if (place.entry != nullptr) std::destroy_at(place.entry);
    }
    places_.clear();
    free_.clear();
    slabs_.clear();
    unused_ = 0;
    size_ = 0;
  }

  /// Calls `each` with every entry, in no order; it must not make or erase any.
  template <class Each>
  void for_each(Each&& each) const {
    for (const auto& place : places_) {
      if (place.entry != nullptr) each(*place.entry);
    }
  }

 private:
  struct Place {
    Entry* entry = nullptr;
    std::size_t tag = 0;
  };
  static constexpr std::size_t kEntriesInSlab = 32;
  struct Slab {
    alignas(Entry) std::byte octets[kEntriesInSlab * sizeof(Entry)];
  };

  static std::size_t tag_of(const Key& key) { return Hash()(key); }
  std::size_t mask() const { return places_.size() - 1; }

  void put(Place place) {
    std::size_t at = place.tag & mask();
    while (places_[at].entry != nullptr) at = (at + 1) & mask();
    places_[at] = place;
  }

  void grow() {
    const auto old =
        std::exchange(places_, std::vector<Place>(std::max<std::size_t>(16, places_.size() * 2)));
    for (const auto& place : old) {
      if (place.entry != nullptr) put(place);
    }
  }

  /// Moves up what was pushed on by the place that falls empty, so that no search ends too early.
  void close_gap(std::size_t gap) {
    for (std::size_t at = (gap + 1) & mask(); places_[at].entry != nullptr;
         at = (at + 1) & mask()) {
      const std::size_t wanted = places_[at].tag & mask();
      if (((at - wanted) & mask()) >= ((at - gap) & mask())) {
        places_[gap] = places_[at];
        gap = at;
      }
    }
    places_[gap] = {};
  }

  void* take_room() {
    if (!free_.empty()) {
      void* const room = free_.back();
      free_.pop_back();
      return room;
    }
    if (unused_ == 0) {
      slabs_.push_back(std::make_unique<Slab>());
      free_.reserve(slabs_.size() * kEntriesInSlab);
      unused_ = kEntriesInSlab;
    }
    return slabs_.back()->octets + (kEntriesInSlab - unused_--) * sizeof(Entry);
  }

  std::vector<Place> places_;  // a power of two of them, half of them empty at least
  std::size_t size_ = 0;
  std::vector<std::unique_ptr<Slab>> slabs_;
  std::size_t unused_ = 0;  // at the end of the last slab
  std::vector<void*> free_;
};

}  // namespace base
