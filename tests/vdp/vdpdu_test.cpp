// SPDX-License-Identifier: Apache-2.0
#include "vdp/vdpdu.hpp"

#include <gtest/gtest.h>

#include "lldp/ecpdu.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/tlv.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using support::from_hex;
using support::to_hex;
using vdp::AssociationTlv;
using vdp::AssociationType;
using vdp::decode_association;
using vdp::decode_vdpdu;
using vdp::FilterEntry;
using vdp::FilterFormat;
using vdp::Reason;
using vdp::VsiIdFormat;

/// The ULPDUs of the ECP requests of a capture, in order.
std::vector<base::Octets> ulpdus(const std::string& capture) {
  std::vector<base::Octets> found;
  for (const auto& octets : support::read_capture(capture)) {
    const auto frame = lldp::decode_ethernet(octets);
    if (!frame || frame->ethertype != lldp::kEcpEthertype) continue;
    const auto ecpdu = lldp::decode_ecpdu(frame->payload);
    if (!ecpdu || ecpdu->operation != lldp::EcpOperation::kRequest) continue;
    found.emplace_back(ecpdu->ulpdu.begin(), ecpdu->ulpdu.end());
  }
  return found;
}

vdp::ManagerId manager_of(std::string_view hex) {
  vdp::ManagerId manager;
  std::ranges::copy(from_hex(hex), manager.octets.begin());
  return manager;
}

vdp::VsiId id_of(VsiIdFormat format, std::string_view hex) {
  vdp::VsiId id{format, {}};
  std::ranges::copy(from_hex(hex), id.octets.begin());
  return id;
}

constexpr lldp::MacAddress kMac1{{0x52, 0x54, 0x00, 0x00, 0xAA, 0x01}};
constexpr lldp::MacAddress kMac2{{0x52, 0x54, 0x00, 0x00, 0xAA, 0x02}};
const auto kUuid = id_of(VsiIdFormat::kUuid, "00112233445566778899aabbccddeeff");

// ---- from captures

TEST(Vdpdu, IsReadFromAnAssociationWithTwoFiltersAndItsResponse) {
  const auto found = ulpdus("handmade-ecp-vdp-assoc-2filters.pcap");
  ASSERT_EQ(found.size(), 2U);
  const auto request = decode_vdpdu(found[0]);
  ASSERT_TRUE(request);
  EXPECT_EQ(to_string(request->manager), "192.0.2.10");
  AssociationTlv expected{
      .type = AssociationType::kAssociate,
      .vsi_type = {0x123456, 7},
      .id = kUuid,
      .filters = {FilterFormat::kMacVid, {{.mac = kMac1, .vid = 100}, {.mac = kMac2, .vid = 0}}}};
  EXPECT_EQ(request->associations, std::vector{expected});
  EXPECT_TRUE(request->refused.empty());

  const auto response = decode_vdpdu(found[1]);
  ASSERT_TRUE(response);
  expected.response = true;
  expected.filters.entries[1] = {.mac = kMac2, .ps = true, .pcp = 5, .vid = 200};
  EXPECT_EQ(response->associations, std::vector{expected});
}

TEST(Vdpdu, IsReadInEveryFilterAndIdFormat) {
  const auto found = ulpdus("handmade-vdp-all-formats.pcap");
  ASSERT_EQ(found.size(), 8U);
  std::vector<AssociationTlv> tlvs;
  for (const auto& ulpdu : found) {
    const auto vdpdu = decode_vdpdu(ulpdu);
    ASSERT_TRUE(vdpdu) << to_hex(ulpdu);
    ASSERT_EQ(vdpdu->associations.size(), 1U);
    tlvs.push_back(vdpdu->associations.front());
  }
  const auto vid = [](std::uint16_t number) { return FilterEntry{.vid = number}; };
  const auto ipv4 = id_of(VsiIdFormat::kIpv4, "000000000000000000000000c0000205");
  const std::vector<AssociationTlv> expected = {
      {.type = AssociationType::kPreAssociate,
       .vsi_type = {1, 1},
       .id = ipv4,
       .filters = {FilterFormat::kVid, {vid(0)}}},
      {.type = AssociationType::kPreAssociateWithReservation,
       .hard_or_m = true,
       .vsi_type = {1, 1},
       .id = id_of(VsiIdFormat::kMac, "0000000000000000000052540000aa01"),
       .filters = {FilterFormat::kMacVid, {{.mac = kMac1, .vid = 10}}}},
      {.type = AssociationType::kAssociate,
       .keep_or_s = true,
       .vsi_type = {1, 1},
       .id = id_of(VsiIdFormat::kLocal, "6c6f63616c2d7673692d69642d303030"),
       .filters = {FilterFormat::kGroupVid, {{.group = 0xABCDEF, .vid = 0}}}},
      {.type = AssociationType::kAssociate,
       .vsi_type = {1, 1},
       .id = kUuid,
       .filters = {FilterFormat::kGroupMacVid,
                   {{.group = 0xABCDEF, .mac = kMac1, .vid = 0},
                    {.group = 0xABCDF0, .mac = kMac2, .vid = 0}}}},
      {.type = AssociationType::kPreAssociate,
       .response = true,
       .vsi_type = {1, 1},
       .id = ipv4,
       .filters = {FilterFormat::kVid, {{.ps = true, .pcp = 3, .vid = 42}}}},
      {.type = AssociationType::kAssociate,
       .response = true,
       .keep_or_s = true,
       .reason = Reason::kInsufficientResources,
       .vsi_type = {1, 1},
       .id = kUuid,
       .filters = {FilterFormat::kMacVid, {{.mac = kMac1, .vid = 10}}}},
      {.type = AssociationType::kAssociate,
       .response = true,
       .hard_or_m = true,
       .reason = Reason::kInvalidFormat,
       .vsi_type = {1, 1},
       .id = kUuid,
       .filters = {FilterFormat::kMacVid, {{.mac = kMac1, .vid = 10}}}},
      {.type = AssociationType::kDeAssociate,
       .response = true,
       .vsi_type = {1, 1},
       .id = kUuid,
       .filters = {FilterFormat::kMacVid, {}}},
  };
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(tlvs[i], expected[i]) << "frame " << i + 1;
}

TEST(Vdpdu, KeepsOrganisationalTlvs) {
  const auto vdpdu = decode_vdpdu(ulpdus("handmade-vdp-all-formats.pcap")[3]);
  const vdp::OrganizationalTlv expected{{0x00, 0x80, 0xC2}, {1, 'h', 'e', 'l', 'l', 'o'}};
  EXPECT_EQ(vdpdu->organizational, std::vector{expected});
}

TEST(Vdpdu, IsReadFromALifecycleBetweenTwoDaemons) {
  const auto found = ulpdus("lldpad-evb22-lifecycle.pcap");
  ASSERT_EQ(found.size(), 53U);
  for (const auto& ulpdu : found) {
    const auto vdpdu = decode_vdpdu(ulpdu);
    ASSERT_TRUE(vdpdu) << to_hex(ulpdu);
    EXPECT_EQ(vdpdu->associations.size(), 1U);
    EXPECT_TRUE(vdpdu->refused.empty());
    EXPECT_EQ(vdpdu->skipped, 0U);
    base::Octets again;
    append_manager(again, vdpdu->manager);
    append_association(again, vdpdu->associations.front());
    EXPECT_EQ(to_hex(again), to_hex(ulpdu));
  }
  const auto first = decode_vdpdu(found[0]);
  EXPECT_EQ(to_string(first->manager), "blabla");
  const auto& tlv = first->associations.front();
  EXPECT_EQ(tlv.type, AssociationType::kPreAssociate);
  EXPECT_EQ(tlv.vsi_type, (vdp::VsiType{5, 4}));
  EXPECT_EQ(to_string(tlv.id), "fa9b7fff-b0a0-4893-8e0e-beef4ff18f8f");
}

TEST(Vdpdu, IsReadFromRepetitionsToAFrozenBridge) {
  const auto found = ulpdus("lldpad-evb22-bridge-frozen.pcap");
  ASSERT_EQ(found.size(), 15U);
  EXPECT_EQ(decode_vdpdu(found[2])->associations, decode_vdpdu(found[3])->associations);
  EXPECT_EQ(decode_vdpdu(found[2])->manager, manager_of("01000000000000000000000000000000"));
}

// ---- round trips

AssociationTlv tlv_with(FilterFormat format, std::size_t entries) {
  AssociationTlv tlv{.type = AssociationType::kAssociate,
                     .response = true,
                     .keep_or_s = true,
                     .hard_or_m = true,
                     .reason = static_cast<Reason>(15),
                     .vsi_type = {0xFFFFFF, 0xFF},
                     .id = kUuid,
                     .filters = {format, {}}};
  for (std::size_t i = 0; i < entries; ++i) {
    FilterEntry entry{.ps = i % 2 == 1,
                      .pcp = static_cast<std::uint8_t>(i % 8),
                      .vid = static_cast<std::uint16_t>(4095 - i)};
    if (has_mac(format)) entry.mac = {{1, 2, 3, 4, 5, static_cast<std::uint8_t>(i)}};
    if (has_group(format)) entry.group = 0xFFFFFFFF - static_cast<std::uint32_t>(i);
    tlv.filters.entries.push_back(entry);
  }
  return tlv;
}

class EveryFilterFormat : public testing::TestWithParam<FilterFormat> {};

TEST_P(EveryFilterFormat, SurvivesARoundTripWithAnyNumberOfEntries) {
  for (std::size_t entries = 0; entries <= vdp::max_filter_entries(GetParam()); ++entries) {
    const auto sent = tlv_with(GetParam(), entries);
    base::Octets octets;
    append_association(octets, sent);
    ASSERT_EQ(octets.size(), encoded_size(sent));
    EXPECT_EQ(octets[0], 0x06 | (octets.size() - 2) >> 8U);
    const auto received =
        decode_association(sent.type, base::Bytes(octets).subspan(lldp::kTlvHeaderSize));
    ASSERT_TRUE(received) << entries;
    EXPECT_EQ(*received, sent) << entries;
  }
}

TEST_P(EveryFilterFormat, IsRefusedAtEveryTruncation) {
  base::Octets octets;
  append_association(octets, tlv_with(GetParam(), 3));
  const auto information = base::Bytes(octets).subspan(lldp::kTlvHeaderSize);
  for (std::size_t size = 0; size < information.size(); ++size) {
    const auto error = decode_association(AssociationType::kAssociate, information.first(size));
    ASSERT_FALSE(error) << size;
    const auto expected = size < vdp::kAssociationSize
                              ? DecodeError{Fault::kTruncated, size}
                              : DecodeError{Fault::kCountMismatch, vdp::kAssociationHeadSize};
    EXPECT_EQ(error.error(), expected) << size;
  }
}

TEST_P(EveryFilterFormat, HoldsAsManyEntriesAsTheStandardSays) {
  const std::size_t expected[] = {243, 60, 81, 40};
  EXPECT_EQ(vdp::max_filter_entries(GetParam()), expected[static_cast<unsigned>(GetParam()) - 1]);
}

INSTANTIATE_TEST_SUITE_P(Vdp, EveryFilterFormat,
                         testing::Values(FilterFormat::kVid, FilterFormat::kMacVid,
                                         FilterFormat::kGroupVid, FilterFormat::kGroupMacVid));

TEST(Vdpdu, SurvivesARoundTripWithSeveralTlvsInOrder) {
  vdp::Vdpdu sent{.manager = manager_of("20010db8000000000000000000000001")};
  base::Octets octets;
  append_manager(octets, sent.manager);
  for (const auto format : {FilterFormat::kVid, FilterFormat::kGroupMacVid}) {
    for (const unsigned type : {1U, 2U, 3U, 4U}) {
      sent.associations.push_back(tlv_with(format, type));
      sent.associations.back().type = static_cast<AssociationType>(type);
      append_association(octets, sent.associations.back());
    }
  }
  sent.organizational.push_back({{0, 0, 0x0C}, {}});
  append_organizational(octets, sent.organizational.back());
  vdp::append_end(octets);
  octets.resize(octets.size() + 20, 0);  // padding
  const auto received = decode_vdpdu(octets);
  ASSERT_TRUE(received);
  EXPECT_EQ(received->manager, sent.manager);
  EXPECT_EQ(received->associations, sent.associations);
  EXPECT_EQ(received->organizational, sent.organizational);
}

TEST(Vdpdu, PrintsEveryFieldByItsName) {
  const auto vdpdu = decode_vdpdu(ulpdus("handmade-ecp-vdp-assoc-2filters.pcap")[0]);
  const auto text = print(*vdpdu);
  EXPECT_EQ(text,
            "manager 192.0.2.10\n"
            "Associate: response=0 KEEP/S=0 HARD/M=0 reason=0 VSI type ID=1193046 VSI type "
            "version=7 VSI ID format=5 VSI ID=00112233445566778899aabbccddeeff filter info "
            "format=2 MAC=52540000aa01 PS=0 PCP=0 VID=100 MAC=52540000aa02 PS=0 PCP=0 VID=0");
}

// ---- refusals

constexpr std::string_view kManager = "0a10 000102030405060708090a0b0c0d0e0f ";
constexpr std::string_view kHead = "00 000001 01 05 00112233445566778899aabbccddeeff ";

base::Octets pdu(const std::string& rest) { return from_hex(std::string(kManager) + rest); }

TEST(Vdpdu, IsRefusedWithoutItsManager) {
  EXPECT_EQ(decode_vdpdu({}).error(), (DecodeError{Fault::kMissing, 0}));
  EXPECT_EQ(decode_vdpdu(from_hex("0000")).error(), (DecodeError{Fault::kMissing, 0}));
  EXPECT_EQ(decode_vdpdu(from_hex("0817" + std::string(kHead) + "02")).error(),
            (DecodeError{Fault::kMissing, 0}));
}

TEST(Vdpdu, IsRefusedWhenTheManagerHasAnotherLengthThan16) {
  EXPECT_EQ(decode_vdpdu(from_hex("0a0f 000102030405060708090a0b0c0d0e")).error(),
            (DecodeError{Fault::kWrongLength, 0}));
  EXPECT_EQ(decode_vdpdu(from_hex("0a11 000102030405060708090a0b0c0d0e0f10")).error(),
            (DecodeError{Fault::kWrongLength, 0}));
}

TEST(Vdpdu, IsRefusedWithASecondManager) {
  EXPECT_EQ(decode_vdpdu(pdu(std::string(kManager))).error(), (DecodeError{Fault::kDuplicate, 18}));
}

TEST(Vdpdu, IsRefusedWhenATlvRunsPastTheEnd) {
  EXPECT_EQ(decode_vdpdu(from_hex("0a10 00")).error(), (DecodeError{Fault::kOverrun, 0}));
  EXPECT_EQ(decode_vdpdu(pdu("0817" + std::string(kHead))).error(),
            (DecodeError{Fault::kOverrun, 18}));
}

TEST(Vdpdu, SkipsUnknownTypesAndStopsAtTheEndTlv) {
  const auto vdpdu =
      decode_vdpdu(pdu("8002 ffff 0c00 0817 " + std::string(kHead) + "02" + "0000 0a"));
  ASSERT_TRUE(vdpdu);
  EXPECT_EQ(vdpdu->skipped, 2U);
  EXPECT_EQ(vdpdu->associations.size(), 1U);
}

TEST(Vdpdu, AcceptsADeAssociateThatEndsAfterTheFilterFormat) {
  for (const auto* const rest : {"02", "020000"}) {
    const auto tlv =
        decode_association(AssociationType::kDeAssociate, from_hex(std::string(kHead) + rest));
    ASSERT_TRUE(tlv);
    EXPECT_EQ(tlv->id, kUuid);
    EXPECT_TRUE(tlv->filters.entries.empty());
  }
  EXPECT_EQ(
      decode_association(AssociationType::kAssociate, from_hex(std::string(kHead) + "02")).error(),
      (DecodeError{Fault::kTruncated, 23}));
}

/// The refusal of the one TLV of a PDU.
vdp::RefusedTlv refused(const std::string& information) {
  const auto octets = from_hex(information);
  base::Octets tlv;
  lldp::append_tlv(tlv, 3, octets);
  const auto vdpdu = decode_vdpdu(pdu(to_hex(tlv)));
  EXPECT_TRUE(vdpdu);
  EXPECT_TRUE(vdpdu->associations.empty());
  EXPECT_EQ(vdpdu->refused.size(), 1U);
  return vdpdu->refused.at(0);
}

constexpr std::size_t kInformation = 20;  // where the first TLV's information begins

TEST(Vdpdu, RefusesAReservedVsiIdFormatAlone) {
  for (const auto* const format : {"00", "06", "ff"}) {
    const auto tlv =
        refused("00 000001 01 " + std::string(format) + "00112233445566778899aabbccddeeff 010000");
    EXPECT_EQ(tlv.error, (DecodeError{Fault::kReservedValue, kInformation + 5}));
    EXPECT_FALSE(tlv.identified) << "without its format an id says nothing";
  }
}

TEST(Vdpdu, RefusesAReservedFilterFormatAloneAndSaysWhoseItIs) {
  for (const auto* const format : {"00", "05", "ff"}) {
    const auto tlv = refused(std::string(kHead) + format + "0000");
    EXPECT_EQ(tlv.error, (DecodeError{Fault::kReservedValue, kInformation + 22}));
    ASSERT_TRUE(tlv.identified);
    EXPECT_EQ(tlv.identified->id, kUuid);
    EXPECT_EQ(tlv.identified->vsi_type, (vdp::VsiType{1, 1}));
    EXPECT_TRUE(tlv.identified->filters.entries.empty());
  }
}

TEST(Vdpdu, RefusesACountThatDoesNotFitTheLength) {
  for (const auto* const rest :
       {"010001", "010001 000a 000b", "01ffff 000a", "010000 000a", "010001 00"}) {
    const auto tlv = refused(std::string(kHead) + rest);
    EXPECT_EQ(tlv.error, (DecodeError{Fault::kCountMismatch, kInformation + 23})) << rest;
    EXPECT_TRUE(tlv.identified);
  }
}

TEST(Vdpdu, RefusesATruncatedAssociationAlone) {
  const auto tlv = refused("00 000001 01 05 0011");
  EXPECT_EQ(tlv.error, (DecodeError{Fault::kTruncated, kInformation + 8}));
  EXPECT_FALSE(tlv.identified);
}

TEST(Vdpdu, RefusesAnOrganisationalTlvWithoutItsOui) {
  const auto vdpdu = decode_vdpdu(pdu("fe02 0080"));
  ASSERT_TRUE(vdpdu);
  ASSERT_EQ(vdpdu->refused.size(), 1U);
  EXPECT_EQ(vdpdu->refused[0].error, (DecodeError{Fault::kTruncated, kInformation}));
}

TEST(Vdpdu, UsesTheOtherTlvsOfAPduWithARefusedOne) {
  const auto vdpdu =
      decode_vdpdu(pdu("0617 " + std::string(kHead) + "02 0817 " + std::string(kHead) + "02"));
  ASSERT_TRUE(vdpdu);
  EXPECT_EQ(vdpdu->refused.size(), 1U);
  EXPECT_EQ(vdpdu->associations.size(), 1U);
}

TEST(Vdpdu, NeverReadsPastATruncatedPdu) {
  const auto whole = ulpdus("handmade-vdp-all-formats.pcap")[3];
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::vector<std::uint8_t> part(whole.begin(), whole.begin() + static_cast<long>(size));
    const auto vdpdu = decode_vdpdu(part);
    const std::size_t association = 18 + 51;
    const std::size_t tlvs[] = {0, 18, association, association + 11};
    const bool at_boundary =
        std::ranges::any_of(tlvs, [&](auto end) { return size == end || size == end + 1; });
    EXPECT_EQ(vdpdu.has_value(), at_boundary && size >= 18) << size;
    if (!vdpdu) continue;
    EXPECT_EQ(vdpdu->associations.size(), size >= association ? 1U : 0U);
  }
}

// ---- comparison

TEST(SameButZeroes, LetsAZeroOnEitherSideMatchAnything) {
  const auto filters = [](std::uint32_t group, std::uint16_t vid) {
    return vdp::FilterInfo{FilterFormat::kGroupMacVid,
                           {{.group = group, .mac = kMac1, .vid = vid}}};
  };
  EXPECT_TRUE(same_but_zeroes(filters(0, 0), filters(7, 42)));
  EXPECT_TRUE(same_but_zeroes(filters(7, 42), filters(0, 0)));
  EXPECT_FALSE(same_but_zeroes(filters(7, 41), filters(7, 42)));
  EXPECT_FALSE(same_but_zeroes(filters(8, 42), filters(7, 42)));
}

TEST(SameButZeroes, ComparesFormatNumberAndAddressesButNotPriorities) {
  const vdp::FilterInfo one{FilterFormat::kMacVid, {{.mac = kMac1, .vid = 1}}};
  auto other = one;
  other.entries.front().ps = true;
  other.entries.front().pcp = 7;
  EXPECT_TRUE(same_but_zeroes(one, other));
  other.entries.front().mac = kMac2;
  EXPECT_FALSE(same_but_zeroes(one, other));
  other = one;
  other.entries.push_back(other.entries.front());
  EXPECT_FALSE(same_but_zeroes(one, other));
  other = one;
  other.format = FilterFormat::kVid;
  EXPECT_FALSE(same_but_zeroes(one, other));
}

}  // namespace
