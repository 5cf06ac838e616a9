// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace base {

/// Octets that somebody else owns; valid for the duration of the call they are given to.
using Bytes = std::span<const std::uint8_t>;
/// Octets that we own.
using Octets = std::vector<std::uint8_t>;

/// Appends all octets of `tail`.
inline void append(Octets& octets, Bytes tail) {
  octets.insert(octets.end(), tail.begin(), tail.end());
}

inline void append_u16(Octets& octets, std::uint16_t value) {
  octets.push_back(static_cast<std::uint8_t>(value >> 8U));
  octets.push_back(static_cast<std::uint8_t>(value));
}

/// The big-endian 16 bits at `offset`; the caller has checked that they are there.
inline std::uint16_t u16_at(Bytes octets, std::size_t offset) {
  return static_cast<std::uint16_t>(octets[offset] << 8U | octets[offset + 1]);
}

}  // namespace base
