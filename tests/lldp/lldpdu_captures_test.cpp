// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "lldp/basic_tlvs.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/lldpdu.hpp"
#include "lldp/organizational.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::Fault;
using support::from_hex;

/// The verdict on every LLDPDU of a capture, in order.
std::vector<base::Result<lldp::Lldpdu>> decode_capture(const std::string& name) {
  std::vector<base::Result<lldp::Lldpdu>> decoded;
  for (const auto& octets : support::read_capture(name)) {
    const auto frame = lldp::decode_ethernet(octets);
    if (!frame || frame->ethertype != lldp::kLldpEthertype) continue;
    decoded.push_back(lldp::decode_lldpdu(frame->payload));
    if (decoded.back()) {
      EXPECT_FALSE(lldp::print(*decoded.back()).empty());
    }
  }
  return decoded;
}

/// What one vendor's capture has to hold.
struct Expected {
  std::string capture;
  std::size_t lldpdus = 0;
  std::size_t refused = 0;
  std::uint16_t ttl = 120;  ///< of the first
  std::optional<std::string> system_name = std::nullopt;
};

class LldpduCapture : public testing::TestWithParam<Expected> {};

TEST_P(LldpduCapture, IsReadAsExpected) {
  const auto& expected = GetParam();
  const auto decoded = decode_capture(expected.capture);
  ASSERT_EQ(decoded.size(), expected.lldpdus);
  const auto refused = std::count_if(decoded.begin(), decoded.end(),
                                     [](const auto& lldpdu) { return !lldpdu.has_value(); });
  EXPECT_EQ(static_cast<std::size_t>(refused), expected.refused);
  if (!decoded.front()) return;
  EXPECT_EQ(decoded.front()->ttl, expected.ttl);
  EXPECT_EQ(decoded.front()->information.system_name, expected.system_name);
}

TEST_P(LldpduCapture, ComesBackTheSameAfterWeWroteIt) {
  for (const auto& lldpdu : decode_capture(GetParam().capture)) {
    if (!lldpdu) continue;
    const auto encoded = lldp::encode_lldpdu(lldpdu->information, lldpdu->ttl);
    const auto again = lldp::decode_lldpdu(encoded.octets);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->information, lldpdu->information);
    EXPECT_EQ(again->ttl, lldpdu->ttl);
  }
}

std::string test_name(const testing::TestParamInfo<Expected>& parameter) {
  auto name = parameter.param.capture;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

// clang-format off
const Expected kCaptures[] = {
    {"gopacket-lldp-testframes.pcap", 2, 0, 20, "Switch1"},
    {"handmade-draft02-evb-tlv.pcap", 1, 0, 121},
    {"handmade-lldp-cdcp.pcap", 2, 0, 121},
    {"handmade-lldp-evb-station.pcap", 4, 0, 121},
    {"lldpad-evb02-lifecycle.pcap", 13},
    {"lldpad-evb22-bridge-frozen.pcap", 18},
    {"lldpad-evb22-lifecycle.pcap", 28},
    {"lldpd-8023bt.pcap", 1, 0, 120, "cisco-bt-switch"},
    {"lldpd-connectx.pcap", 1, 0, 48},
    {"lldpd-med-loc-malformed.pcap", 1, 0, 16, "defensics"},
    {"lldpd-sg200.pcap", 1},
    {"tcpdump-LLDP_and_CDP.pcap", 8, 0, 120, "S2.cisco.com"},
    {"tcpdump-dcb_ets.pcap", 31},
    {"tcpdump-dcb_pfc.pcap", 4},
    {"tcpdump-dcb_qcn.pcap", 8},
    {"tcpdump-erspan-type-i-4.pcap", 5, 0, 120, "Device C"},
    {"tcpdump-evb.pcap", 1},
    {"tcpdump-lldp-app-priority.pcap", 1, 0, 120, "leaf0b"},
    {"tcpdump-lldp-infinite-loop-1.pcap", 1},
    {"tcpdump-lldp-infinite-loop-2.pcap", 1},
    {"tcpdump-lldp_8021_linkagg.pcap", 2, 2},
    {"tcpdump-lldp_asan.pcap", 1, 1},
    {"tcpdump-lldp_mgmt_addr_tlv_asan.pcap", 1, 1},
    {"tcpdump-lldp_mudurl.pcap", 2, 0, 120, "upstairs.ofcourseimright.com"},
    {"zeek-lldp.pcap", 1, 0, 120, "SMCGS8P-Smart"},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(All, LldpduCapture, testing::ValuesIn(kCaptures), test_name);

TEST(LldpduCaptures, HoldTheLifeOfAStation) {
  const auto decoded = decode_capture("handmade-lldp-evb-station.pcap");
  ASSERT_EQ(decoded.size(), 4U);
  const auto& first = decoded[0]->information;
  EXPECT_EQ(lldp::print_chassis_id(first.chassis_id), "MAC address 02:00:00:00:a0:01");
  EXPECT_EQ(lldp::print_port_id(first.port_id), "interface name eth0");
  const auto before = lldp::find_evb_tlv(first);
  const auto after = lldp::find_evb_tlv(decoded[2]->information);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->relay_status, lldp::RelayStatus::kUnknown);
  EXPECT_EQ(after->relay_status, lldp::RelayStatus::kOn);
  EXPECT_TRUE(after->relay_control);
  EXPECT_EQ(decoded[3]->ttl, 0);
  EXPECT_TRUE(decoded[3]->information.organizational.empty());
}

TEST(LldpduCaptures, OfTheDraftHoldNoEvbTlv) {
  const auto decoded = decode_capture("handmade-draft02-evb-tlv.pcap");
  ASSERT_EQ(decoded.size(), 1U);
  ASSERT_TRUE(decoded[0]);
  EXPECT_FALSE(lldp::find_evb_tlv(decoded[0]->information));
  ASSERT_EQ(decoded[0]->information.organizational.size(), 1U);
  EXPECT_EQ(decoded[0]->information.organizational[0].oui,
            (std::array<std::uint8_t, 3>{0x00, 0x1B, 0x3F}));
}

TEST(LldpduCaptures, MadeToHarmAreRefusedWhereTheyAreWrong) {
  EXPECT_EQ(decode_capture("tcpdump-lldp_asan.pcap")[0].error(),
            (base::DecodeError{Fault::kMissing, 8}));
  EXPECT_EQ(decode_capture("tcpdump-lldp_mgmt_addr_tlv_asan.pcap")[0].error(),
            (base::DecodeError{Fault::kMissing, 0}));
  EXPECT_EQ(decode_capture("tcpdump-lldp-infinite-loop-2.pcap")[0]->tlvs_unrecognized, 2U);
}

TEST(LldpduCaptures, OfHeadersCutShortAreRefusedAsFrames) {
  EXPECT_EQ(lldp::decode_ethernet(from_hex("0180c2000000 02000000a001 88")).error(),
            (base::DecodeError{Fault::kTruncated, 13}));
}

}  // namespace
