// SPDX-License-Identifier: Apache-2.0
#include "lldp/draft02_ecpdu.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "lldp/ethernet.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using lldp::decode_draft02_ecpdu;
using lldp::Draft02Ecpdu;
using lldp::EcpOperation;
using support::from_hex;
using support::to_hex;

/// The draft ECP payloads of a capture, in order.
std::vector<base::Octets> payloads(const std::string& capture) {
  std::vector<base::Octets> found;
  for (const auto& octets : support::read_capture(capture)) {
    const auto frame = lldp::decode_ethernet(octets);
    if (frame && frame->ethertype == lldp::kDraft02EcpEthertype) {
      found.emplace_back(frame->payload.begin(), frame->payload.end());
    }
  }
  return found;
}

TEST(Draft02Ecpdu, OfLldpadIsAnsweredByACopyThatIsZeroBehindItsHeader) {
  const auto found = payloads("lldpad-evb02-lifecycle.pcap");
  ASSERT_GE(found.size(), 10U);
  for (std::size_t i = 0; i < 10; i += 2) {
    const auto request = decode_draft02_ecpdu(found[i]);
    const auto ack = decode_draft02_ecpdu(found[i + 1]);
    ASSERT_TRUE(request && ack);
    EXPECT_EQ(request->operation, EcpOperation::kRequest);
    EXPECT_EQ(ack->operation, EcpOperation::kAck);
    EXPECT_EQ(ack->sequence, request->sequence);
    EXPECT_EQ(ack->ulpdu.size(), request->ulpdu.size());
    EXPECT_TRUE(std::ranges::all_of(ack->ulpdu, [](auto octet) { return octet == 0; }));
  }
}

TEST(Draft02Ecpdu, OfLldpadMayBeEmpty) {
  const auto first = payloads("lldpad-evb02-lifecycle.pcap").front();
  const auto ecpdu = decode_draft02_ecpdu(first);
  ASSERT_TRUE(ecpdu);
  EXPECT_EQ(ecpdu->sequence, 1);
  EXPECT_TRUE(std::ranges::all_of(ecpdu->ulpdu, [](auto octet) { return octet == 0; }));
}

TEST(Draft02Ecpdu, IsReadFromAHandmadeExchange) {
  const auto found = payloads("handmade-draft02-ecp-vdp.pcap");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(decode_draft02_ecpdu(found[0])->operation, EcpOperation::kRequest);
  EXPECT_EQ(to_hex(decode_draft02_ecpdu(found[0])->ulpdu.first(2)), "fe26");
  EXPECT_EQ(decode_draft02_ecpdu(found[1])->operation, EcpOperation::kAck);
}

TEST(Draft02Ecpdu, SurvivesARoundTrip) {
  const auto ulpdu = from_hex("fe26001b3f02");
  for (const auto operation : {EcpOperation::kRequest, EcpOperation::kAck}) {
    for (unsigned sequence = 0; sequence <= 0xFFFF; sequence += 0x0101) {
      const Draft02Ecpdu sent{operation, static_cast<std::uint16_t>(sequence), ulpdu};
      const auto octets = encode(sent);
      const auto received = decode_draft02_ecpdu(octets);
      ASSERT_TRUE(received);
      EXPECT_EQ(received->operation, operation);
      EXPECT_EQ(received->sequence, sequence);
      EXPECT_EQ(to_hex(received->ulpdu), to_hex(ulpdu));
    }
  }
  for (const auto& payload : payloads("lldpad-evb02-lifecycle.pcap")) {
    EXPECT_EQ(encode(*decode_draft02_ecpdu(payload)), payload);
  }
}

DecodeError refusal(std::string_view hex) { return decode_draft02_ecpdu(from_hex(hex)).error(); }

TEST(Draft02Ecpdu, IsRefusedWhenItsHeaderIsNotWhole) {
  const auto wire = from_hex("001b3f000000000001");
  for (std::size_t size = 0; size < wire.size(); ++size) {
    EXPECT_EQ(decode_draft02_ecpdu(base::Bytes(wire).first(size)).error(),
              (DecodeError{Fault::kTruncated, size}));
  }
}

TEST(Draft02Ecpdu, IsRefusedForAnotherProtocolBelowTheSameEthertype) {
  EXPECT_EQ(refusal("0080c2000000000001"), (DecodeError{Fault::kWrongSubtype, 0}));
  EXPECT_EQ(refusal("001b3f000001000001"), (DecodeError{Fault::kWrongSubtype, 4}));
}

TEST(Draft02Ecpdu, IsRefusedInAModeThatIsNeitherRequestNorAck) {
  EXPECT_EQ(refusal("001b3f000000020001"), (DecodeError{Fault::kWrongOperation, 6}));
}

TEST(Draft02Ecpdu, DoesNotCareForItsPadding) {
  EXPECT_EQ(decode_draft02_ecpdu(from_hex("001b3fff0000010203"))->sequence, 0x0203);
}

TEST(Draft02Ecpdu, IsPrintedByTheDraftsNames) {
  EXPECT_EQ(print(Draft02Ecpdu{EcpOperation::kAck, 515, {}}),
            "OUI=001b3f subtype=0 mode=1 sequence=515");
}

}  // namespace
