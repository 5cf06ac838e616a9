// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/cli/program.hpp"

namespace agent::ctl {

using cli::Command;
using cli::Option;

/// evbctl's command line.
const cli::Program& program();

}  // namespace agent::ctl
