// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "agent/evbd/log.hpp"
#include "agent/profile_sync/backoff.hpp"
#include "agent/profile_sync/entries.hpp"
#include "agent/profile_sync/etcd.hpp"
#include "profiles/store.hpp"

namespace agent::profile_sync {

/// Keeps the local database what the one in etcd is. It owns no thread and no clock: run_once() is
/// called again after every end of it.
class Mirror {
 public:
  using WallClock = std::chrono::system_clock;
  /// How often a sign of life is written down while nothing changes.
  static constexpr std::chrono::seconds kContact{10};

  enum class End : std::uint8_t {
    kAgain,    ///< all is well, the database has to be read anew: call again at once
    kTrouble,  ///< something failed and was written down: call again after a while
    kStopped,
  };

  Mirror(Etcd& etcd, profiles::Store& store, Keys keys, std::string source, Log& log,
         std::function<WallClock::time_point()> now);

  /// Reads what changed since the local database's revision, or all of it where that cannot be
  /// told, and follows etcd until something is in the way.
  End run_once();
  /// Whether the last run_once() heard anything of a watch.
  bool heard() const { return heard_; }

 private:
  bool catch_up();
  bool read_everything();
  bool take(const Batch& batch);
  bool contact();
  void collect(const KeyValue& entry, profiles::Changes& changes);
  void keep_old(const EntryName& name, profiles::Contents& contents);
  bool stored(const profiles::StoreResult<std::int64_t>& result);
  End failed(const EtcdError& error);
  std::string unreadable() const;

  Etcd& etcd_;
  profiles::Store& store_;
  Keys keys_;
  Log& log_;
  std::function<WallClock::time_point()> now_;
  profiles::MirrorState state_;
  std::string cluster_;                            ///< etcd's own id, a part of state_.cluster
  std::map<std::string, std::string> unreadable_;  ///< key -> why
  std::string told_;                               ///< what the log said last, and says once
  EtcdError error_;
  bool from_nothing_ = false;  ///< what changed since state_.revision cannot be told
  bool first_ = true;
  bool again_ = false;
  bool heard_ = false;
};

/// Mirrors until it is stopped. `pause` waits that long before the next try; false: stopped.
void follow(Mirror& mirror, Backoff& backoff,
            const std::function<bool(std::chrono::milliseconds)>& pause);

}  // namespace agent::profile_sync
