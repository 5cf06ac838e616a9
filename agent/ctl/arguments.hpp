// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/cli/arguments.hpp"
#include "agent/ctl/command_table.hpp"

namespace agent::ctl {

using cli::Arguments;

/// Of evbctl. The error is a sentence for the user.
inline tl::expected<Arguments, std::string> parse_arguments(const std::vector<std::string>& words) {
  return cli::parse_arguments(program(), words);
}

}  // namespace agent::ctl
