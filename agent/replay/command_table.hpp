// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/cli/program.hpp"

namespace agent::replay {

/// evbreplay's command line.
const cli::Program& program();

}  // namespace agent::replay
