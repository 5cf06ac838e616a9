// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/cli/program.hpp"
#include "agent/replay/capture_file.hpp"

namespace agent::replay {

/// What a script learns from evbreplay. The table below is what help and the man page say of them.
enum class Exit : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kUnusable = 3,
  kMissing = 4,
  kForbidden = 5,
  kBroken = 7,
  kDamaged = 8,
};

constexpr int code_of(Exit exit) { return static_cast<int>(exit); }

inline constexpr cli::ExitMeaning kExitMeanings[] = {
    {code_of(Exit::kOk), "done; check, report: no must of the standard was broken"},
    {code_of(Exit::kFailed), "the output could not be written, or the work failed"},
    {code_of(Exit::kUsage), "the command line is wrong; nothing was done"},
    {code_of(Exit::kUnusable),
     "the file is empty, no capture, or of a link type without Ethertypes"},
    {code_of(Exit::kMissing), "there is no such file or interface"},
    {code_of(Exit::kForbidden), "no right to read the file, or to open the interface"},
    {code_of(Exit::kBroken), "check, report: a must of the standard was broken"},
    {code_of(Exit::kDamaged), "the capture is cut off or damaged; what stood before was worked on"},
};

constexpr Exit exit_of(CaptureTrouble trouble) {
  switch (trouble) {
    case CaptureTrouble::kMissing: return Exit::kMissing;
    case CaptureTrouble::kForbidden: return Exit::kForbidden;
    case CaptureTrouble::kUnusable: return Exit::kUnusable;
    case CaptureTrouble::kDamaged: return Exit::kDamaged;
  }
  return Exit::kFailed;
}

}  // namespace agent::replay
