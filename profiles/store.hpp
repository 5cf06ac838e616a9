// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "profiles/port_profile.hpp"

namespace profiles {

inline constexpr std::string_view kDefaultDatabase = "/var/lib/evbd/profiles.db";

struct StoreError {
  enum class Kind : std::uint8_t {
    kMissing,   ///< there is no file, or an empty one
    kDamaged,   ///< it is no database of ours, or broken
    kVersion,   ///< a newer version of the programs made it
    kLocked,    ///< another process holds it for longer than `patience`
    kReadOnly,  ///< it may not be written, or not be opened at all
    kFull,      ///< the file system is full, or the device fails
    kRefused,   ///< a rule of the database forbids the change: see `reasons`
  };
  Kind kind = Kind::kDamaged;
  std::string text;                  ///< what, on which file, what to do
  std::vector<std::string> reasons;  ///< kRefused: one sentence per entry
};

template <class Value>
using StoreResult = tl::expected<Value, StoreError>;

/// All of a database.
struct Contents {
  std::vector<PortProfile> profiles;  ///< in the order of their names
  std::vector<VsiTypeEntry> types;    ///< in the order of their names, any manager's first
  friend bool operator==(const Contents&, const Contents&) = default;
};

/// What one transaction does; removals come first. To remove what is not there is no fault.
struct Changes {
  std::vector<std::string> remove_profiles;
  std::vector<TypeName> remove_types;
  std::vector<PortProfile> put_profiles;
  std::vector<VsiTypeEntry> put_types;
  bool empty() const {
    return remove_profiles.empty() && remove_types.empty() && put_profiles.empty() &&
           put_types.empty();
  }
};

/// What makes `to` of `from`. Entries that are the same in both are put again, which costs nothing.
Changes difference(const Contents& from, const Contents& to);

/// Whether a VSI type may get another body under the same version.
enum class Force : std::uint8_t { kNo, kYes };

/// How far a database that mirrors another one has come.
struct MirrorState {
  std::string cluster;        ///< the identity of what is mirrored; another one: start anew
  std::string source;         ///< where from, for people: endpoints and prefix
  std::int64_t revision = 0;  ///< of the source, which the contents are those of
  std::chrono::system_clock::time_point contact;  ///< when the source was last heard of
  std::string trouble;                            ///< why it is not heard of; empty: it is
  friend bool operator==(const MirrorState&, const MirrorState&) = default;
};

/// Whether a store is opened for reading (the file must be there) or also for writing (it is made).
enum class Access : std::uint8_t { kRead, kWrite };

/// The database of port profiles and VSI types: one SQLite file, which many processes may read
/// while one writes. Each change is one transaction, all or nothing; after an error the contents
/// are what they were. The names of profiles are held to name_fault(); other values are stored as
/// they are.
class Store {
 public:
  /// `patience`: how long to wait for a lock.
  static StoreResult<Store> open(const std::string& path, Access access,
                                 std::chrono::milliseconds patience = std::chrono::seconds(5));

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  StoreResult<std::optional<PortProfile>> find_profile(std::string_view name);
  /// The manager's own type first, then that of any manager.
  StoreResult<std::optional<NetworkParameters>> find_type(const vdp::ManagerId& manager,
                                                          vdp::VsiType type);
  /// Exactly that entry.
  StoreResult<std::optional<NetworkParameters>> find_type(const TypeName& name);
  /// Whether there is a type that a profile may stand for under this name.
  StoreResult<bool> has_type(const TypeName& name);
  StoreResult<Contents> contents();

  /// Rises with every transaction that changed a profile or a type.
  StoreResult<std::int64_t> revision();
  /// Rises also when only the mirror's state changed, by whatever process; costs microseconds.
  StoreResult<std::int64_t> data_version();

  /// Returns the revision after it. Refused with kRefused: a VSI type that gets another body under
  /// its version without force, a profile that stands for a type that is not there afterwards, and
  /// everything when the database mirrors another one.
  StoreResult<std::int64_t> apply(const Changes& changes, Force force);

  /// nullopt: the database mirrors nothing.
  StoreResult<std::optional<MirrorState>> mirror_state();
  /// The mirror's transactions: the source decides, so bodies change without force, and a profile
  /// may for a while stand for a type that has not come yet. Entries that stay as they are keep
  /// their revision. apply() without changes records a contact.
  StoreResult<std::int64_t> replace_all(const Contents& contents, const MirrorState& state);
  StoreResult<std::int64_t> apply(const Changes& changes, const MirrorState& state);
  /// The contents stay, and may be changed here again.
  StoreResult<void> end_mirror();

  /// Looks through the whole file; what is wrong with it is the error.
  StoreResult<void> check();

  /// What changed after a revision, read bit by bit from one state of the database.
  class Reader;
  StoreResult<Reader> read_changes(std::int64_t since);

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Hands out changes in portions, so that a loop that has other work is never held up for long. It
/// must not outlive its store; while it exists, the store must not be used otherwise.
class Store::Reader {
 public:
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  /// The revision that the reader reads.
  std::int64_t revision() const;
  /// `since` was too long ago to tell what was removed: start from nothing.
  bool from_nothing() const;
  /// Up to `most` more changes; empty: that was all.
  StoreResult<Changes> next(std::size_t most);

 private:
  friend class Store;
  struct Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace profiles
