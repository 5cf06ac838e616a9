// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/profile_sync/publish.hpp"

namespace agent::profile_sync {

struct RunOptions {
  std::string config_file = "/etc/evbd/profile-sync.toml";
  bool log_prefix = false;
};

/// Mirrors until SIGTERM or SIGINT; returns the exit code: 0 ended as told, 1 could not begin.
int run(const RunOptions& options);
/// Checks the configuration file: 0 or 1.
int check(const std::string& config_file);
/// Prints what all hosts report: 0 done, 1 not, 2 a file is wrong.
int show_hosts(const std::string& config_file, bool json);
/// Publishes a document ("-": the standard input) and says what became of it. As evbctl: 0 done, 1
/// refused or failed, 2 a file is wrong.
int publish_file(const std::string& config_file, const std::string& file,
                 const PublishOptions& options, bool json);

}  // namespace agent::profile_sync
