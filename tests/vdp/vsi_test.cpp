// SPDX-License-Identifier: Apache-2.0
#include "vdp/vsi.hpp"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

#include "tests/support/pcap_reader.hpp"
#include "vdp/port_events.hpp"

namespace {

using vdp::ManagerId;
using vdp::VsiId;
using vdp::VsiIdFormat;

std::array<std::uint8_t, 16> octets(std::string_view hex) {
  std::array<std::uint8_t, 16> found{};
  std::ranges::copy(support::from_hex(hex), found.begin());
  return found;
}

std::string text(VsiIdFormat format, std::string_view hex) {
  return to_string(VsiId{format, octets(hex)});
}

TEST(VsiIdText, FollowsTheFormat) {
  EXPECT_EQ(text(VsiIdFormat::kUuid, "09b11c538b5c4eeb8f00d84eaa0aaa4f"),
            "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f");
  EXPECT_EQ(text(VsiIdFormat::kIpv4, "000000000000000000000000c0000205"), "192.0.2.5");
  EXPECT_EQ(text(VsiIdFormat::kMac, "0000000000000000000052540000aa01"), "52:54:00:00:aa:01");
  EXPECT_EQ(text(VsiIdFormat::kLocal, "6c6f63616c2d7673692d69642d303030"),
            "6c6f63616c2d7673692d69642d303030");
}

TEST(VsiIdText, ShortensIpv6AsRfc5952Says) {
  EXPECT_EQ(text(VsiIdFormat::kIpv6, "20010db8000000000000000000000001"), "2001:db8::1");
  EXPECT_EQ(text(VsiIdFormat::kIpv6, "00000000000000000000000000000001"), "::1");
  EXPECT_EQ(text(VsiIdFormat::kIpv6, "20010db8000000000000000000000000"), "2001:db8::");
  EXPECT_EQ(text(VsiIdFormat::kIpv6, "00000000000000000000000000000000"), "::");
  EXPECT_EQ(text(VsiIdFormat::kIpv6, "20010db8000000010001000100010001"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(text(VsiIdFormat::kIpv6, "20010000000000010000000000000001"), "2001:0:0:1::1");
}

TEST(ManagerIdText, IsAnAddressATextOrNothing) {
  const auto manager = [](std::string_view hex) { return to_string(ManagerId{octets(hex)}); };
  EXPECT_EQ(manager("00000000000000000000000000000000"), "none");
  EXPECT_EQ(manager("00000000000000000000ffffc0000214"), "192.0.2.20");
  EXPECT_EQ(manager("20010db8000000000000000000000001"), "2001:db8::1");
  EXPECT_EQ(manager("fd000000000000000000000000000001"), "fd00::1");
  EXPECT_EQ(manager("fe800000000000000000000000000001"), "fe80::1");
  EXPECT_EQ(manager("626c61626c6100000000000000000000"), "blabla");
  EXPECT_EQ(manager("0b000000000000000000000000000000"), "11");
}

TEST(ParseUuid, TakesBothUsualForms) {
  const VsiId expected{VsiIdFormat::kUuid, octets("09b11c538b5c4eeb8f00d84eaa0aaa4f")};
  EXPECT_EQ(vdp::parse_uuid("09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f"), expected);
  EXPECT_EQ(vdp::parse_uuid("09B11C538B5C4EEB8F00D84EAA0AAA4F"), expected);
  EXPECT_EQ(vdp::parse_uuid(to_string(expected)), expected);
}

TEST(ParseUuid, RefusesEverythingElse) {
  for (const auto* const wrong :
       {"", "09b11c53", "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4", "09b11c538b5c4eeb8f00d84eaa0aaa4f0",
        "09b11c5-38b5c-4eeb-8f00-d84eaa0aaa4f", "09b11c53+8b5c-4eeb-8f00-d84eaa0aaa4f",
        "g9b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f", "09b11c538b5c4eeb8f00d84eaa0aaa4-",
        "{9b11c538b5c4eeb8f00d84eaa0aaa4}"}) {
    EXPECT_EQ(vdp::parse_uuid(wrong), std::nullopt) << wrong;
  }
}

TEST(VsiIds, AreOrderedAndHashedByFormatAndOctets) {
  std::set<VsiId> ordered;
  std::unordered_set<VsiId> hashed;
  for (const auto format : {VsiIdFormat::kUuid, VsiIdFormat::kLocal}) {
    for (unsigned i = 0; i < 100; ++i) {
      VsiId id{format, {}};
      id.octets[i % 16] = static_cast<std::uint8_t>(1 + i / 16);
      ordered.insert(id);
      hashed.insert(id);
    }
  }
  EXPECT_EQ(ordered.size(), 200U);
  EXPECT_EQ(hashed.size(), 200U);
  EXPECT_EQ(ordered.begin()->format, VsiIdFormat::kLocal);
}

/// Each value of an enumeration has a name of its own.
template <class Enum>
void expect_names(Enum first, Enum last) {
  std::set<std::string_view> names;
  for (auto i = static_cast<int>(first); i <= static_cast<int>(last); ++i) {
    const auto name = to_string(static_cast<Enum>(i));
    EXPECT_NE(name, "?") << i;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(Names, EachValueHasItsOwn) {
  expect_names(VsiIdFormat::kIpv4, VsiIdFormat::kUuid);
  expect_names(vdp::FilterFormat::kVid, vdp::FilterFormat::kGroupMacVid);
  expect_names(vdp::AssociationType::kPreAssociate, vdp::AssociationType::kDeAssociate);
  expect_names(vdp::Reason::kSuccess, vdp::Reason::kInvalidFilter);
  expect_names(vdp::VsiState::kDeassociated, vdp::VsiState::kAssociated);
  expect_names(vdp::VsiCause::kRequested, vdp::VsiCause::kEvbLost);
  expect_names(vdp::Reason::kUnusedType, vdp::Reason::kOutOfSync);
  expect_names(vdp::LocalRefusal::kNone, vdp::LocalRefusal::kDraft02Organizational);
  EXPECT_EQ(to_string(static_cast<vdp::Reason>(9)), "reserved reason");
}

}  // namespace
