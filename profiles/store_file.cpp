// SPDX-License-Identifier: Apache-2.0
#include "profiles/store_file.hpp"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

namespace profiles {
namespace {

using Kind = StoreError::Kind;

/// PRAGMA application_id, "EVBP": tells the file from other programs' databases.
constexpr int kApplicationId = 0x45564250;
/// PRAGMA user_version: rises whenever the tables change; convert_tables() knows the ones before.
constexpr int kSchemaVersion = 2;

/// {0} stands for the columns of NetworkParameters.
constexpr const char* kTables = R"(
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1),
  revision INTEGER NOT NULL, forgotten INTEGER NOT NULL);
INSERT INTO meta VALUES (1, 0, 0);
CREATE TABLE mirror (one INTEGER PRIMARY KEY CHECK (one = 1), cluster TEXT NOT NULL,
  source TEXT NOT NULL, revision INTEGER NOT NULL, contact INTEGER NOT NULL, trouble TEXT NOT NULL);
CREATE TABLE port_profile (name TEXT PRIMARY KEY, revision INTEGER NOT NULL,
  manager BLOB, type_id INTEGER, type_version INTEGER, {0},
  require_relay INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX port_profile_revision ON port_profile (revision);
CREATE TABLE vsi_type (manager BLOB NOT NULL, type_id INTEGER NOT NULL,
  type_version INTEGER NOT NULL, revision INTEGER NOT NULL, {0},
  PRIMARY KEY (manager, type_id, type_version)) WITHOUT ROWID;
CREATE INDEX vsi_type_id ON vsi_type (type_id, type_version);
CREATE INDEX vsi_type_revision ON vsi_type (revision);
CREATE TABLE removed_profile (name TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE removed_type (manager BLOB NOT NULL, type_id INTEGER NOT NULL,
  type_version INTEGER NOT NULL, revision INTEGER NOT NULL,
  PRIMARY KEY (manager, type_id, type_version)) WITHOUT ROWID;
)";

Kind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Kind::kLocked;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN: return Kind::kReadOnly;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM: return Kind::kFull;
    default: return Kind::kDamaged;
  }
}

std::string advice(Kind kind, const std::string& path) {
  switch (kind) {
    case Kind::kLocked: return "another process is writing it; try again";
    case Kind::kReadOnly: return "check the path, its permissions and those of its directory";
    case Kind::kFull: return "is the file system full? Nothing was changed";
    default:
      return fmt::format(
          "the file is damaged; move it away and import your TOML file anew, "
          "`sqlite3 {} .recover` may save what it held",
          path);
  }
}

StoreError error(Kind kind, std::string text) { return {kind, std::move(text), {}}; }

bool is_empty(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
}

void create_tables(SQLite::Database& database) {
  database.exec("PRAGMA journal_mode = WAL");
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  if (is_empty(database)) {  // no other process was faster
    database.exec(fmt::format(kTables, kParameterColumns));
    database.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    database.exec(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
  }
  transaction.commit();
}

/// What an earlier version of the programs made becomes what this one would make.
void convert_tables(SQLite::Database& database) {
  const auto version = [&] { return database.execAndGet("PRAGMA user_version").getInt(); };
  if (database.execAndGet("PRAGMA application_id").getInt() != kApplicationId) return;
  if (version() != 1) return;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  if (version() == 1) {  // no other process was faster
    database.exec("ALTER TABLE port_profile ADD COLUMN require_relay INTEGER NOT NULL DEFAULT 0");
    database.exec(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
  }
  transaction.commit();
}

/// Whether the tables are ours and of a version that this program knows.
StoreResult<void> check_tables(SQLite::Database& database, const std::string& path) {
  if (database.execAndGet("PRAGMA application_id").getInt() != kApplicationId) {
    return tl::unexpected(
        error(Kind::kDamaged, path + " is no profile database of evbd; name another file"));
  }
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version == kSchemaVersion) return {};
  if (version > 0 && version < kSchemaVersion) {
    return tl::unexpected(error(
        Kind::kVersion, fmt::format("{} was made by an earlier version of the programs; the first "
                                    "change to it converts it, as by `evbctl profile import`",
                                    path)));
  }
  return tl::unexpected(error(
      Kind::kVersion, fmt::format("{} has version {} of the tables, this program knows {}; use the "
                                  "program that made it, export there and import here",
                                  path, version, kSchemaVersion)));
}

/// What SQLite would say less clearly, or too late.
StoreResult<void> check_path(const std::string& path, Access access) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (std::filesystem::exists(status)) {
    if (std::filesystem::is_regular_file(status)) return {};
    return tl::unexpected(error(Kind::kReadOnly, path + " is no regular file; name another one"));
  }
  if (access == Access::kRead && status.type() == std::filesystem::file_type::not_found) {
    return tl::unexpected(
        error(Kind::kMissing, path + " does not exist; `evbctl profile import` makes it"));
  }
  const auto parent = std::filesystem::absolute(path, failed).parent_path();
  if (!std::filesystem::is_directory(parent, failed)) {
    return tl::unexpected(error(
        Kind::kReadOnly, fmt::format("{} cannot be opened: there is no directory {}; make it first",
                                     path, parent.string())));
  }
  return {};
}

StoreResult<std::unique_ptr<SQLite::Database>> open_checked(const std::string& path, Access access,
                                                            std::chrono::milliseconds patience) {
  const bool writes = access == Access::kWrite;
  auto database = std::make_unique<SQLite::Database>(
      path, writes ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY,
      static_cast<int>(patience.count()));
  sqlite3_extended_result_codes(database->getHandle(), 1);
  if (writes && sqlite3_db_readonly(database->getHandle(), "main") == 1) {
    return tl::unexpected(
        error(Kind::kReadOnly, path + " may not be written; " + advice(Kind::kReadOnly, path)));
  }
  if (is_empty(*database)) {
    if (!writes) {
      return tl::unexpected(
          error(Kind::kMissing, path + " is empty; `evbctl profile import` fills it"));
    }
    create_tables(*database);
  } else if (writes) {
    convert_tables(*database);
  }
  if (auto checked = check_tables(*database, path); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  // What a command said it has done is on the disk.
  if (writes) database->exec("PRAGMA synchronous = FULL");
  return database;
}

}  // namespace

StoreError store_error(const std::string& path, const SQLite::Exception& exception) {
  const auto kind = kind_of(exception.getErrorCode());
  return error(
      kind, fmt::format("{} cannot be used: {}; {}", path, exception.what(), advice(kind, path)));
}

StoreError store_error(const std::string& path, const UnreadableRow& row) {
  return error(Kind::kDamaged, fmt::format("{} holds a row that cannot be read: {}; {}", path,
                                           row.what(), advice(Kind::kDamaged, path)));
}

StoreResult<std::unique_ptr<SQLite::Database>> open_database(const std::string& path, Access access,
                                                             std::chrono::milliseconds patience) {
  if (auto checked = check_path(path, access); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  return guarded(path, [&] { return open_checked(path, access, patience); });
}

}  // namespace profiles
