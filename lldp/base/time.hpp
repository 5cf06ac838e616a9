// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace base {

/// The time line of the protocols, in microseconds. It has no now(): the core cannot ask for the
/// time, it is told. 64 bits hold the longest timer (exponent 31, 21474.8 s) many times over.
struct ProtocolClock {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<ProtocolClock>;
  static constexpr bool is_steady = true;
};
using Instant = ProtocolClock::time_point;
using Duration = ProtocolClock::duration;

/// The time that an exponent of the EVB TLV stands for: 10 us x 2^exponent (exponent 0..31).
constexpr Duration exponent_time(unsigned exponent) {
  return Duration(std::int64_t{10} << (exponent & 31U));
}

}  // namespace base
