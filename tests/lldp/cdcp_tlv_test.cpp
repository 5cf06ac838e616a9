// SPDX-License-Identifier: Apache-2.0
#include "lldp/cdcp_tlv.hpp"

#include <gtest/gtest.h>

#include "lldp/ethernet.hpp"
#include "lldp/lldpdu.hpp"
#include "lldp/organizational.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using lldp::CdcpRole;
using lldp::CdcpTlv;
using lldp::SChannel;
using support::from_hex;

std::vector<CdcpTlv> cdcp_tlvs(const std::string& capture) {
  std::vector<CdcpTlv> tlvs;
  for (const auto& octets : support::read_capture(capture)) {
    const auto frame = lldp::decode_ethernet(octets);
    if (!frame || frame->ethertype != lldp::kLldpEthertype) continue;
    const auto lldpdu = lldp::decode_lldpdu(frame->payload);
    if (!lldpdu) continue;
    if (const auto tlv = lldp::find_cdcp_tlv(lldpdu->information)) tlvs.push_back(*tlv);
  }
  return tlvs;
}

TEST(CdcpTlv, OfARealBridgeIsReadAsItsOwnerMeantIt) {
  const auto tlvs = cdcp_tlvs("tcpdump-evb.pcap");
  ASSERT_EQ(tlvs.size(), 1U);
  EXPECT_EQ(tlvs[0], (CdcpTlv{CdcpRole::kBridge, false, 167, {{1, 1}}}));
}

TEST(CdcpTlv, OfStationAndBridgeAreRead) {
  const auto tlvs = cdcp_tlvs("handmade-lldp-cdcp.pcap");
  ASSERT_EQ(tlvs.size(), 2U);
  EXPECT_EQ(tlvs[0].role, CdcpRole::kStation);
  EXPECT_EQ(tlvs[1].role, CdcpRole::kBridge);
  for (const auto& tlv : tlvs) {
    EXPECT_TRUE(tlv.s_component);
    ASSERT_FALSE(tlv.channels.empty());
    EXPECT_EQ(tlv.channels.front(), (SChannel{1, 1}));
  }
}

TEST(CdcpTlv, ComesBackTheSame) {
  CdcpTlv tlv{CdcpRole::kStation, true, 4095, {{1, 1}, {2, 0}, {4095, 4094}}};
  EXPECT_EQ(lldp::encode(tlv), from_hex("88000fff 001001 002000 fffffe"));
  EXPECT_EQ(lldp::decode_cdcp_tlv(lldp::encode(tlv)), tlv);
}

TEST(CdcpTlv, HoldsAsManyChannelsAsFit) {
  CdcpTlv tlv;
  for (std::uint16_t i = 1; i <= lldp::kMaxSChannels; ++i) {
    tlv.channels.push_back({i, static_cast<std::uint16_t>(i + 1)});
  }
  EXPECT_EQ(lldp::decode_cdcp_tlv(lldp::encode(tlv)), tlv);
}

TEST(CdcpTlv, IsRefusedWithoutAChannel) {
  EXPECT_EQ(lldp::decode_cdcp_tlv({}).error(), (DecodeError{Fault::kTruncated, 0}));
  EXPECT_EQ(lldp::decode_cdcp_tlv(from_hex("880000a7")).error(),
            (DecodeError{Fault::kTruncated, 4}));
  EXPECT_EQ(lldp::decode_cdcp_tlv(from_hex("880000a70010")).error(),
            (DecodeError{Fault::kTruncated, 6}));
}

TEST(CdcpTlv, IsRefusedWithHalfAChannelAtTheEnd) {
  EXPECT_EQ(lldp::decode_cdcp_tlv(from_hex("880000a7 001001 0020")).error(),
            (DecodeError{Fault::kWrongLength, 7}));
}

TEST(CdcpTlv, IsRefusedWithAReservedIdentifier) {
  EXPECT_EQ(lldp::decode_cdcp_tlv(from_hex("880000a7 001001 000002")).error(),
            (DecodeError{Fault::kReservedValue, 7}));
  EXPECT_EQ(lldp::decode_cdcp_tlv(from_hex("880000a7 001001 002fff")).error(),
            (DecodeError{Fault::kReservedValue, 8}));
}

TEST(CdcpTlv, IsRefusedWithAChannelTwice) {
  EXPECT_EQ(lldp::decode_cdcp_tlv(from_hex("880000a7 001001 002002 001003")).error(),
            (DecodeError{Fault::kDuplicate, 10}));
}

TEST(CdcpTlv, IsPrintedByTheStandardsNames) {
  EXPECT_EQ(lldp::print(CdcpTlv{CdcpRole::kStation, true, 167, {{1, 1}, {2, 0}}}),
            "role=1 SComp=1 ChnCap=167 SCID=1 SVID=1 SCID=2 SVID=0");
}

}  // namespace
