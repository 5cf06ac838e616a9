// SPDX-License-Identifier: Apache-2.0
#include "profiles/managers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace profiles {
namespace {

using testing::HasSubstr;

std::array<std::uint8_t, 16> octets(std::string_view text) {
  const auto manager = parse_manager(text);
  EXPECT_TRUE(manager) << manager.error();
  return manager ? manager->octets : std::array<std::uint8_t, 16>{};
}

TEST(Managers, AnIpv4AddressIsMappedIntoIpv6) {
  EXPECT_EQ(octets("192.0.2.20"), (std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF,
                                                                0xFF, 192, 0, 2, 20}));
}

TEST(Managers, AnIpv6AddressIsItself) {
  EXPECT_EQ(octets("2001:db8::14"), (std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0,
                                                                  0, 0, 0, 0, 0, 0, 0, 0, 0x14}));
}

TEST(Managers, AUuidIsItsOctetsInOrder) {
  EXPECT_EQ(octets("00010203-0405-0607-0809-0a0b0c0d0e0f"),
            (std::array<std::uint8_t, 16>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
}

TEST(Managers, HexadecimalAndTextStandAtTheLeft) {
  EXPECT_EQ(octets("0x0BfF"), (std::array<std::uint8_t, 16>{0x0B, 0xFF}));
  EXPECT_EQ(octets("lab"), (std::array<std::uint8_t, 16>{'l', 'a', 'b'}));
  EXPECT_EQ(octets("text:1.2"), (std::array<std::uint8_t, 16>{'1', '.', '2'}));
  EXPECT_EQ(octets("sixteen-octets-x")[15], 'x');
}

TEST(Managers, NoneIsZeroesAndIsWrittenAsIt) {
  EXPECT_EQ(parse_manager("none"), vdp::ManagerId{});
  EXPECT_EQ(manager_text({}), "none");
  const auto text = parse_manager("text:none");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->octets, (std::array<std::uint8_t, 16>{'n', 'o', 'n', 'e'}));
  EXPECT_EQ(read_manager_text(manager_text(*text)), *text);
}

TEST(Managers, WhatLooksLikeAnAddressAndIsNoneIsRefused) {
  EXPECT_THAT(parse_manager("192.0.2.300").error(), HasSubstr("looks like an address"));
  EXPECT_THAT(parse_manager("2001:db8::g").error(), HasSubstr("looks like an address"));
}

TEST(Managers, WhatDoesNotFitIsRefused) {
  EXPECT_THAT(parse_manager("seventeen-octets-").error(), HasSubstr("1 to 16 octets"));
  EXPECT_THAT(parse_manager("text:").error(), HasSubstr("1 to 16 octets"));
  EXPECT_THAT(parse_manager("0x123").error(), HasSubstr("even number"));
  EXPECT_THAT(parse_manager("0x").error(), HasSubstr("even number"));
  EXPECT_THAT(parse_manager("0x1g").error(), HasSubstr("'g' is no hexadecimal digit"));
}

TEST(Managers, AnUnlistedIdIsSentInTheFirstOctet) {
  ManagerTable table{};
  EXPECT_EQ(manager_octets(table, 11).octets, (std::array<std::uint8_t, 16>{11}));
  table[11] = vdp::ManagerId{octets("192.0.2.20")};
  EXPECT_EQ(manager_octets(table, 11).octets, octets("192.0.2.20"));
}

}  // namespace
}  // namespace profiles
