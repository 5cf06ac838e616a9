// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "profiles/store.hpp"

namespace profiles {

/// The questions and orders of a Store, each one statement. All of it throws SQLite::Exception and
/// UnreadableRow.
struct Store::Impl {
  Impl(std::string file, std::unique_ptr<SQLite::Database> opened)
      : path(std::move(file)), database(std::move(opened)) {}

  /// A statement that is prepared once; reset and without parameters.
  SQLite::Statement& statement(const std::string& sql);

  std::optional<PortProfile> profile(const std::string& name);
  std::optional<NetworkParameters> type(const TypeName& name);
  bool has_type(const TypeName& name);
  std::int64_t revision();
  std::optional<MirrorState> mirror();
  void write_mirror(const MirrorState& state);
  Contents contents();
  /// Commits, and moves what was written from the log into the file itself, unless a reader is at
  /// it for too long: a backup that is put in the file's place later must not meet an old log.
  void commit(SQLite::Transaction& transaction);
  /// Does the changes within the transaction that the caller holds; returns the revision after it.
  std::int64_t change(const Changes& changes);
  /// The types that `changes` gives another body, as sentences.
  std::vector<std::string> changed_bodies(const Changes& changes);
  /// The profiles that stand for no type now that `changes` were made after revision `since`.
  std::vector<std::string> dangling(const Changes& changes, std::int64_t since);

  std::string path;
  std::unique_ptr<SQLite::Database> database;
  std::unordered_map<std::string, SQLite::Statement> statements;

 private:
  /// Each returns whether it changed anything.
  bool put(const PortProfile& profile, std::int64_t revision);
  bool put(const VsiTypeEntry& type, std::int64_t revision);
  bool remove(const std::string& profile, std::int64_t revision);
  bool remove(const TypeName& type, std::int64_t revision);
  void forget_old_removals();
};

/// The rows of port_profile and vsi_type as SELECT them: columns in the order that these read.
extern const std::string kSelectProfile;
extern const std::string kSelectType;
PortProfile profile_of(SQLite::Statement& row);
VsiTypeEntry type_of(SQLite::Statement& row);

}  // namespace profiles
