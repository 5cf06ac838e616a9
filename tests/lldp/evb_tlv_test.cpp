// SPDX-License-Identifier: Apache-2.0
#include "lldp/evb_tlv.hpp"

#include <gtest/gtest.h>

#include "lldp/ethernet.hpp"
#include "lldp/lldpdu.hpp"
#include "lldp/organizational.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using support::from_hex;

/// The EVB TLVs of all LLDPDUs of a capture, in order.
std::vector<lldp::EvbTlv> evb_tlvs(const std::string& capture) {
  std::vector<lldp::EvbTlv> tlvs;
  for (const auto& octets : support::read_capture(capture)) {
    const auto frame = lldp::decode_ethernet(octets);
    if (!frame || frame->ethertype != lldp::kLldpEthertype) continue;
    const auto lldpdu = lldp::decode_lldpdu(frame->payload);
    if (!lldpdu) continue;
    if (const auto tlv = lldp::find_evb_tlv(lldpdu->information)) tlvs.push_back(*tlv);
  }
  return tlvs;
}

TEST(EvbTlv, OfARealBridgeIsReadAsItsOwnerMeantIt) {
  const auto tlvs = evb_tlvs("tcpdump-evb.pcap");
  ASSERT_EQ(tlvs.size(), 1U);
  lldp::EvbTlv expected;
  expected.relay_capable = true;
  expected.relay_status = lldp::RelayStatus::kOff;
  expected.max_retries = 7;
  expected.retransmit_exponent = 20;
  expected.mode = lldp::EvbMode::kEvbBridge;
  expected.resource_wait_delay = 31;
  expected.reinit_keep_alive = 31;
  EXPECT_EQ(tlvs[0], expected);
}

TEST(EvbTlv, FollowsTheHandshakeOfTwoLldpads) {
  const auto tlvs = evb_tlvs("lldpad-evb22-lifecycle.pcap");
  ASSERT_GE(tlvs.size(), 4U);
  bool granted = false;
  bool believed = false;
  for (const auto& tlv : tlvs) {
    EXPECT_NE(tlv.mode, lldp::EvbMode::kNotSupported);
    const bool bridge = tlv.mode == lldp::EvbMode::kEvbBridge;
    granted |= bridge && tlv.relay_control && tlv.relay_request;
    believed |= !bridge && granted && tlv.relay_status == lldp::RelayStatus::kOn;
  }
  EXPECT_TRUE(granted);
  EXPECT_TRUE(believed);
}

TEST(EvbTlv, IsWrittenBitForBitAsLldpadWritesIt) {
  lldp::EvbTlv station;
  station.bridge_group_ids = station.relay_capable = station.relay_control = true;
  station.station_group_ids = station.relay_request = true;
  station.relay_status = lldp::RelayStatus::kOn;
  station.mode = lldp::EvbMode::kEvbStation;
  station.remote_rwd = station.remote_rka = true;
  EXPECT_EQ(lldp::encode(station), from_hex("070d6eb434"));
}

TEST(EvbTlv, ComesBackTheSameFromEveryValueOfEveryOctet) {
  for (unsigned octet = 0; octet < 5; ++octet) {
    for (unsigned value = 0; value < 256; ++value) {
      auto wire = from_hex("0000000000");
      wire[octet] = static_cast<std::uint8_t>(value);
      const auto tlv = lldp::decode_evb_tlv(wire);
      if (!tlv) continue;
      EXPECT_EQ(lldp::decode_evb_tlv(lldp::encode(*tlv)), tlv);
    }
  }
}

TEST(EvbTlv, IgnoresReservedBitsAndDoesNotRepeatThem) {
  const auto tlv = lldp::decode_evb_tlv(from_hex("ffff6e54ff"));
  ASSERT_TRUE(tlv);
  EXPECT_EQ(lldp::encode(*tlv), from_hex("070f6e543f"));
}

TEST(EvbTlv, IsRefusedWhereItEndsTooEarly) {
  const auto wire = from_hex("01026e5414");
  for (std::size_t size = 0; size < wire.size(); ++size) {
    EXPECT_EQ(lldp::decode_evb_tlv(base::Bytes(wire).first(size)).error(),
              (DecodeError{Fault::kTruncated, size}));
  }
}

TEST(EvbTlv, IsRefusedInTheReservedMode) {
  EXPECT_EQ(lldp::decode_evb_tlv(from_hex("01026ed414")).error(),
            (DecodeError{Fault::kReservedValue, 3}));
}

TEST(EvbTlv, MayBeLongerThanWeKnow) {
  EXPECT_EQ(lldp::decode_evb_tlv(from_hex("01026e5414aabb")),
            lldp::decode_evb_tlv(from_hex("01026e5414")));
}

TEST(EvbTlv, IsPrintedByTheStandardsNames) {
  const auto tlv = lldp::decode_evb_tlv(from_hex("070d6eb434"));
  ASSERT_TRUE(tlv);
  EXPECT_EQ(lldp::print(*tlv),
            "BGID=1 RRCAP=1 RRCTR=1 SGID=1 RRREQ=1 RRSTAT=1 R=3 RTE=14 mode=2 ROL(RWD)=1 RWD=20 "
            "ROL(RKA)=1 RKA=20");
}

lldp::Neighbor neighbor_with(lldp::EvbMode mode, std::uint8_t retries) {
  lldp::EvbTlv tlv;
  tlv.mode = mode;
  tlv.max_retries = retries;
  lldp::Neighbor neighbor;
  neighbor.information.organizational = {lldp::to_organizational(tlv)};
  return neighbor;
}

TEST(EvbTlv, OfTheFirstNeighborWithTheOtherRoleCounts) {
  const std::vector<lldp::Neighbor> neighbors{
      lldp::Neighbor{}, neighbor_with(lldp::EvbMode::kEvbStation, 1),
      neighbor_with(lldp::EvbMode::kEvbBridge, 2), neighbor_with(lldp::EvbMode::kEvbBridge, 4)};
  EXPECT_EQ(lldp::find_evb_tlv(neighbors, lldp::EvbRole::kStation)->max_retries, 2);
  EXPECT_EQ(lldp::find_evb_tlv(neighbors, lldp::EvbRole::kBridge)->max_retries, 1);
}

TEST(EvbTlv, OfTheWrongRoleIsFoundWhenThereIsNoOther) {
  const std::vector<lldp::Neighbor> stations{neighbor_with(lldp::EvbMode::kEvbStation, 1)};
  EXPECT_EQ(lldp::find_evb_tlv(stations, lldp::EvbRole::kStation)->mode,
            lldp::EvbMode::kEvbStation);
  EXPECT_FALSE(lldp::find_evb_tlv({lldp::Neighbor{}}, lldp::EvbRole::kStation));
}

}  // namespace
