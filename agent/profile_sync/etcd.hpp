// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/profile_sync/settings.hpp"

namespace agent::profile_sync {

/// Why etcd did not do what it was asked.
struct EtcdError {
  enum class Kind : std::uint8_t {
    kUnreachable,  ///< no member answers, or the one that does has no leader
    kRefused,      ///< certificate, user, password or permission: trying again will not help soon
    kCompacted,    ///< the history from the wanted revision on is gone
    kConflict,     ///< somebody else changed a key meanwhile
    kStopped,      ///< stop() was called
  };
  Kind kind = Kind::kUnreachable;
  std::string text;  ///< a sentence: what, of whom, why
};
template <class Value>
using EtcdResult = tl::expected<Value, EtcdError>;

struct KeyValue {
  std::string key;
  std::string value;
  std::int64_t modified = 0;  ///< the revision that wrote it
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

/// Where the store of a cluster stands.
struct Position {
  std::string cluster;        ///< its id, 16 hexadecimal digits
  std::int64_t revision = 0;  ///< of the whole cluster: rises with each change of any key
};

struct Snapshot {
  Position at;
  std::vector<KeyValue> entries;  ///< in the order of their keys
};

struct KeyEvent {
  bool removed = false;
  KeyValue entry;  ///< without value when it was removed
  friend bool operator==(const KeyEvent&, const KeyEvent&) = default;
};

/// What a watch hears at a time: whole revisions, in their order. Without events: a sign of life.
struct Batch {
  std::string cluster;
  std::vector<KeyEvent> events;
};

/// A part of a transaction, of which nothing is done when a key was changed after `modified` (0: it
/// must not exist).
struct Write {
  enum class What : std::uint8_t {
    kPut,
    kRemove,
    kCompare,  ///< the key is to stay as it is
  };
  What what = What::kPut;
  std::string key;
  std::int64_t modified = 0;
  std::string value;  ///< of kPut
};

/// etcd as this program uses it. Calls block; each connects to the next member when the last call
/// failed. stop() may be called by any thread and ends the call of another at once, and all after
/// it.
class Etcd {
 public:
  virtual ~Etcd() = default;

  /// Where the cluster stands, and what stands under one key.
  virtual EtcdResult<Snapshot> read(const std::string& key) = 0;
  /// All keys that begin with `prefix`, as they are at one revision.
  virtual EtcdResult<Snapshot> read_all(const std::string& prefix) = 0;
  /// Hands out what happens to keys with `prefix` from a revision on, until `heard` returns false
  /// or the watch fails.
  virtual EtcdError watch(const std::string& prefix, std::int64_t from,
                          const std::function<bool(const Batch&)>& heard) = 0;
  /// All of them or, with an error, none; at most kWritesAtOnce.
  virtual EtcdResult<std::int64_t> write(const std::vector<Write>& writes) = 0;

  /// A lease: what is attached to it is removed when it was not kept alive for that long.
  virtual EtcdResult<std::int64_t> grant(std::chrono::seconds time) = 0;
  /// False: it has ended.
  virtual EtcdResult<bool> keep_alive(std::int64_t lease) = 0;
  /// Puts values attached to a lease, whatever was there; without value the key is removed.
  virtual EtcdResult<bool> report(
      std::int64_t lease, const std::map<std::string, std::optional<std::string>>& changes) = 0;

  virtual void stop() = 0;
};

/// etcd takes 128 operations in a transaction unless it is configured otherwise.
inline constexpr std::size_t kWritesAtOnce = 120;

/// A client of etcd's v3 gRPC API. The error is a sentence: a certificate that cannot be read.
tl::expected<std::unique_ptr<Etcd>, std::string> connect(const EtcdSettings& settings);

}  // namespace agent::profile_sync
