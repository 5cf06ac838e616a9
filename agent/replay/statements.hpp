// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agent::replay {

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
std::string_view statements_page();
/// Its rows; the views are of `page`.
std::vector<Statement> read_statements(std::string_view page);

}  // namespace agent::replay
