// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/replay/session.hpp"

namespace agent::replay {

/// One side of a capture, told to our own core; what it says otherwise than the recorded side is
/// shown, and with --expect is the exit code.
Exit run_capture(const Session& session, const std::string& path);

/// One side of a capture, played to a live peer on --interface.
Exit run_live(const Session& session, const std::string& path);

}  // namespace agent::replay
