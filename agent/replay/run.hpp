// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "agent/capture/journal.hpp"
#include "agent/replay/session.hpp"

namespace agent::replay {

/// Why a command goes no further.
struct Trouble {
  Exit exit;
  std::string sentence;
};

/// The journal in this file.
tl::expected<capture::Journal, Trouble> read_journal(const std::filesystem::path& path);

/// One side of a capture, told to our own core; what it says otherwise than the recorded side is
/// shown, and with --expect is the exit code.
Exit run_capture(const Session& session, const std::string& path);

/// One side of a capture, played to a live peer on --interface.
Exit run_live(const Session& session, const std::string& path);

}  // namespace agent::replay
