// SPDX-License-Identifier: Apache-2.0
#include "lldp/printable.hpp"

#include <fmt/format.h>

#include "lldp/base/hex.hpp"

namespace lldp {

std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned lead = octet(0);
  const std::size_t length = lead >= 0xF0 && lead <= 0xF4   ? 4
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xC2 && lead <= 0xDF ? 2
                                                            : 0;
  if (length == 0 || length > text.size() - at) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xC0U) != 0x80) return 0;
  }
  const unsigned second = octet(1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool no_character = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  const bool control = lead == 0xC2 && second < 0xA0;
  return overlong || no_character || control ? 0 : length;
}

std::string to_hex(base::Bytes octets) {
  std::string text(2 * octets.size(), '0');
  auto to = text.begin();
  for (const auto octet : octets) to = base::put_hex(octet, to);
  return text;
}

std::string to_printable(base::Bytes octets) {
  return to_printable(std::string(octets.begin(), octets.end()));
}

std::string to_printable(std::string_view text) {
  std::string printable;
  for (std::size_t i = 0; i < text.size();) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (const auto length = utf8_length(text, i); length > 0) {
      printable += text.substr(i, length);
      i += length;
      continue;
    }
    if (octet >= 0x20 && octet < 0x7F && octet != '\\') {
      printable += text[i];
    } else {
      printable += fmt::format("\\x{:02x}", octet);
    }
    ++i;
  }
  return printable;
}

}  // namespace lldp
