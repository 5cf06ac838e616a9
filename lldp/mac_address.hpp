// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lldp {

/// An IEEE 802 MAC address in the order of the wire.
struct MacAddress {
  std::array<std::uint8_t, 6> octets{};
  friend auto operator<=>(const MacAddress&, const MacAddress&) = default;

  /// Group addresses have the lowest bit of the first octet set.
  constexpr bool is_group() const { return (octets[0] & 1U) != 0; }
};

/// 802.1AB-2016 table 7-1: the destination address chooses how far an LLDPDU travels.
inline constexpr MacAddress kNearestBridge{{0x01, 0x80, 0xC2, 0x00, 0x00, 0x0E}};
inline constexpr MacAddress kNearestNonTpmrBridge{{0x01, 0x80, 0xC2, 0x00, 0x00, 0x03}};
inline constexpr MacAddress kNearestCustomerBridge{{0x01, 0x80, 0xC2, 0x00, 0x00, 0x00}};

/// "52:54:00:aa:00:11"
std::string to_string(const MacAddress& address);
/// Reads six hexadecimal octets separated by ':' or '-'; nullopt when the text is anything else.
std::optional<MacAddress> parse_mac_address(std::string_view text);

}  // namespace lldp
