// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "agent/ctl/terminal.hpp"
#include "profiles/document.hpp"

// What the commands of profiles and types share: the database, the file, and how to say what is
// wrong with them.

namespace agent::ctl {

/// What --db names, else $EVBD_PROFILES, else the default.
std::string database_path(const Arguments& arguments);

Exit fail(const Terminal& terminal, const profiles::StoreError& error);
/// One line each; with --json an array of FileProblem on the standard output.
Exit fail(const Terminal& terminal, const profiles::Problems& problems);

/// nullopt: told, and `exit` set.
std::optional<profiles::Store> open_store(const Terminal& terminal, profiles::Access access,
                                          Exit& exit);
/// The FILE operand, read; '-' is the standard input.
std::optional<profiles::Document> read_profiles(const Terminal& terminal, Exit& exit);

/// "MANAGER/ID/VERSION" or "ID/VERSION"; the error is a sentence.
tl::expected<profiles::TypeName, std::string> parse_type_operand(const std::string& text);

/// What it would take to make the database as the file says, and `--replace` removes.
profiles::Changes wanted_changes(const Arguments& arguments, const profiles::Document& document,
                                 const profiles::Contents& now);

}  // namespace agent::ctl
