// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "agent/config/config.hpp"

namespace agent {

/// What evbd's command line says.
struct RunOptions {
  std::string config_file{kDefaultConfigFile};
  std::optional<LogLevel> log_level;  ///< wins over the file's
  bool log_prefix = false;            ///< "<N>" even when stderr is no journal
};

/// Checks the file and prints every problem to stderr; the exit code.
int check(const std::string& config_file);
/// Runs until SIGTERM or SIGINT; the exit code.
int run(const RunOptions& options);

}  // namespace agent
