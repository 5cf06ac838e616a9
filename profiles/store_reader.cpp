// SPDX-License-Identifier: Apache-2.0
#include <SQLiteCpp/Transaction.h>

#include <array>

#include "profiles/store_file.hpp"
#include "profiles/store_impl.hpp"
#include "profiles/store_rows.hpp"

namespace profiles {
namespace {

const char* const kRemovedProfiles = "SELECT name FROM removed_profile WHERE revision > ?";
const char* const kRemovedTypes =
    "SELECT manager, type_id, type_version FROM removed_type WHERE revision > ?";

/// Below the first revision: an index scan of all rows would only be slower.
std::string since_clause(std::int64_t since) { return since == 0 ? "" : "WHERE revision > ?"; }

}  // namespace

/// Four questions one after the other, within one transaction: the database stays what it was for
/// them, whatever is written meanwhile.
struct Store::Reader::Impl {
  Impl(const Store::Impl& store, std::int64_t since)
      : path(store.path), database(*store.database), transaction(database) {
    const auto forgotten = database.execAndGet("SELECT forgotten FROM meta").getInt64();
    revision = database.execAndGet("SELECT revision FROM meta").getInt64();
    anew = since < forgotten || since > revision || since == 0;
    if (anew) since = 0;
    const auto clause = since_clause(since);
    for (const auto& sql : {std::string(kRemovedProfiles), std::string(kRemovedTypes),
                            kSelectType + clause, kSelectProfile + clause}) {
      statements.emplace_back(database, sql);
      if (statements.back().getBindParameterCount() == 1) statements.back().bind(1, since);
    }
    if (anew) question = 2;
  }

  void read_row(SQLite::Statement& row, Changes& to) const {
    switch (question) {
      case 0: to.remove_profiles.push_back(row.getColumn(0).getString()); break;
      case 1: to.remove_types.push_back(profiles::read_type(row, 0)); break;
      case 2: to.put_types.push_back(type_of(row)); break;
      default: to.put_profiles.push_back(profile_of(row)); break;
    }
  }

  std::string path;
  SQLite::Database& database;
  SQLite::Transaction transaction;
  std::vector<SQLite::Statement> statements;
  std::size_t question = 0;
  std::int64_t revision = 0;
  bool anew = false;
};

Store::Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Reader::Reader(Reader&&) noexcept = default;
Store::Reader& Store::Reader::operator=(Reader&&) noexcept = default;
Store::Reader::~Reader() = default;

std::int64_t Store::Reader::revision() const { return impl_->revision; }
bool Store::Reader::from_nothing() const { return impl_->anew; }

StoreResult<Changes> Store::Reader::next(std::size_t most) {
  return guarded(impl_->path, [&]() -> StoreResult<Changes> {
    Changes changes;
    for (; most > 0 && impl_->question < impl_->statements.size(); --most) {
      auto& statement = impl_->statements[impl_->question];
      if (statement.executeStep()) {
        impl_->read_row(statement, changes);
      } else {
        ++impl_->question;
      }
    }
    return changes;
  });
}

StoreResult<Store::Reader> Store::read_changes(std::int64_t since) {
  return guarded(impl_->path, [&]() -> StoreResult<Reader> {
    return Reader(std::make_unique<Reader::Impl>(*impl_, since));
  });
}

}  // namespace profiles
