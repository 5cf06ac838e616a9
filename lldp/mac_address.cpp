// SPDX-License-Identifier: Apache-2.0
#include "lldp/mac_address.hpp"

#include "lldp/base/hex.hpp"

namespace lldp {

std::string to_string(const MacAddress& address) {
  std::string text(17, ':');
  auto to = text.begin();
  for (const auto octet : address.octets) {
    if (to != text.begin()) ++to;
    to = base::put_hex(octet, to);
  }
  return text;
}

std::optional<MacAddress> parse_mac_address(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  MacAddress address;
  for (std::size_t i = 0; i < 6; ++i) {
    const int octet = base::hex_octet(text[i * 3], text[i * 3 + 1]);
    if (octet < 0) return std::nullopt;
    if (i < 5 && text[i * 3 + 2] != ':' && text[i * 3 + 2] != '-') return std::nullopt;
    address.octets[i] = static_cast<std::uint8_t>(octet);
  }
  return address;
}

}  // namespace lldp
