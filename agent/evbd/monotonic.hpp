// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "lldp/base/time.hpp"

namespace agent {

/// The only place where the core's time line meets a clock: CLOCK_MONOTONIC, in microseconds.
inline base::Instant monotonic_now() {
  return base::Instant(std::chrono::duration_cast<base::Duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

inline std::chrono::steady_clock::time_point to_steady(base::Instant instant) {
  return std::chrono::steady_clock::time_point(instant.time_since_epoch());
}

}  // namespace agent
