// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Statement.h>

#include <stdexcept>
#include <string>

#include "profiles/port_profile.hpp"

// How values stand in the rows of the database. Lists are text, so that a person with the sqlite3
// shell can read them.

namespace profiles {

/// A row that this version of the programs would not have written.
struct UnreadableRow : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The columns of NetworkParameters, separated by commas, and how many they are.
extern const char* const kParameterColumns;
inline constexpr int kParameterCount = 16;

/// Binds all columns of kParameterColumns, beginning at parameter `first`.
void bind_parameters(SQLite::Statement& statement, int first, const NetworkParameters& parameters);
/// Reads them, beginning at column `first`; throws UnreadableRow.
NetworkParameters read_parameters(SQLite::Statement& row, int first);

/// Binds manager, id and version; any manager is an empty blob.
void bind_type(SQLite::Statement& statement, int first, const TypeName& name);
void bind_no_type(SQLite::Statement& statement, int first);
TypeName read_type(SQLite::Statement& row, int first);

/// "?, ?, ?"
std::string placeholders(int count);

}  // namespace profiles
