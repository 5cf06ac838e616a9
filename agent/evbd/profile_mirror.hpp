// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/finding.hpp"
#include "profiles/store.hpp"

namespace agent {

/// What the doctor says of a database that mirrors another one; nullopt: it follows.
std::optional<Finding> mirror_finding(const std::string& database,
                                      const profiles::MirrorState& state,
                                      std::chrono::system_clock::time_point now);

/// A doctor that looks at the database of profiles as well. `mirror` tells how far its mirror has
/// come, without opening the file: the doctor is asked in the loop.
std::function<std::vector<Finding>()> with_mirror(
    std::function<std::vector<Finding>()> doctor, std::string database,
    std::function<std::optional<profiles::MirrorState>()> mirror);

}  // namespace agent
