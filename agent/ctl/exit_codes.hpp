// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "agent/api/client.hpp"

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

struct ExitMeaning {
  Exit exit;
  std::string_view meaning;
};
inline constexpr ExitMeaning kExitMeanings[] = {
    {Exit::kOk, "done; for associations: the bridge has confirmed every VSI"},
    {Exit::kFailed, "refused by the bridge or by evbd, or failed; doctor found something"},
    {Exit::kUsage, "the command line, the XML or a value is wrong; nothing was done"},
    {Exit::kUnreachable, "evbd cannot be reached, or ended the connection"},
    {Exit::kNotFound, "there is no such port, device or VSI"},
    {Exit::kForbidden, "the user may not connect, or may look but not change"},
    {Exit::kTimedOut, "no answer within the time limit; what was asked for stays wanted"},
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
