// SPDX-License-Identifier: Apache-2.0
#include "lldp/basic_tlvs.hpp"

#include <gtest/gtest.h>

#include "lldp/printable.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using base::DecodeError;
using base::Fault;
using support::from_hex;

TEST(Identifier, ComesBackTheSame) {
  const lldp::Identifier id{4, from_hex("02000000a001")};
  EXPECT_EQ(lldp::encode(id), from_hex("0402000000a001"));
  EXPECT_EQ(lldp::decode_identifier(lldp::encode(id)), id);
}

TEST(Identifier, IsRefusedBelowTwoAndAbove256Octets) {
  EXPECT_EQ(lldp::decode_identifier({}).error(), (DecodeError{Fault::kTruncated, 0}));
  EXPECT_EQ(lldp::decode_identifier(from_hex("04")).error(), (DecodeError{Fault::kTruncated, 1}));
  EXPECT_TRUE(lldp::decode_identifier(base::Octets(2, 7)));
  EXPECT_TRUE(lldp::decode_identifier(base::Octets(256, 7)));
  EXPECT_EQ(lldp::decode_identifier(base::Octets(257, 7)).error(),
            (DecodeError{Fault::kWrongLength, 256}));
}

TEST(Ttl, NeedsTwoOctetsAndIgnoresMore) {
  EXPECT_EQ(lldp::decode_ttl(from_hex("00")).error(), (DecodeError{Fault::kTruncated, 1}));
  EXPECT_EQ(lldp::decode_ttl(from_hex("0079")), 121);
  EXPECT_EQ(lldp::decode_ttl(from_hex("0079ff")), 121);
  EXPECT_EQ(lldp::encode_ttl(65535), from_hex("ffff"));
}

TEST(Text, IsRefusedAbove255OctetsAndCutWhenSent) {
  EXPECT_EQ(lldp::decode_text({}), "");
  EXPECT_EQ(lldp::decode_text(base::Octets(256, 'x')).error(),
            (DecodeError{Fault::kWrongLength, 255}));
  EXPECT_EQ(lldp::encode_text(std::string(300, 'x')).size(), 255U);
}

TEST(Capabilities, ComeBackTheSameAndHaveFourOctets) {
  const lldp::Capabilities capabilities{0x0014, 0x0004};
  EXPECT_EQ(lldp::encode(capabilities), from_hex("00140004"));
  EXPECT_EQ(lldp::decode_capabilities(lldp::encode(capabilities)), capabilities);
  EXPECT_EQ(lldp::decode_capabilities(from_hex("001400")).error(),
            (DecodeError{Fault::kTruncated, 3}));
  EXPECT_EQ(lldp::decode_capabilities(from_hex("0014000400")).error(),
            (DecodeError{Fault::kWrongLength, 4}));
}

TEST(ManagementAddress, ComesBackTheSame) {
  const lldp::ManagementAddress address{1, from_hex("c0000201"), 2, 3, from_hex("2b0601")};
  EXPECT_EQ(lldp::encode(address), from_hex("05 01 c0000201 02 00000003 03 2b0601"));
  EXPECT_EQ(lldp::decode_management_address(lldp::encode(address)), address);
}

TEST(ManagementAddress, IsRefusedAtTheLengthThatIsWrong) {
  const auto refusal = [](std::string_view hex) {
    return lldp::decode_management_address(from_hex(hex)).error();
  };
  EXPECT_EQ(refusal(""), (DecodeError{Fault::kTruncated, 0}));
  EXPECT_EQ(refusal("01 01 02 00000003 00"), (DecodeError{Fault::kWrongLength, 0}));
  EXPECT_EQ(refusal("21 01 c0000201 02 00000003 00"), (DecodeError{Fault::kWrongLength, 0}));
  EXPECT_EQ(refusal("05 01 c000"), (DecodeError{Fault::kTruncated, 4}));
  EXPECT_EQ(refusal("05 01 c0000201 02 0000"), (DecodeError{Fault::kTruncated, 9}));
  EXPECT_EQ(refusal("05 01 c0000201 02 00000003"), (DecodeError{Fault::kTruncated, 11}));
  EXPECT_EQ(refusal("05 01 c0000201 02 00000003 81"), (DecodeError{Fault::kWrongLength, 11}));
  EXPECT_EQ(refusal("05 01 c0000201 02 00000003 02 2b"), (DecodeError{Fault::kTruncated, 13}));
  EXPECT_EQ(refusal("05 01 c0000201 02 00000003 00 ff"), (DecodeError{Fault::kWrongLength, 12}));
}

TEST(OrganizationalTlv, ComesBackTheSameAndHasFourOctets) {
  const lldp::OrganizationalTlv tlv{{0x00, 0x1B, 0x3F}, 2, from_hex("aabb")};
  EXPECT_EQ(lldp::encode(tlv), from_hex("001b3f02aabb"));
  EXPECT_EQ(lldp::decode_organizational(lldp::encode(tlv)), tlv);
  EXPECT_EQ(lldp::decode_organizational(from_hex("001b3f")).error(),
            (DecodeError{Fault::kTruncated, 3}));
}

TEST(BasicTlvs, ArePrintedForPeople) {
  EXPECT_EQ(lldp::print_chassis_id({4, from_hex("02000000a001")}), "MAC address 02:00:00:00:a0:01");
  EXPECT_EQ(lldp::print_chassis_id({5, from_hex("01c0000201")}), "network address 192.0.2.1");
  EXPECT_EQ(lldp::print_chassis_id({7, from_hex("6f6e65")}), "local one");
  EXPECT_EQ(lldp::print_chassis_id({9, from_hex("6f")}), "subtype 9 6f");
  EXPECT_EQ(lldp::print_port_id({5, from_hex("65746830")}), "interface name eth0");
  EXPECT_EQ(lldp::print(lldp::Capabilities{0x0014, 0x0004}), "bridge router (enabled: bridge)");
  EXPECT_EQ(lldp::print(lldp::Capabilities{0x8000, 0}), "bit15 (enabled: none)");
  EXPECT_EQ(lldp::print(lldp::ManagementAddress{1, from_hex("c0000201"), 2, 3, {}}),
            "192.0.2.1, ifIndex 3");
  EXPECT_EQ(lldp::print(lldp::ManagementAddress{2, from_hex("20010db8000000000000000000000001"), 3,
                                                1, from_hex("2b")}),
            "2001:db8:0:0:0:0:0:1, system port 1, object id 2b");
  EXPECT_EQ(lldp::print(lldp::ManagementAddress{6, from_hex("02000000a001"), 9, 1, {}}),
            "02:00:00:00:a0:01, numbering 9 1");
  EXPECT_EQ(lldp::print(lldp::ManagementAddress{99, from_hex("0a"), 1, 0, {}}),
            "family 99 0a, interface 0");
}

TEST(Printable, LetsTextPassAndNothingThatMovesACursor) {
  EXPECT_EQ(lldp::to_printable("Z\xC3\xBCrich \xE2\x82\xAC \xF0\x9F\x90\xA7"),
            "Z\xC3\xBCrich \xE2\x82\xAC \xF0\x9F\x90\xA7");
  EXPECT_EQ(lldp::to_printable("a\nb\x1B[2J\\"), "a\\x0ab\\x1b[2J\\x5c");
  EXPECT_EQ(lldp::to_printable("\xC2\x9B"), "\\xc2\\x9b");           // the control CSI
  EXPECT_EQ(lldp::to_printable("\xC0\xAF"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(lldp::to_printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(lldp::to_printable("\xE2\x82"), "\\xe2\\x82");           // cut
  EXPECT_EQ(lldp::to_printable("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(lldp::to_printable("\x7F"), "\\x7f");
}

}  // namespace
