// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

// Numbers with units as people write them: "100 Mbit/s", "64 KiB".

namespace profiles {

/// The most that is understood, 1 Pbit/s and 1 TiB: beyond lies a slip of the keyboard.
inline constexpr std::uint64_t kMostBitsPerSecond = 1'000'000'000'000'000;
inline constexpr std::uint64_t kMostOctets = std::uint64_t{1} << 40U;

/// "100 Mbit/s", "100Mbit", "1.5G", "12.5 MB/s" (octets), "96000" (bit/s); k, M, G, T are powers of
/// 1000, Ki, Mi, Gi of 1024. "bps" is refused, since it means bits to some and octets to others.
/// The error is a sentence.
tl::expected<std::uint64_t, std::string> parse_bit_rate(std::string_view text);
/// "64 KiB", "64K" (65536, as memory is counted), "1500 B", "1500", "1.5 MB" (1500000).
tl::expected<std::uint64_t, std::string> parse_octets(std::string_view text);

/// The shortest exact form that the parsers read again: "100 Mbit/s", "64 KiB".
std::string bit_rate_text(std::uint64_t bits_per_second);
std::string octets_text(std::uint64_t octets);

}  // namespace profiles
