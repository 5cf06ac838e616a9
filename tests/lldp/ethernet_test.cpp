// SPDX-License-Identifier: Apache-2.0
#include "lldp/ethernet.hpp"

#include <gtest/gtest.h>

#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using support::from_hex;

TEST(Ethernet, HeaderOfACapturedFrameIsRead) {
  const auto octets = support::read_capture("handmade-lldp-evb-station.pcap").at(0);
  const auto frame = lldp::decode_ethernet(octets);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->destination, lldp::kNearestCustomerBridge);
  EXPECT_EQ(lldp::to_string(frame->source), "02:00:00:00:a0:01");
  EXPECT_EQ(frame->ethertype, lldp::kLldpEthertype);
  EXPECT_EQ(frame->payload.size(), octets.size() - lldp::kEthernetHeaderSize);
}

TEST(Ethernet, FrameComesBackTheSameAndIsPaddedToTheMinimum) {
  const auto payload = from_hex("14010001");
  const auto octets = lldp::encode_ethernet(
      {lldp::kNearestCustomerBridge, {{2, 0, 0, 0, 0xA0, 1}}, 0x8940, payload});
  EXPECT_EQ(support::to_hex(octets), "0180c200000002000000a001894014010001" + std::string(84, '0'));
  const base::Octets long_payload(1500, 0xFF);
  const auto full = lldp::encode_ethernet({{}, {}, 0x8940, long_payload});
  EXPECT_EQ(full.size(), 1514U);
  EXPECT_TRUE(std::ranges::equal(lldp::decode_ethernet(full)->payload, long_payload));
}

TEST(Ethernet, HeaderIsRefusedWhereItEndsTooEarly) {
  const auto header = from_hex("0180c2000000 02000000a001 8940");
  for (std::size_t size = 0; size < header.size(); ++size) {
    EXPECT_EQ(lldp::decode_ethernet(base::Bytes(header).first(size)).error(),
              (DecodeError{Fault::kTruncated, size}));
  }
  EXPECT_TRUE(lldp::decode_ethernet(header)->payload.empty());
}

TEST(MacAddress, ComesBackTheSameFromItsText) {
  EXPECT_EQ(lldp::parse_mac_address("01:80:C2:00:00:0e"), lldp::kNearestBridge);
  EXPECT_EQ(lldp::parse_mac_address("01-80-c2-00-00-03"), lldp::kNearestNonTpmrBridge);
  EXPECT_EQ(lldp::to_string(lldp::kNearestBridge), "01:80:c2:00:00:0e");
}

TEST(MacAddress, IsNotReadFromAnythingElse) {
  for (const auto* text : {"", "01:80:c2:00:00", "01:80:c2:00:00:0g", "0180c200000e",
                           "01:80:c2:00:00:0e ", "01.80.c2.00.00.0e", "1:80:c2:00:00:0e:1"}) {
    EXPECT_FALSE(lldp::parse_mac_address(text)) << text;
  }
}

TEST(MacAddress, KnowsGroupsFromIndividuals) {
  EXPECT_TRUE(lldp::kNearestBridge.is_group());
  EXPECT_FALSE((lldp::MacAddress{{2, 0, 0, 0, 0, 1}}).is_group());
}

}  // namespace
