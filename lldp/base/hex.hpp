// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace base {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

/// Writes an octet as two digits; returns what is behind them.
template <class Text>
Text put_hex(std::uint8_t octet, Text to) {
  *to++ = kHexDigits[octet >> 4U];
  *to++ = kHexDigits[octet & 15U];
  return to;
}

namespace detail {
inline constexpr auto kHexValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (unsigned i = 0; i < 10; ++i) values['0' + i] = static_cast<std::int8_t>(i);
  for (unsigned i = 0; i < 6; ++i) {
    values['a' + i] = static_cast<std::int8_t>(10 + i);
    values['A' + i] = static_cast<std::int8_t>(10 + i);
  }
  return values;
}();
}  // namespace detail

/// The value of a hexadecimal digit of either case, -1 for anything else.
constexpr int hex_value(char c) { return detail::kHexValues[static_cast<unsigned char>(c)]; }

/// The octet that two digits stand for, -1 when one of them is no digit.
constexpr int hex_octet(char high, char low) {
  const int value = hex_value(high) * 16 | hex_value(low);
  return value < 0 ? -1 : value;
}

}  // namespace base
