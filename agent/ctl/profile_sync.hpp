// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/ctl/terminal.hpp"

namespace agent::ctl {

/// Lets evb-profile-sync do what needs etcd, for evbctl knows no gRPC: the program beside this one,
/// in ../sbin, or on the PATH. Its output and its exit code are evbctl's.
Exit run_profile_sync(const Terminal& terminal, std::vector<std::string> words);

}  // namespace agent::ctl
