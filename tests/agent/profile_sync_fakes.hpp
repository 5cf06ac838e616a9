// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/profile_sync/etcd.hpp"

namespace agent::profile_sync {

/// An etcd in memory, with its history. A watch hands out the history, then takes one step of
/// `while_watched` after another, handing out what each has changed, and ends when none is left: as
/// stop() would end it.
class FakeEtcd : public Etcd {
 public:
  std::string cluster = "00000000000000c1";
  std::int64_t revision = 1;
  std::int64_t compacted = 0;      ///< the history up to here is gone
  std::deque<EtcdError> failures;  ///< of the next calls, one each
  std::deque<std::function<void()>> while_watched;
  std::vector<std::string> calls;

  void put(const std::string& key, const std::string& value) {
    const KeyValue entry{key, value, ++revision};
    entries_[key] = entry;
    history_.push_back({false, entry});
  }
  void remove(const std::string& key) {
    entries_.erase(key);
    history_.push_back({true, {key, "", ++revision}});
  }
  void wipe() {
    entries_.clear();
    history_.clear();
    revision = 1;
  }
  bool has(const std::string& key) const { return entries_.contains(key); }
  std::string value(const std::string& key) const { return entries_.at(key).value; }
  std::size_t size() const { return entries_.size(); }

  EtcdResult<Snapshot> read(const std::string& key) override {
    if (auto failure = called("read")) return tl::unexpected(*failure);
    Snapshot found{{cluster, revision}, {}};
    if (has(key)) found.entries.push_back(entries_.at(key));
    return found;
  }

  EtcdResult<Snapshot> read_all(const std::string& prefix) override {
    if (auto failure = called("read_all")) return tl::unexpected(*failure);
    Snapshot found{{cluster, revision}, {}};
    for (const auto& [key, entry] : entries_) {
      if (key.starts_with(prefix)) found.entries.push_back(entry);
    }
    return found;
  }

  EtcdError watch(const std::string& prefix, std::int64_t from,
                  const std::function<bool(const Batch&)>& heard) override {
    if (auto failure = called("watch " + std::to_string(from))) return *failure;
    if (from <= compacted) return {EtcdError::Kind::kCompacted, "the history is compacted"};
    for (;;) {
      Batch batch{cluster, {}};
      for (const auto& event : history_) {
        if (event.entry.modified >= from && event.entry.key.starts_with(prefix)) {
          batch.events.push_back(event);
        }
      }
      from = revision + 1;
      if (!heard(batch)) return {EtcdError::Kind::kStopped, "not heard any more"};
      if (auto failure = take_failure()) return *failure;
      if (while_watched.empty()) return {EtcdError::Kind::kStopped, "stopped"};
      const auto step = std::move(while_watched.front());
      while_watched.pop_front();
      step();
    }
  }

  EtcdResult<std::int64_t> write(const std::vector<Write>& writes) override {
    if (auto failure = called("write")) return tl::unexpected(*failure);
    const bool holds = std::all_of(writes.begin(), writes.end(), [&](const Write& one) {
      return one.modified == (has(one.key) ? entries_.at(one.key).modified : 0);
    });
    if (!holds) return tl::unexpected(EtcdError{EtcdError::Kind::kConflict, "changed meanwhile"});
    ++revision;
    for (const auto& one : writes) {
      if (one.what == Write::What::kPut) entries_[one.key] = {one.key, one.value, revision};
      if (one.what == Write::What::kRemove) entries_.erase(one.key);
    }
    return revision;
  }

  EtcdResult<std::int64_t> grant(std::chrono::seconds) override { return ++lease; }
  EtcdResult<bool> keep_alive(std::int64_t one) override { return one == lease; }
  EtcdResult<bool> report(
      std::int64_t, const std::map<std::string, std::optional<std::string>>& changes) override {
    for (const auto& [key, value] : changes) {
      if (value) {
        put(key, *value);
      } else {
        remove(key);
      }
    }
    return true;
  }

  void stop() override {}

  std::int64_t lease = 0;

 private:
  std::optional<EtcdError> take_failure() {
    if (failures.empty()) return std::nullopt;
    const auto failure = failures.front();
    failures.pop_front();
    return failure;
  }
  std::optional<EtcdError> called(const std::string& what) {
    calls.push_back(what);
    return take_failure();
  }

  std::map<std::string, KeyValue> entries_;
  std::vector<KeyEvent> history_;
};

}  // namespace agent::profile_sync
