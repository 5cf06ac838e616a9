// SPDX-License-Identifier: Apache-2.0
#include "lldp/ecpdu.hpp"

#include <gtest/gtest.h>

#include "lldp/ethernet.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using lldp::decode_ecpdu;
using lldp::Ecpdu;
using lldp::EcpOperation;
using support::from_hex;
using support::to_hex;

/// The ECP payloads of a capture, in order.
std::vector<base::Octets> payloads(const std::string& capture) {
  std::vector<base::Octets> found;
  for (const auto& octets : support::read_capture(capture)) {
    const auto frame = lldp::decode_ethernet(octets);
    if (frame && frame->ethertype == lldp::kEcpEthertype) {
      found.emplace_back(frame->payload.begin(), frame->payload.end());
    }
  }
  return found;
}

TEST(Ecpdu, IsReadFromALifecycleBetweenTwoDaemons) {
  const auto found = payloads("lldpad-evb22-lifecycle.pcap");
  ASSERT_EQ(found.size(), 106U);
  std::size_t acks = 0;
  for (const auto& payload : found) {
    const auto ecpdu = decode_ecpdu(payload);
    ASSERT_TRUE(ecpdu) << to_hex(payload);
    EXPECT_EQ(ecpdu->subtype, lldp::kEcpSubtypeVdp);
    acks += ecpdu->operation == EcpOperation::kAck;
  }
  EXPECT_EQ(acks, 53U);

  const auto request = decode_ecpdu(found[0]);
  EXPECT_EQ(request->operation, EcpOperation::kRequest);
  EXPECT_EQ(request->sequence, 1);
  EXPECT_EQ(to_hex(request->ulpdu.first(4)), "0a10626c");
  EXPECT_EQ(request->ulpdu.size(), 53U);
  const auto ack = decode_ecpdu(found[1]);
  EXPECT_EQ(ack->operation, EcpOperation::kAck);
  EXPECT_EQ(ack->sequence, 1);
  EXPECT_TRUE(ack->ulpdu.empty()) << "the frame is not padded";
}

TEST(Ecpdu, IsReadFromAPaddedAcknowledgement) {
  const auto found = payloads("handmade-ecp-ack.pcap");
  ASSERT_EQ(found.size(), 1U);
  const auto ack = decode_ecpdu(found[0]);
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->operation, EcpOperation::kAck);
  EXPECT_EQ(ack->sequence, 0x1234);
  EXPECT_EQ(print(*ack), "version=1 operation=1 subtype=1 sequence=4660");
}

TEST(Ecpdu, SurvivesARoundTrip) {
  const auto ulpdu = from_hex("0a10 00ff");
  for (const auto operation : {EcpOperation::kRequest, EcpOperation::kAck}) {
    for (unsigned sequence = 0; sequence <= 0xFFFF; sequence += 0x0101) {
      const Ecpdu sent{operation, lldp::kEcpSubtypeVdp, static_cast<std::uint16_t>(sequence),
                       ulpdu};
      const auto octets = encode(sent);
      const auto received = decode_ecpdu(octets);
      ASSERT_TRUE(received);
      EXPECT_EQ(received->operation, operation);
      EXPECT_EQ(received->sequence, sequence);
      EXPECT_EQ(to_hex(received->ulpdu), to_hex(ulpdu));
      EXPECT_EQ(encode(*received), octets);
    }
  }
}

TEST(Ecpdu, EveryCapturedOneSurvivesARoundTrip) {
  for (const auto& payload : payloads("lldpad-evb22-bridge-frozen.pcap")) {
    EXPECT_EQ(encode(*decode_ecpdu(payload)), payload);
  }
}

DecodeError refusal(std::string_view hex) { return decode_ecpdu(from_hex(hex)).error(); }

TEST(Ecpdu, IsRefusedWhenItsHeaderIsNotWhole) {
  EXPECT_EQ(refusal(""), (DecodeError{Fault::kTruncated, 0}));
  EXPECT_EQ(refusal("10"), (DecodeError{Fault::kTruncated, 1}));
  EXPECT_EQ(refusal("1001"), (DecodeError{Fault::kTruncated, 2}));
  EXPECT_EQ(refusal("100100"), (DecodeError{Fault::kTruncated, 3}));
}

TEST(Ecpdu, IsRefusedInAnotherVersion) {
  EXPECT_EQ(refusal("00010001"), (DecodeError{Fault::kWrongVersion, 0}));
  EXPECT_EQ(refusal("20010001"), (DecodeError{Fault::kWrongVersion, 0}));
}

TEST(Ecpdu, IsRefusedWithAReservedOperation) {
  EXPECT_EQ(refusal("18010001"), (DecodeError{Fault::kWrongOperation, 0}));
  EXPECT_EQ(refusal("1c010001"), (DecodeError{Fault::kWrongOperation, 0}));
}

TEST(Ecpdu, IsRefusedForAnotherUpperLayerThanVdp) {
  EXPECT_EQ(refusal("10000001"), (DecodeError{Fault::kWrongSubtype, 1}));
  EXPECT_EQ(refusal("10020001"), (DecodeError{Fault::kWrongSubtype, 1}));
  EXPECT_EQ(refusal("11010001"), (DecodeError{Fault::kWrongSubtype, 1}));
}

}  // namespace
