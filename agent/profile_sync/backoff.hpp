// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <utility>

namespace agent::profile_sync {

/// How long to wait before the next try: doubling from `kFirst` to `kLongest`, and each time
/// somewhere between half of it and all of it, so that a thousand hosts that lost the same etcd do
/// not come back to it together.
class Backoff {
 public:
  static constexpr std::chrono::milliseconds kFirst{200};
  static constexpr std::chrono::milliseconds kLongest{20'000};

  explicit Backoff(std::uint_fast32_t seed) : random_(seed) {}

  std::chrono::milliseconds next() {
    const auto whole = std::exchange(wait_, std::min(wait_ * 2, kLongest));
    std::uniform_int_distribution<std::chrono::milliseconds::rep> part(whole.count() / 2,
                                                                       whole.count());
    return std::chrono::milliseconds(part(random_));
  }
  void reset() { wait_ = kFirst; }

 private:
  std::chrono::milliseconds wait_ = kFirst;
  std::minstd_rand random_;
};

}  // namespace agent::profile_sync
