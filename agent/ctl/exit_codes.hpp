// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/api/client.hpp"
#include "agent/cli/program.hpp"

namespace agent::ctl {

/// What a script learns from evbctl. The table below is what help and the man page say of them.
enum class Exit : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kUnreachable = 3,
  kNotFound = 4,
  kForbidden = 5,
  kTimedOut = 6,
};

constexpr int code_of(Exit exit) { return static_cast<int>(exit); }

inline constexpr cli::ExitMeaning kExitMeanings[] = {
    {code_of(Exit::kOk), "done; for associations: the bridge has confirmed every VSI"},
    {code_of(Exit::kFailed),
     "refused by the bridge or by evbd, or failed; doctor or diff found something"},
    {code_of(Exit::kUsage), "the command line, the file or a value is wrong; nothing was done"},
    {code_of(Exit::kUnreachable), "evbd cannot be reached, or ended the connection"},
    {code_of(Exit::kNotFound), "there is no such port, device, VSI, profile, type or database"},
    {code_of(Exit::kForbidden), "the user may not connect, or may look but not change"},
    {code_of(Exit::kTimedOut), "no answer within the time limit; what was asked for stays wanted"},
};

constexpr Exit exit_of(evbd::v1::Code code) {
  switch (code) {
    case evbd::v1::OK: return Exit::kOk;
    case evbd::v1::INVALID: return Exit::kUsage;
    case evbd::v1::NOT_FOUND: return Exit::kNotFound;
    case evbd::v1::PERMISSION_DENIED: return Exit::kForbidden;
    case evbd::v1::NO_ANSWER: return Exit::kTimedOut;
    default: return Exit::kFailed;
  }
}

inline Exit exit_of(const api::ClientError& error) {
  switch (error.kind) {
    case api::ClientError::Kind::kTimedOut: return Exit::kTimedOut;
    case api::ClientError::Kind::kUnreachable:
      return error.forbidden ? Exit::kForbidden : Exit::kUnreachable;
    default: return Exit::kUnreachable;
  }
}

}  // namespace agent::ctl
