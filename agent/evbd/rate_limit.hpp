// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "lldp/base/time.hpp"

namespace agent {

/// Lets `burst` events through in each `period` and counts the others, so that a peer's faults
/// cannot fill the log.
class RateLimit {
 public:
  static constexpr unsigned kBurst = 5;
  static constexpr base::Duration kPeriod = std::chrono::seconds(10);

  explicit RateLimit(unsigned burst = kBurst, base::Duration period = kPeriod)
      : burst_(burst), period_(period) {}

  /// nullopt: keep silent; else how many were kept silent about before.
  std::optional<std::uint64_t> pass(base::Instant now) {
    if (!period_ends_ || now >= *period_ends_) {
      period_ends_ = now + period_;
      passed_ = 0;
    }
    if (passed_ == burst_) {
      ++suppressed_;
      return std::nullopt;
    }
    ++passed_;
    return std::exchange(suppressed_, 0);
  }

 private:
  unsigned burst_;
  base::Duration period_;
  std::optional<base::Instant> period_ends_;
  unsigned passed_ = 0;
  std::uint64_t suppressed_ = 0;
};

}  // namespace agent
