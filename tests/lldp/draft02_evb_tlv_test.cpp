// SPDX-License-Identifier: Apache-2.0
#include "lldp/draft02_evb_tlv.hpp"

#include <gtest/gtest.h>

#include "lldp/ethernet.hpp"
#include "lldp/lldpdu.hpp"
#include "lldp/organizational.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using lldp::decode_draft02_evb_tlv;
using lldp::Draft02EvbTlv;
using support::from_hex;

/// The draft EVB TLVs of all LLDPDUs of a capture, in order.
std::vector<Draft02EvbTlv> evb_tlvs(const std::string& capture) {
  std::vector<Draft02EvbTlv> tlvs;
  for (const auto& octets : support::read_capture(capture)) {
    const auto frame = lldp::decode_ethernet(octets);
    if (!frame || frame->ethertype != lldp::kLldpEthertype) continue;
    const auto lldpdu = lldp::decode_lldpdu(frame->payload);
    if (!lldpdu) continue;
    if (const auto tlv = lldp::find_draft02_evb_tlv(lldpdu->information)) tlvs.push_back(*tlv);
    EXPECT_FALSE(lldp::find_evb_tlv(lldpdu->information)) << "it is not the ratified one";
  }
  return tlvs;
}

constexpr lldp::Draft02Abilities kAll{
    .reflective_relay = true, .rte = true, .ecp = true, .vdp = true};

TEST(Draft02EvbTlv, OfAHandmadeStationIsReadAsItWasMeant) {
  const Draft02EvbTlv expected{.supported = kAll, .configured = kAll};
  EXPECT_EQ(evb_tlvs("handmade-draft02-evb-tlv.pcap"), std::vector{expected});
}

TEST(Draft02EvbTlv, OfLldpadCountsTheVsisThatItHas) {
  std::vector<std::uint16_t> counts;
  for (const auto& tlv : evb_tlvs("lldpad-evb02-lifecycle.pcap")) {
    EXPECT_EQ(tlv.configured, kAll);
    EXPECT_EQ(tlv.supported_vsis, 3295);
    EXPECT_EQ(tlv.retransmit_exponent, 15);
    if (!tlv.supported.standard_bridging) counts.push_back(tlv.configured_vsis);
  }
  ASSERT_GE(counts.size(), 4U);
  EXPECT_EQ(counts[0], 0) << "before the first association";
  EXPECT_EQ(counts[1], 1);
  EXPECT_EQ(counts[2], 3);
}

TEST(Draft02EvbTlv, IsWrittenBitForBitAsLldpadWritesIt) {
  EXPECT_EQ(lldp::encode(Draft02EvbTlv{.supported = kAll, .configured = kAll}),
            from_hex("400740070cdf00000f"));
}

TEST(Draft02EvbTlv, ComesBackTheSameFromEveryValueOfEveryOctet) {
  for (unsigned octet = 0; octet < 9; ++octet) {
    for (unsigned value = 0; value < 256; ++value) {
      auto wire = from_hex("000000000000000000");
      wire[octet] = static_cast<std::uint8_t>(value);
      const auto tlv = decode_draft02_evb_tlv(wire);
      ASSERT_EQ(tlv.has_value(), octet < 8 || value < 32);
      if (!tlv) continue;
      EXPECT_EQ(decode_draft02_evb_tlv(lldp::encode(*tlv)), tlv);
    }
  }
}

TEST(Draft02EvbTlv, IgnoresReservedBitsAndDoesNotRepeatThem) {
  const auto tlv = decode_draft02_evb_tlv(from_hex("ffffffff0cdf00000f"));
  ASSERT_TRUE(tlv);
  EXPECT_EQ(lldp::encode(*tlv), from_hex("c007c0070cdf00000f"));
}

TEST(Draft02EvbTlv, IsRefusedWhereItEndsTooEarly) {
  const auto wire = from_hex("400740070cdf00000f");
  for (std::size_t size = 0; size < wire.size(); ++size) {
    EXPECT_EQ(decode_draft02_evb_tlv(base::Bytes(wire).first(size)).error(),
              (DecodeError{Fault::kTruncated, size}));
  }
}

TEST(Draft02EvbTlv, IsRefusedWithAnExponentThatNobodyCanWaitFor) {
  EXPECT_EQ(decode_draft02_evb_tlv(from_hex("400740070cdf000020")).error(),
            (DecodeError{Fault::kReservedValue, 8}));
}

TEST(Draft02EvbTlv, MayBeLongerThanWeKnow) {
  EXPECT_EQ(decode_draft02_evb_tlv(from_hex("400740070cdf00000faabb")),
            decode_draft02_evb_tlv(from_hex("400740070cdf00000f")));
}

TEST(Draft02EvbTlv, IsPrintedByTheDraftsNames) {
  EXPECT_EQ(lldp::print(*decode_draft02_evb_tlv(from_hex("c00740050cdf00030f"))),
            "supported: bridging=1 relay=1 RTE=1 ECP=1 VDP=1; "
            "configured: bridging=0 relay=1 RTE=1 ECP=0 VDP=1; VSIs=3/3295 RTE=15");
}

}  // namespace
