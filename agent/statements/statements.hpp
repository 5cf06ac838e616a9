// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

// The statements of the standard that evbd is held to, as evbctl and evbreplay print them.

namespace agent::statements {

/// A statement of the conformance list, as a row of tests/conformance/STATEMENTS.md has it.
struct Statement {
  std::string_view id;         ///< "P04"
  std::string_view says;       ///< what has to be so
  std::string_view tests;      ///< names, ", " between them
  std::string_view rules;      ///< of `check`; in brackets: why none can judge it
  std::string_view held_in;    ///< a capture of captures/; empty: none shows it
  std::string_view broken_in;  ///< likewise
};

/// The page, as it was when this program was built.
std::string_view page();
/// Its rows; the views are of `page`.
std::vector<Statement> read(std::string_view page);

/// What a command prints of the statements that are named, in that order: "P04", or "P" for all of
/// its protocol; without names all. The error is a sentence: a name that is none.
tl::expected<std::string, std::string> print(std::span<const std::string> names, bool json);

}  // namespace agent::statements
