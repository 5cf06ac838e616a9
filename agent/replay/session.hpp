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

/// When a command prints.
enum class Printing : std::uint8_t {
  kAlong,  ///< frame by frame: progress would stand between the lines of a terminal
  kAfter,  ///< when all were read
};

/// Gives every frame of the capture, decoded, to `look`, and shows on a terminal how far it is when
/// that takes longer than a second. What goes wrong is told, and is the exit code. `look` returns
/// false to stop early.
Exit read_capture(const Session& session, const std::string& path,
                  const std::function<bool(const DecodedFrame&)>& look,
                  Printing printing = Printing::kAlong);

/// The same for a capture that is open. What goes wrong is returned, and not told.
tl::expected<void, CaptureError> read_frames(const Session& session, CaptureFile& file,
                                             const std::function<bool(const DecodedFrame&)>& look,
                                             Printing printing);

// The commands.
Exit decode(const Session& session);
Exit check(const Session& session);
Exit make_report(const Session& session);
Exit list_rules(const Session& session);
Exit list_statements(const Session& session);
Exit run(const Session& session);
Exit anonymize(const Session& session);

}  // namespace agent::replay
