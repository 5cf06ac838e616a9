// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <functional>

#include "agent/cli/arguments.hpp"
#include "agent/replay/decoded_frame.hpp"
#include "agent/replay/exit_codes.hpp"

namespace agent::replay {

/// What a command works with: its arguments, and where it prints.
struct Session {
  const cli::Arguments& arguments;
  std::FILE* out;
  std::FILE* err;

  void print(std::string_view text) const { std::fwrite(text.data(), 1, text.size(), out); }
  Exit fail(Exit exit, std::string_view sentence) const {
    fmt::print(err, "evbreplay: {}\n", sentence);
    return exit;
  }
};

/// Gives every frame of the capture, decoded, to `look`, and shows on a terminal how far it is when
/// that takes longer than a second. What goes wrong is told, and is the exit code. `look` returns
/// false to stop early.
Exit read_capture(const Session& session, const std::string& path,
                  const std::function<bool(const DecodedFrame&)>& look);

// The commands.
Exit decode(const Session& session);
Exit check(const Session& session);
Exit list_rules(const Session& session);
Exit run(const Session& session);

}  // namespace agent::replay
