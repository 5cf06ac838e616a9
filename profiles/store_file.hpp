// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

#include <chrono>
#include <memory>
#include <string>

#include "profiles/store.hpp"
#include "profiles/store_rows.hpp"

// The file below a Store: its opening, its tables, and what its errors mean to people.

namespace profiles {

StoreError store_error(const std::string& path, const SQLite::Exception& exception);
StoreError store_error(const std::string& path, const UnreadableRow& row);

/// Runs `work`; what SQLite and the rows throw becomes the error.
template <class Work>
auto guarded(const std::string& path, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const SQLite::Exception& exception) {
    return tl::unexpected(store_error(path, exception));
  } catch (const UnreadableRow& row) {
    return tl::unexpected(store_error(path, row));
  }
}

/// Opens the file, and with kWrite makes it and its tables when they are not there.
StoreResult<std::unique_ptr<SQLite::Database>> open_database(const std::string& path, Access access,
                                                             std::chrono::milliseconds patience);

}  // namespace profiles
