// SPDX-License-Identifier: Apache-2.0
#include "lldp/lldpdu.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lldp/organizational.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using support::from_hex;
using testing::HasSubstr;

// The mandatory TLVs: chassis ID MAC, port ID "eth0", TTL 121; 19 octets.
constexpr auto kMandatory = "0207 04 02000000a001  0405 05 65746830  0602 0079";
constexpr auto kEvb = "fe09 0080c20d 000f6e9414";
constexpr std::size_t kAfterMandatory = 20;

base::Octets pdu(const std::string& optional, const std::string& end = "0000") {
  return from_hex(kMandatory + optional + end);
}

DecodeError refusal(const std::string& hex) {
  const auto lldpdu = lldp::decode_lldpdu(from_hex(hex));
  EXPECT_FALSE(lldpdu);
  return lldpdu ? DecodeError{Fault::kNotPermitted, 0} : lldpdu.error();
}

lldp::SystemInformation full_information() {
  lldp::SystemInformation information;
  information.chassis_id = {4, from_hex("02000000a001")};
  information.port_id = {5, from_hex("65746830")};
  information.port_description = "uplink";
  information.system_name = "host1";
  information.system_description = "Debian 12";
  information.capabilities = lldp::Capabilities{0x0084, 0x0080};
  information.management_addresses = {{1, from_hex("c0000201"), 2, 3, {}},
                                      {6, from_hex("02000000a001"), 1, 0, {}}};
  information.organizational = {lldp::to_organizational(lldp::EvbTlv{}),
                                {{0x00, 0x12, 0x0F}, 1, from_hex("03")}};
  return information;
}

TEST(Lldpdu, ComesBackTheSameWithEveryTlv) {
  const auto information = full_information();
  const auto encoded = lldp::encode_lldpdu(information, 121);
  EXPECT_EQ(encoded.tlvs_left_out, 0U);
  const auto lldpdu = lldp::decode_lldpdu(encoded.octets);
  ASSERT_TRUE(lldpdu);
  EXPECT_EQ(lldpdu->information, information);
  EXPECT_EQ(lldpdu->ttl, 121);
  EXPECT_EQ(lldpdu->tlvs_discarded + lldpdu->tlvs_unrecognized, 0U);
}

TEST(Lldpdu, BeginsWithTheMandatoryTlvsAndEndsWithEnd) {
  lldp::SystemInformation information;
  information.chassis_id = {4, from_hex("02000000a001")};
  information.port_id = {5, from_hex("65746830")};
  EXPECT_EQ(lldp::encode_lldpdu(information, 121).octets, pdu(""));
}

TEST(Lldpdu, OfAShutdownHoldsNothingElse) {
  EXPECT_EQ(lldp::encode_shutdown_lldpdu(full_information()),
            from_hex("0207 04 02000000a001  0405 05 65746830  0602 0000  0000"));
}

TEST(Lldpdu, TooLongForAFrameLosesBasicTlvsBeforeOrganizationalOnes) {
  auto information = full_information();
  for (int i = 0; i < 3; ++i) {
    information.organizational.push_back({{0, 0x12, 0x0F}, 9, base::Octets(400, 1)});
  }
  information.system_description = std::string(255, 'x');
  const auto encoded = lldp::encode_lldpdu(information, 121);
  EXPECT_LE(encoded.octets.size(), lldp::kMaxLldpduSize);
  EXPECT_EQ(encoded.tlvs_left_out, 1U);
  const auto lldpdu = lldp::decode_lldpdu(encoded.octets);
  ASSERT_TRUE(lldpdu);
  EXPECT_FALSE(lldpdu->information.system_description);
  EXPECT_EQ(lldpdu->information.organizational, information.organizational);
  EXPECT_EQ(lldpdu->information.system_name, "host1");
}

TEST(Lldpdu, LeavesOutAnOrganizationalTlvThatFitsNowhere) {
  auto information = full_information();
  information.organizational = {{{0, 0x12, 0x0F}, 9, base::Octets(508, 1)}};
  const auto encoded = lldp::encode_lldpdu(information, 121);
  EXPECT_EQ(encoded.tlvs_left_out, 1U);
  EXPECT_TRUE(lldp::decode_lldpdu(encoded.octets)->information.organizational.empty());
}

TEST(Lldpdu, IsRefusedWhenAMandatoryTlvIsMissingOrOutOfOrder) {
  EXPECT_EQ(refusal(""), (DecodeError{Fault::kMissing, 0}));
  EXPECT_EQ(refusal("0000"), (DecodeError{Fault::kMissing, 0}));
  EXPECT_EQ(refusal("0405 05 65746830 0602 0079 0000"), (DecodeError{Fault::kMissing, 0}));
  EXPECT_EQ(refusal("0207 04 02000000a001 0602 0079 0000"), (DecodeError{Fault::kMissing, 9}));
  EXPECT_EQ(refusal("0207 04 02000000a001 0405 05 65746830"), (DecodeError{Fault::kMissing, 16}));
  EXPECT_EQ(refusal("0207 04 02000000a001 0405 05 65746830 0000"),
            (DecodeError{Fault::kMissing, 16}));
  EXPECT_EQ(refusal("0405 05 65746830 0207 04 02000000a001 0602 0079 0000"),
            (DecodeError{Fault::kMissing, 0}));
}

TEST(Lldpdu, IsRefusedWhenAMandatoryTlvStandsTwice) {
  for (const auto* again : {"0207 04 02000000a001", "0405 05 65746830", "0602 0079"}) {
    EXPECT_EQ(refusal(std::string(kMandatory) + kEvb + again + "0000"),
              (DecodeError{Fault::kDuplicate, kAfterMandatory + 11}));
  }
}

TEST(Lldpdu, IsRefusedWhenAnIdentifierIsTooShortOrTooLong) {
  EXPECT_EQ(refusal("0200 0405 05 65746830 0602 0079 0000"), (DecodeError{Fault::kTruncated, 2}));
  EXPECT_EQ(refusal("0201 04 0405 05 65746830 0602 0079 0000"),
            (DecodeError{Fault::kTruncated, 3}));
  EXPECT_EQ(refusal("0207 04 02000000a001 0401 05 0602 0079 0000"),
            (DecodeError{Fault::kTruncated, 12}));
  const std::string long_id(257 * 2, '5');
  EXPECT_EQ(refusal("0301" + long_id + "0405 05 65746830 0602 0079 0000"),
            (DecodeError{Fault::kWrongLength, 2 + 256}));
}

TEST(Lldpdu, IsRefusedWhenTheTtlHasOneOctetAndAcceptedWithThree) {
  EXPECT_EQ(refusal("0207 04 02000000a001 0405 05 65746830 0601 79 0000"),
            (DecodeError{Fault::kTruncated, 19}));
  const auto lldpdu =
      lldp::decode_lldpdu(from_hex("0207 04 02000000a001 0405 05 65746830 0603 0079ff 0000"));
  ASSERT_TRUE(lldpdu);
  EXPECT_EQ(lldpdu->ttl, 121);
}

TEST(Lldpdu, IsRefusedWhenAMandatoryTlvRunsPastTheEnd) {
  EXPECT_EQ(refusal("0207 04 0200"), (DecodeError{Fault::kOverrun, 0}));
  EXPECT_EQ(refusal("0207 04 02000000a001 0409 05 65746830"), (DecodeError{Fault::kOverrun, 9}));
}

TEST(Lldpdu, KeepsWhatStandsBeforeATlvThatRunsPastTheEnd) {
  const auto lldpdu = lldp::decode_lldpdu(pdu(std::string(kEvb) + "0aff 61", ""));
  ASSERT_TRUE(lldpdu);
  EXPECT_TRUE(lldpdu->overrun);
  EXPECT_EQ(lldpdu->tlvs_discarded, 1U);
  EXPECT_TRUE(lldp::find_evb_tlv(lldpdu->information));
}

TEST(Lldpdu, NeverReadsPastItsEndHoweverItIsCut) {
  const auto whole = lldp::encode_lldpdu(full_information(), 121).octets;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const base::Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(lldp::decode_lldpdu(cut).has_value(), size >= kAfterMandatory) << size;
  }
}

TEST(Lldpdu, DropsAMalformedOptionalTlvAlone) {
  for (const auto* malformed : {"0e03 001400", "1002 0101", "fe03 0080c2", "fe08 0080c20d 000f6e94",
                                "fe07 0080c20e 880000"}) {
    const auto lldpdu = lldp::decode_lldpdu(pdu(std::string(malformed) + "0a01 61"));
    ASSERT_TRUE(lldpdu) << malformed;
    EXPECT_EQ(lldpdu->tlvs_discarded, 1U) << malformed;
    EXPECT_EQ(lldpdu->information.system_name, "a") << malformed;
    EXPECT_TRUE(lldpdu->information.organizational.empty()) << malformed;
  }
}

TEST(Lldpdu, KeepsTheFirstOfWhatMayStandOnce) {
  const auto lldpdu = lldp::decode_lldpdu(
      pdu("0801 61 0801 62 0a01 61 0a01 62 0c01 61 0c01 62 0e04 00040004 0e04 00080008" +
          std::string(kEvb) + "fe09 0080c20d ffffffff1f"));
  ASSERT_TRUE(lldpdu);
  const auto& information = lldpdu->information;
  EXPECT_EQ(lldpdu->tlvs_discarded, 5U);
  EXPECT_EQ(information.port_description, "a");
  EXPECT_EQ(information.system_name, "a");
  EXPECT_EQ(information.system_description, "a");
  EXPECT_EQ(information.capabilities, (lldp::Capabilities{4, 4}));
  ASSERT_EQ(information.organizational.size(), 1U);
  EXPECT_EQ(information.organizational[0].information, from_hex("000f6e9414"));
}

TEST(Lldpdu, KeepsManagementAddressesAndForeignOrganizationalTlvsThatRepeat) {
  const std::string address = "100c 05 01 c0000201 02 00000003 00";
  const std::string foreign = "fe05 0012bb01 01";
  const auto lldpdu = lldp::decode_lldpdu(pdu(address + address + foreign + foreign));
  ASSERT_TRUE(lldpdu);
  EXPECT_EQ(lldpdu->information.management_addresses.size(), 2U);
  EXPECT_EQ(lldpdu->information.organizational.size(), 2U);
  EXPECT_EQ(lldpdu->tlvs_discarded, 0U);
}

TEST(Lldpdu, KeepsTheFirstEvbTlvOfEachDialect) {
  const std::string draft = "fe0d 001b3f00 400740070cdf00000f";
  const auto lldpdu =
      lldp::decode_lldpdu(pdu(draft + std::string(kEvb) + draft + "fe05 001b3f00 01"));
  ASSERT_TRUE(lldpdu);
  EXPECT_EQ(lldpdu->information.organizational.size(), 2U);
  EXPECT_EQ(lldpdu->tlvs_discarded, 2U) << "a second one, and one that is too short";
  EXPECT_TRUE(lldp::find_evb_tlv(lldpdu->information));
  EXPECT_TRUE(lldp::find_draft02_evb_tlv(lldpdu->information));
}

TEST(Lldpdu, SkipsReservedTypesAndCountsThem) {
  const auto lldpdu = lldp::decode_lldpdu(pdu("1200 fc02 aabb" + std::string(kEvb)));
  ASSERT_TRUE(lldpdu);
  EXPECT_EQ(lldpdu->tlvs_unrecognized, 2U);
  EXPECT_EQ(lldpdu->tlvs_discarded, 0U);
  EXPECT_TRUE(lldp::find_evb_tlv(lldpdu->information));
}

TEST(Lldpdu, EndsAtTheEndTlvWhateverFollowsOrWithoutOne) {
  for (const auto* end : {"", "00", "0000", "0000 0207 04 02000000a001", "0002 aabb 0a01 62"}) {
    const auto lldpdu = lldp::decode_lldpdu(pdu("0a01 61", end));
    ASSERT_TRUE(lldpdu) << end;
    EXPECT_EQ(lldpdu->information.system_name, "a") << end;
    EXPECT_EQ(lldpdu->tlvs_discarded, 0U) << end;
  }
}

TEST(Lldpdu, IsPrintedLineByLine) {
  auto octets = lldp::encode_lldpdu(full_information(), 121).octets;
  octets.resize(octets.size() - 2);
  base::append(octets, from_hex("1200 0e01 ff 0aff"));
  const auto lldpdu = lldp::decode_lldpdu(octets);
  ASSERT_TRUE(lldpdu);
  EXPECT_EQ(lldp::print(*lldpdu),
            "chassis ID: MAC address 02:00:00:00:a0:01\n"
            "port ID: interface name eth0\n"
            "TTL: 121 s\n"
            "port description: uplink\n"
            "system name: host1\n"
            "system description: Debian 12\n"
            "capabilities: bridge station (enabled: station)\n"
            "management address: 192.0.2.1, ifIndex 3\n"
            "management address: 02:00:00:00:a0:01, interface 0\n"
            "EVB: BGID=0 RRCAP=0 RRCTR=0 SGID=0 RRREQ=0 RRSTAT=3 R=3 RTE=14 mode=0 ROL(RWD)=0 "
            "RWD=20 ROL(RKA)=0 RKA=20\n"
            "organisational: OUI 00120f subtype 1 03\n"
            "unrecognized TLVs: 1\n"
            "discarded TLVs: 2, the last runs past the end\n");
}

TEST(Lldpdu, PrintsCdcpAndWhatCannotBeReadAsOctets) {
  const auto lldpdu =
      lldp::decode_lldpdu(pdu("fe0b 0080c20e 880000a7 001001 fe09 0080c20d 000f6ed414"));
  ASSERT_TRUE(lldpdu);
  EXPECT_THAT(lldp::print(*lldpdu), HasSubstr("CDCP: role=1 SComp=1 ChnCap=167 SCID=1 SVID=1\n"));
  EXPECT_THAT(lldp::print(*lldpdu),
              HasSubstr("organisational: OUI 0080c2 subtype 13 000f6ed414\n"));
}

}  // namespace
