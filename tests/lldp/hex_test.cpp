// SPDX-License-Identifier: Apache-2.0
#include "lldp/base/hex.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace {

TEST(Hex, EveryCharacterIsADigitOrNone) {
  for (int c = 0; c < 256; ++c) {
    const auto value = base::hex_value(static_cast<char>(c));
    const std::string text(1, static_cast<char>(c));
    EXPECT_EQ(value, std::isxdigit(c) != 0 ? std::stoi(text, nullptr, 16) : -1) << c;
  }
}

TEST(Hex, EveryOctetIsReadAsItIsWritten) {
  for (int octet = 0; octet < 256; ++octet) {
    std::string text(2, '?');
    EXPECT_EQ(base::put_hex(static_cast<std::uint8_t>(octet), text.begin()), text.end());
    EXPECT_EQ(base::hex_octet(text[0], text[1]), octet);
  }
}

TEST(Hex, NeitherDigitOfAnOctetMayBeAnythingElse) {
  EXPECT_EQ(base::hex_octet('g', '0'), -1);
  EXPECT_EQ(base::hex_octet('0', 'g'), -1);
  EXPECT_EQ(base::hex_octet('\xFF', '/'), -1);
  EXPECT_EQ(base::hex_octet('F', 'f'), 0xFF);
}

}  // namespace
