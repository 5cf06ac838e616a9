// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "lldp/base/time.hpp"

namespace agent {

/// Lets `kBurst` events through in each `kPeriod` and counts the others, so that a peer's faults
/// cannot fill the log.
class RateLimit {
 public:
  static constexpr unsigned kBurst = 5;
  static constexpr base::Duration kPeriod = std::chrono::seconds(10);

  /// nullopt: keep silent; else how many were kept silent about before.
  std::optional<std::uint64_t> pass(base::Instant now) {
    if (!period_ends_ || now >= *period_ends_) {
      period_ends_ = now + kPeriod;
      passed_ = 0;
    }
    if (passed_ == kBurst) {
      ++suppressed_;
      return std::nullopt;
    }
    ++passed_;
    return std::exchange(suppressed_, 0);
  }

 private:
  std::optional<base::Instant> period_ends_;
  unsigned passed_ = 0;
  std::uint64_t suppressed_ = 0;
};

}  // namespace agent
