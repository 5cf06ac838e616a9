// SPDX-License-Identifier: Apache-2.0
#include "agent/state/database.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

#include "agent/state/blobs.hpp"

namespace agent::state {
namespace {

/// PRAGMA user_version: changes whenever the table does.
constexpr int kVersion = 1;

const char* const kCreate = R"(
CREATE TABLE IF NOT EXISTS wish (
  port TEXT NOT NULL, id_format INTEGER NOT NULL, id BLOB NOT NULL,
  type INTEGER NOT NULL, manager BLOB NOT NULL,
  type_id INTEGER NOT NULL, type_version INTEGER NOT NULL,
  filter_format INTEGER NOT NULL, filters BLOB NOT NULL,
  to_here INTEGER NOT NULL, from_here INTEGER NOT NULL, organizational BLOB NOT NULL,
  associated INTEGER NOT NULL, ending INTEGER NOT NULL,
  client INTEGER, ifindex INTEGER, ifname TEXT, managerid INTEGER, device_seen INTEGER,
  PRIMARY KEY (port, id_format, id)) WITHOUT ROWID)";

constexpr int kFirstOrigin = 14;  // column of `client`

void bind_blob(SQLite::Statement& statement, int index, const void* octets, std::size_t size) {
  statement.bindNoCopy(index, octets, static_cast<int>(size));
}

void bind_key(SQLite::Statement& statement, const VsiKey& key) {
  statement.bindNoCopy(1, key.port);
  statement.bind(2, static_cast<int>(key.id.format));
  bind_blob(statement, 3, key.id.octets.data(), key.id.octets.size());
}

base::Bytes column_octets(const SQLite::Column& column) {
  return {static_cast<const std::uint8_t*>(column.getBlob()),
          static_cast<std::size_t>(column.getBytes())};
}

/// False when the blob is of another size.
bool copy_octets(const SQLite::Column& column, std::array<std::uint8_t, 16>& to) {
  const auto octets = column_octets(column);
  if (octets.size() != to.size()) return false;
  std::ranges::copy(octets, to.begin());
  return true;
}

std::optional<LibvirtOrigin> read_origin(SQLite::Statement& row) {
  if (row.getColumn(kFirstOrigin).isNull()) return std::nullopt;
  LibvirtOrigin origin;
  origin.client = static_cast<std::uint32_t>(row.getColumn(kFirstOrigin).getInt64());
  origin.ifindex = row.getColumn(kFirstOrigin + 1).getInt();
  origin.ifname = row.getColumn(kFirstOrigin + 2).getString();
  origin.manager = static_cast<std::uint8_t>(row.getColumn(kFirstOrigin + 3).getInt());
  origin.device_seen = row.getColumn(kFirstOrigin + 4).getInt() != 0;
  return origin;
}

template <class Enum>
Enum read_enum(const SQLite::Column& column) {
  return static_cast<Enum>(column.getInt());
}

/// nullopt when the row is not one that this version writes.
std::optional<Wish> read_wish(SQLite::Statement& row) {
  Wish wish;
  auto& request = wish.request;
  wish.port = row.getColumn(0).getString();
  request.id.format = read_enum<vdp::VsiIdFormat>(row.getColumn(1));
  request.type = read_enum<vdp::AssociationType>(row.getColumn(3));
  request.vsi_type.id = row.getColumn(5).getUInt();
  request.vsi_type.version = static_cast<std::uint8_t>(row.getColumn(6).getInt());
  const auto format = read_enum<vdp::FilterFormat>(row.getColumn(7));
  auto filters = read_filters(format, column_octets(row.getColumn(8)));
  request.migration = {row.getColumn(9).getInt() != 0, row.getColumn(10).getInt() != 0};
  auto organizational = read_organizational(column_octets(row.getColumn(11)));
  wish.associated = row.getColumn(12).getInt() != 0;
  wish.ending = row.getColumn(13).getInt() != 0;
  wish.libvirt = read_origin(row);
  const bool known = request.id.format >= vdp::VsiIdFormat::kIpv4 &&
                     request.id.format <= vdp::VsiIdFormat::kUuid &&
                     request.type >= vdp::AssociationType::kPreAssociate &&
                     request.type <= vdp::AssociationType::kAssociate;
  if (!known || !filters || !organizational) return std::nullopt;
  if (!copy_octets(row.getColumn(2), request.id.octets)) return std::nullopt;
  if (!copy_octets(row.getColumn(4), request.manager.octets)) return std::nullopt;
  request.filters = std::move(*filters);
  request.organizational = std::move(*organizational);
  return wish;
}

/// Returns how many rows could not be read.
std::size_t read_wishes(SQLite::Database& database, std::vector<Wish>& wishes) {
  SQLite::Statement rows(database, "SELECT * FROM wish ORDER BY port, id_format, id");
  std::size_t unread = 0;
  while (rows.executeStep()) {
    if (auto wish = read_wish(rows)) {
      wishes.push_back(std::move(*wish));
    } else {
      ++unread;
    }
  }
  return unread;
}

}  // namespace

struct Database::Impl {
  explicit Impl(const std::string& path)
      : database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX) {
    // One process owns the file; the host's end is the state's end, so nothing waits for a disk.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = OFF");
  }

  SQLite::Database database;
  std::unique_ptr<SQLite::Statement> put;
  std::unique_ptr<SQLite::Statement> remove;

  void prepare() {
    put = std::make_unique<SQLite::Statement>(
        database, "INSERT OR REPLACE INTO wish VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    remove = std::make_unique<SQLite::Statement>(
        database, "DELETE FROM wish WHERE port = ? AND id_format = ? AND id = ?");
  }
  void write(const VsiKey& key, const Wish& wish);
};

void Database::Impl::write(const VsiKey& key, const Wish& wish) {
  const auto& request = wish.request;
  const auto filters = write_filters(request.filters);
  const auto organizational = write_organizational(request.organizational);
  bind_key(*put, key);
  put->bind(4, static_cast<int>(request.type));
  bind_blob(*put, 5, request.manager.octets.data(), request.manager.octets.size());
  put->bind(6, request.vsi_type.id);
  put->bind(7, static_cast<int>(request.vsi_type.version));
  put->bind(8, static_cast<int>(request.filters.format));
  bind_blob(*put, 9, filters.data(), filters.size());
  put->bind(10, request.migration.to_here ? 1 : 0);
  put->bind(11, request.migration.from_here ? 1 : 0);
  // A null pointer would bind NULL.
  bind_blob(*put, 12, organizational.empty() ? static_cast<const void*>("") : organizational.data(),
            organizational.size());
  put->bind(13, wish.associated ? 1 : 0);
  put->bind(14, wish.ending ? 1 : 0);
  if (wish.libvirt) {
    put->bind(15, static_cast<std::int64_t>(wish.libvirt->client));
    put->bind(16, wish.libvirt->ifindex);
    put->bindNoCopy(17, wish.libvirt->ifname);
    put->bind(18, static_cast<int>(wish.libvirt->manager));
    put->bind(19, wish.libvirt->device_seen ? 1 : 0);
  } else {
    for (int column = 15; column <= 19; ++column) put->bind(column);
  }
  put->exec();
  put->reset();
}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

tl::expected<Database::Opened, std::string> Database::open_once(const std::string& path,
                                                                bool& damaged) {
  damaged = false;
  std::error_code error;
  const bool was_there = std::filesystem::exists(path, error);
  try {
    auto impl = std::make_unique<Impl>(path);
    auto& database = impl->database;
    const int version = database.execAndGet("PRAGMA user_version").getInt();
    const bool fresh = version == 0;
    damaged = (!fresh && version != kVersion) ||
              database.execAndGet("PRAGMA quick_check").getString() != "ok";
    if (damaged) return tl::unexpected(fmt::format("version {}", version));
    database.exec(kCreate);
    database.exec(fmt::format("PRAGMA user_version = {}", kVersion));
    impl->prepare();
    Opened opened{Database(nullptr), {}, was_there && !fresh, {}};
    const auto unread = read_wishes(database, opened.wishes);
    if (unread > 0) opened.trouble = fmt::format("{} entries of {} are unreadable", unread, path);
    opened.database = Database(std::move(impl));
    return opened;
  } catch (const SQLite::Exception& exception) {
    const int code = exception.getErrorCode() & 0xFF;
    damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR ||
              code == SQLITE_SCHEMA || code == SQLITE_MISMATCH;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
      return tl::unexpected(fmt::format("{} is in use: another evbd runs; stop it first", path));
    }
    return tl::unexpected(fmt::format("cannot use {}: {}", path, exception.what()));
  }
}

tl::expected<Database::Opened, std::string> Database::open(const std::string& path) {
  bool damaged = false;
  auto opened = open_once(path, damaged);
  if (opened || !damaged) return opened;
  const auto why = opened.error();
  const auto aside = path + ".damaged";
  std::error_code ignored;
  for (const char* const suffix : {"-wal", "-shm"}) std::filesystem::remove(path + suffix, ignored);
  std::error_code error;
  std::filesystem::rename(path, aside, error);
  if (error) {
    return tl::unexpected(fmt::format("{} is damaged ({}) and cannot be moved aside: {}", path, why,
                                      error.message()));
  }
  opened = open_once(path, damaged);
  if (opened) {
    opened->trouble = fmt::format(
        "{} was damaged or of another version ({}) and is kept as {}; what it held is asked for "
        "anew",
        path, why, aside);
  }
  return opened;
}

tl::expected<void, std::string> Database::write(const Changes& changes) {
  try {
    SQLite::Transaction transaction(impl_->database);
    for (const auto& [key, wish] : changes) {
      if (wish != nullptr) {
        impl_->write(key, *wish);
      } else {
        bind_key(*impl_->remove, key);
        impl_->remove->exec();
        impl_->remove->reset();
      }
    }
    transaction.commit();
    return {};
  } catch (const SQLite::Exception& exception) {
    impl_->put->tryReset();
    impl_->remove->tryReset();
    return tl::unexpected(
        fmt::format("the state cannot be written: {}; is the file system full?", exception.what()));
  }
}

}  // namespace agent::state
