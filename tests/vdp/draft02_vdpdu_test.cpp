// SPDX-License-Identifier: Apache-2.0
#include "vdp/draft02_vdpdu.hpp"

#include <gtest/gtest.h>

#include "lldp/draft02_ecpdu.hpp"
#include "lldp/ethernet.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using support::from_hex;
using support::to_hex;
using vdp::AssociationType;
using vdp::decode_draft02_tlv;
using vdp::decode_draft02_vdpdu;
using vdp::Draft02Response;
using vdp::Draft02Tlv;

/// The VDPDUs of the draft ECP requests of a capture, in order.
std::vector<base::Octets> ulpdus(const std::string& capture) {
  std::vector<base::Octets> found;
  for (const auto& octets : support::read_capture(capture)) {
    const auto frame = lldp::decode_ethernet(octets);
    if (!frame || frame->ethertype != lldp::kDraft02EcpEthertype) continue;
    const auto ecpdu = lldp::decode_draft02_ecpdu(frame->payload);
    if (!ecpdu || ecpdu->operation != lldp::EcpOperation::kRequest) continue;
    found.emplace_back(ecpdu->ulpdu.begin(), ecpdu->ulpdu.end());
  }
  return found;
}

Draft02Tlv tlv_of(AssociationType type, std::uint8_t vsi, std::uint16_t vid) {
  Draft02Tlv tlv{.type = type, .manager = 1, .vsi_type = {5, 1}};
  tlv.id = *vdp::parse_uuid("a1412857-60f7-4ce1-e95a-2164943f0000");
  tlv.id.octets[15] = vsi;
  tlv.filters.entries.push_back({.mac = {{0x52, 0x54, 0, 0, 0, vsi}}, .vid = vid});
  return tlv;
}

const auto kAssociate =
    from_hex("001b3f0202000100000501a141285760f74ce1e95a2164943f00010200015254000000010002");

TEST(Draft02Vdpdu, IsReadFromLldpadsLifecycle) {
  const auto found = ulpdus("lldpad-evb02-lifecycle.pcap");
  ASSERT_GE(found.size(), 6U);
  std::vector<std::vector<Draft02Tlv>> tlvs;
  for (const auto& ulpdu : found) {
    const auto vdpdu = decode_draft02_vdpdu(ulpdu);
    ASSERT_TRUE(vdpdu) << to_hex(ulpdu);
    EXPECT_TRUE(vdpdu->refused.empty());
    EXPECT_EQ(vdpdu->skipped, 0U);
    tlvs.push_back(vdpdu->tlvs);
  }
  using enum AssociationType;
  EXPECT_TRUE(tlvs[0].empty()) << "lldpad begins with an empty ECPDU";
  EXPECT_EQ(tlvs[1], std::vector{tlv_of(kPreAssociate, 1, 2)});
  EXPECT_EQ(tlvs[2], tlvs[1]) << "the response";
  EXPECT_EQ(tlvs[3], std::vector{tlv_of(kAssociate, 1, 2)});
  EXPECT_EQ(tlvs[5], (std::vector{tlv_of(kAssociate, 3, 4), tlv_of(kAssociate, 2, 3)}));
}

TEST(Draft02Vdpdu, IsReadFromAHandmadeRequest) {
  const auto vdpdu = decode_draft02_vdpdu(ulpdus("handmade-draft02-ecp-vdp.pcap").at(0));
  ASSERT_TRUE(vdpdu);
  ASSERT_EQ(vdpdu->tlvs.size(), 1U);
  EXPECT_EQ(vdpdu->tlvs[0].vsi_type, (vdp::VsiType{0x123456, 7}));
  EXPECT_EQ(vdpdu->tlvs[0].filters.entries[0].vid, 100);
}

TEST(Draft02Vdpdu, SurvivesARoundTripInEveryModeResponseAndSize) {
  for (unsigned type = 1; type <= 4; ++type) {
    for (unsigned response = 0; response <= 6; ++response) {
      for (const std::size_t entries : {std::size_t{1}, std::size_t{2}, vdp::kDraft02MaxEntries}) {
        auto tlv = tlv_of(static_cast<AssociationType>(type), 9, 4094);
        tlv.response = static_cast<Draft02Response>(response);
        tlv.manager = 255;
        tlv.vsi_type = {0xFFFFFF, 255};
        while (tlv.filters.entries.size() < entries) {
          tlv.filters.entries.push_back(tlv.filters.entries.front());
        }
        base::Octets ulpdu;
        append_draft02(ulpdu, tlv);
        EXPECT_EQ(ulpdu.size(), encoded_size(tlv));
        EXPECT_EQ(decode_draft02_vdpdu(ulpdu)->tlvs, std::vector{tlv});
      }
    }
  }
}

DecodeError refusal(std::size_t octet, std::uint8_t value) {
  auto wire = kAssociate;
  wire[octet] = value;
  return decode_draft02_tlv(wire).error();
}

TEST(Draft02Vdpdu, RefusesATlvThatEndsTooEarly) {
  for (std::size_t size = 0; size < vdp::kDraft02HeadSize; ++size) {
    EXPECT_EQ(decode_draft02_tlv(base::Bytes(kAssociate).first(size)).error(),
              (DecodeError{Fault::kTruncated, size}));
  }
}

TEST(Draft02Vdpdu, RefusesModesResponsesAndFormatsThatTheDraftDoesNotKnow) {
  EXPECT_EQ(refusal(4, 4), (DecodeError{Fault::kReservedValue, 4}));
  EXPECT_EQ(refusal(5, 7), (DecodeError{Fault::kReservedValue, 5}));
  EXPECT_EQ(refusal(27, 1), (DecodeError{Fault::kReservedValue, 27}));
  EXPECT_EQ(refusal(27, 3), (DecodeError{Fault::kReservedValue, 27}));
}

TEST(Draft02Vdpdu, RefusesACountThatDoesNotFitTheLength) {
  EXPECT_EQ(refusal(29, 0), (DecodeError{Fault::kCountMismatch, 28}));
  EXPECT_EQ(refusal(29, 2), (DecodeError{Fault::kCountMismatch, 28}));
  EXPECT_EQ(refusal(28, 1), (DecodeError{Fault::kCountMismatch, 28}));
  EXPECT_EQ(decode_draft02_tlv(base::Bytes(kAssociate).first(37)).error(),
            (DecodeError{Fault::kCountMismatch, 28}));
}

TEST(Draft02Vdpdu, RefusesOneTlvAndUsesTheOthers) {
  base::Octets ulpdu;
  append_draft02(ulpdu, tlv_of(AssociationType::kAssociate, 1, 2));
  const auto second = ulpdu.size();
  append_draft02(ulpdu, tlv_of(AssociationType::kAssociate, 2, 2));
  append_draft02(ulpdu, tlv_of(AssociationType::kAssociate, 3, 2));
  ulpdu[second + 2 + 4] = 9;
  const auto vdpdu = decode_draft02_vdpdu(ulpdu);
  ASSERT_TRUE(vdpdu);
  EXPECT_EQ(vdpdu->tlvs.size(), 2U);
  EXPECT_EQ(vdpdu->refused, (std::vector<DecodeError>{{Fault::kReservedValue, second + 2 + 4}}));
}

TEST(Draft02Vdpdu, SkipsWhatIsNotVdp) {
  auto ulpdu = from_hex("fe050080c20d00 fe04001b3f00 8001aa");
  append_draft02(ulpdu, tlv_of(AssociationType::kAssociate, 1, 2));
  const auto vdpdu = decode_draft02_vdpdu(ulpdu);
  EXPECT_EQ(vdpdu->skipped, 3U);
  EXPECT_EQ(vdpdu->tlvs.size(), 1U);
}

TEST(Draft02Vdpdu, IsRefusedWhenATlvRunsPastItsEnd) {
  EXPECT_EQ(decode_draft02_vdpdu(from_hex("fe26001b3f02")).error(),
            (DecodeError{Fault::kOverrun, 0}));
}

TEST(Draft02Vdpdu, IsPrintedByTheDraftsNames) {
  EXPECT_EQ(print(*decode_draft02_tlv(kAssociate)),
            "Associate: OUI=001b3f subtype=2 mode=2 response=0 manager ID=1 type ID=5 type "
            "version=1 instance ID=a141285760f74ce1e95a2164943f0001 format=2 entries=1 "
            "MAC=525400000001 VID=2");
}

}  // namespace
