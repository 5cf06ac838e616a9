// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace agent::replay {

/// The whole program: carries out one command line and returns the exit code of exit_codes.hpp.
/// Answers go to `out`, sentences about what went wrong to `err`.
int run(const std::vector<std::string>& words, std::FILE* out = stdout, std::FILE* err = stderr);

}  // namespace agent::replay
