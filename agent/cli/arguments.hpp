// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "agent/cli/program.hpp"

namespace agent::cli {

/// A command line that fits the table.
struct Arguments {
  const Command* command = nullptr;  ///< nullptr: only help was asked for
  std::vector<std::string> operands;
  std::vector<std::pair<std::string_view, std::string>> options;  ///< by name, never by alias

  bool has(std::string_view name) const { return value(name).has_value(); }
  /// The option's argument, "" for a flag; nullopt when it is not there.
  std::optional<std::string> value(std::string_view name) const;
  std::vector<std::string> values(std::string_view name) const;
};

/// The error is a sentence for the user.
tl::expected<Arguments, std::string> parse_arguments(const Program& program,
                                                     const std::vector<std::string>& words);

}  // namespace agent::cli
