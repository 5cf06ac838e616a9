// SPDX-License-Identifier: Apache-2.0
#include "agent/interface/journal_file.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

namespace agent::interface {
namespace {

const char* const kCreate =
    "CREATE TABLE IF NOT EXISTS interface (name TEXT PRIMARY KEY, entry BLOB NOT NULL) "
    "WITHOUT ROWID";

bool is_damage(const SQLite::Exception& error) {
  return error.getErrorCode() == SQLITE_CORRUPT || error.getErrorCode() == SQLITE_NOTADB;
}

}  // namespace

struct JournalFile::Impl {
  explicit Impl(const std::string& path)
      : database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    // As in agent/state: one process owns it, and nothing waits for a disk.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = OFF");
    database.exec(kCreate);
    put = std::make_unique<SQLite::Statement>(database,
                                              "INSERT OR REPLACE INTO interface VALUES (?, ?)");
    erase = std::make_unique<SQLite::Statement>(database, "DELETE FROM interface WHERE name = ?");
  }

  SQLite::Database database;
  std::unique_ptr<SQLite::Statement> put;
  std::unique_ptr<SQLite::Statement> erase;
};

JournalFile::JournalFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JournalFile::JournalFile(JournalFile&&) noexcept = default;
JournalFile& JournalFile::operator=(JournalFile&&) noexcept = default;
JournalFile::~JournalFile() = default;

JournalFile::Opened JournalFile::open_once(const std::string& path) {
  Opened opened{JournalFile(std::make_unique<Impl>(path)), {}, {}};
  SQLite::Statement rows(opened.file.impl_->database, "SELECT name, entry FROM interface");
  while (rows.executeStep()) {
    const auto octets = rows.getColumn(1);
    journal::Entry entry;
    const bool good = entry.ParseFromArray(octets.getBlob(), octets.getBytes()) &&
                      entry.wanted().name() == rows.getColumn(0).getString();
    if (good) {
      opened.entries.push_back(std::move(entry));
    } else {
      opened.trouble = fmt::format("{}: what it says of interface {} cannot be read", path,
                                   rows.getColumn(0).getString());
    }
  }
  return opened;
}

tl::expected<JournalFile::Opened, std::string> JournalFile::open(const std::string& path) {
  std::string trouble;
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      auto opened = open_once(path);
      if (opened.trouble.empty()) opened.trouble = trouble;
      return opened;
    } catch (const SQLite::Exception& error) {
      if (!is_damage(error) || attempt > 0) {
        return tl::unexpected(fmt::format("cannot open {}: {}", path, error.what()));
      }
      std::error_code ignored;
      std::filesystem::rename(path, path + ".damaged", ignored);
      for (const auto* const tail : {"-wal", "-shm"}) std::filesystem::remove(path + tail, ignored);
      trouble = fmt::format(
          "{} is damaged and was moved to {}.damaged: what evbd made for interfaces before is "
          "unknown now; look for macvtaps that nobody uses (ip link show type macvtap)",
          path, path);
    }
  }
  return tl::unexpected(fmt::format("cannot open {}", path));
}

Done JournalFile::write(const std::vector<const journal::Entry*>& entries) {
  try {
    SQLite::Transaction transaction(impl_->database);
    for (const auto* const entry : entries) {
      const auto octets = entry->SerializeAsString();
      impl_->put->reset();
      impl_->put->bindNoCopy(1, entry->wanted().name());
      impl_->put->bindNoCopy(2, octets.data(), static_cast<int>(octets.size()));
      impl_->put->exec();
    }
    transaction.commit();
    return {};
  } catch (const SQLite::Exception& error) {
    return tl::unexpected(fmt::format("cannot write interfaces.db: {}", error.what()));
  }
}

Done JournalFile::remove(const std::string& name) {
  try {
    impl_->erase->reset();
    impl_->erase->bindNoCopy(1, name);
    impl_->erase->exec();
    return {};
  } catch (const SQLite::Exception& error) {
    return tl::unexpected(fmt::format("cannot write interfaces.db: {}", error.what()));
  }
}

}  // namespace agent::interface
