// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "agent/libvirt/messages.hpp"

// The octets below are those that libvirt 9.0 and the kernel's netlink were seen to exchange, on a
// little-endian host.

namespace agent::libvirt {
namespace {

using base::DecodeError;
using base::Fault;
using base::Octets;

Octets octets(std::string_view hex) {
  Octets result;
  unsigned digits = 0;
  unsigned value = 0;
  for (const char c : hex) {
    if (c == ' ') continue;
    const auto digit = static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    value = value << 4U | digit;
    if (++digits % 2 == 0) {
      result.push_back(static_cast<std::uint8_t>(value));
      value = 0;
    }
  }
  return result;
}

const char* const kAssociate =
    "98000000 1300 0500 8a0a036b 2635801e 00 00 0000 02000000 00000000 00000000"
    "0800 0300 75703000"
    "4000 1680 3c00 0180"
    "2800 0100 ffffffff 525400aa0011 0000 00000000 00000000 00000000 00000000 00000000 00000000"
    "1000 0200 ffffffff 00000000 00000000"
    "3000 1880 2c00 0180"
    "0c00 0300 0b 573412 02 000000"
    "1400 0400 09b11c538b5c4eeb8f00d84eaa0aaa4f"
    "0500 0600 02 000000";

const lldp::MacAddress kMac{{0x52, 0x54, 0x00, 0xAA, 0x00, 0x11}};
const vdp::VsiId kId = *vdp::parse_uuid("09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f");
const VsiTypeField kType{11, {0x123457, 2}};

base::Result<Request> decode_octets(const Octets& wire) {
  base::Bytes datagram = wire;
  nlmsghdr header{};
  const auto message = take_message(datagram, header);
  if (!message) return tl::unexpected(message.error());
  return decode(*message);
}

SetLink set_link(const Octets& wire) {
  const auto request = decode_octets(wire);
  EXPECT_TRUE(request.has_value());
  return request ? std::get<SetLink>(*request) : SetLink{};
}

TEST(LibvirtMessages, ReadTheAssociateRequestThatLibvirtSends) {
  const auto request = set_link(octets(kAssociate));
  EXPECT_EQ(request, (SetLink{2, "up0", kMac, 0, kType, kId, PortRequest::kAssociate}));
}

TEST(LibvirtMessages, ReadTheVlanAndTheTypeLeastSignificantOctetFirst) {
  auto wire = octets(kAssociate);
  wire[40 + 8 + 40 + 8] = 42;  // IFLA_VF_VLAN's vlan
  const auto changed = octets("00 efcdab ff");
  std::copy(changed.begin(), changed.end(), wire.begin() + 116);
  const auto request = set_link(wire);
  EXPECT_EQ(request.vlan, 42U);
  EXPECT_EQ(request.vsi_type, (VsiTypeField{0, {0xABCDEF, 255}}));
}

TEST(LibvirtMessages, ReadEveryRequestThatThereIs) {
  for (std::uint8_t number = 0; number <= 3; ++number) {
    auto wire = octets(kAssociate);
    wire[wire.size() - 4] = number;
    EXPECT_EQ(set_link(wire).request, static_cast<PortRequest>(number));
  }
}

TEST(LibvirtMessages, ReadThePollThatLibvirtSends) {
  const auto wire = octets(
      "28000000 1200 0500 8a0a036b 2635801e 00 00 0000 02000000 00000000 00000000"
      "0800 1d00 01000000");
  EXPECT_EQ(std::get<GetLink>(*decode_octets(wire)), (GetLink{2, ""}));
}

TEST(LibvirtMessages, ReadAPeerThatDoesNotMarkItsNests) {
  auto wire = octets(kAssociate);
  for (const std::size_t nest : {43U, 47U, 107U, 111U}) wire[nest] = 0;
  EXPECT_EQ(set_link(wire), set_link(octets(kAssociate)));
}

TEST(LibvirtMessages, AcknowledgeAsTheKernelDoes) {
  const auto wire = octets(kAssociate);
  base::Bytes datagram = wire;
  nlmsghdr header{};
  ASSERT_TRUE(take_message(datagram, header));
  EXPECT_EQ(acknowledgement(header, 0), octets("24000000 0200 0000 8a0a036b 2635801e 00000000"
                                               "98000000 1300 0500 8a0a036b 2635801e"));
  EXPECT_EQ(acknowledgement(header, -22)[16], 0xEA);
}

TEST(LibvirtMessages, AnswerAPollWithTheOctetsThatLibvirtWasSeenToAccept) {
  const nlmsghdr poll{40, RTM_GETLINK, 5, 0x6b030a8d, 0x1e803526};
  const PortState state{kId, kType, PortRequest::kDisassociate, 0};
  EXPECT_EQ(port_states(poll, 2, "up0", {&state, 1}),
            octets("68000000 1000 0000 8d0a036b 2635801e 00 00 0100 02000000 00000000 00000000"
                   "0800 0300 75703000"
                   "4000 1880 3c00 0180 0800 0100 ffffffff 0c00 0300 0b57341202000000"
                   "1400 0400 09b11c538b5c4eeb8f00d84eaa0aaa4f"
                   "0500 0600 03000000 0600 0700 0000 0000"));
}

TEST(LibvirtMessages, LeaveTheResponseOutWhileTheBridgeIsAsked) {
  const nlmsghdr poll{40, RTM_GETLINK, 5, 1, 2};
  const PortState decided{kId, kType, PortRequest::kAssociate, 1001};
  const PortState waiting{kId, kType, PortRequest::kAssociate, std::nullopt};
  const auto with = port_states(poll, 2, "up0", {&decided, 1});
  const auto without = port_states(poll, 2, "up0", {&waiting, 1});
  EXPECT_EQ(with.size(), without.size() + 8);
  EXPECT_EQ(Octets(with.end() - 4, with.end()), octets("e9030000"));
}

TEST(LibvirtMessages, FitEveryListIntoTheSixteenBitsOfItsLength) {
  const nlmsghdr poll{40, RTM_GETLINK, 5, 1, 2};
  for (const std::size_t count : {0U, 1U, 32U, 33U, 1600U, 5000U}) {
    const std::vector<PortState> states(count, PortState{kId, kType, PortRequest::kAssociate, 0});
    const auto wire = port_states(poll, 2, "abcdefghijklmno", states);
    std::uint16_t length = 0;
    std::memcpy(&length, wire.data() + 32 + 20, sizeof length);
    EXPECT_EQ(length, wire.size() - 32 - 20) << count;
    EXPECT_EQ(length, 4 + (count <= 32 ? count * 60 : std::min<std::size_t>(count, 1600) * 40));
  }
}

TEST(LibvirtMessages, NotifyWithTheOctetsThatLibvirtWasSeenToActOn) {
  const Notification notification{2, "up0", kMac, 0, kType, kId};
  EXPECT_EQ(encode(notification, 7, 0x1234),
            octets("a0000000 1300 0100 07000000 34120000 00 00 0000 02000000 00000000 00000000"
                   "0800 0300 75703000"
                   "4000 1680 3c00 0180 2800 0100 ffffffff 525400aa0011 0000"
                   "00000000 00000000 00000000 00000000 00000000 00000000"
                   "1000 0200 ffffffff 00000000 00000000"
                   "3800 1880 3400 0180 0800 0100 ffffffff 0c00 0300 0b57341202000000"
                   "1400 0400 09b11c538b5c4eeb8f00d84eaa0aaa4f 0500 0600 03000000"));
}

TEST(LibvirtMessages, ReadTheirOwnNotification) {
  const auto request = set_link(encode(Notification{2, "up0", kMac, 42, kType, kId}, 7, 9));
  EXPECT_EQ(request, (SetLink{2, "up0", kMac, 42, kType, kId, PortRequest::kDisassociate}));
}

struct Refusal {
  const char* name;
  std::size_t at;      ///< octet that is changed
  std::uint8_t value;  ///< into this
  DecodeError error;
};

TEST(LibvirtMessages, NameTheOctetOfWhateverIsWrong) {
  const Refusal refusals[] = {
      {"attribute shorter than its header", 32, 3, {Fault::kTruncated, 32}},
      {"attribute past the end", 40, 0xFF, {Fault::kTruncated, 40}},
      {"name without text", 36, 0, {Fault::kWrongLength, 32}},
      {"MAC of another size", 48, 0x24, {Fault::kWrongLength, 48}},
      {"VLAN of another size", 88, 0x0C, {Fault::kWrongLength, 88}},
      {"VSI type of another size", 112, 0x0B, {Fault::kWrongLength, 112}},
      {"two MAC addresses", 90, 1, {Fault::kDuplicate, 88}},
      {"request that does not exist", 148, 4, {Fault::kReservedValue, 148}},
      {"no request", 146, 9, {Fault::kMissing, 152}},
      {"no UUID", 126, 9, {Fault::kMissing, 152}},
      {"no VSI type", 114, 9, {Fault::kMissing, 152}},
      {"no message that is known here", 4, 0x10, {Fault::kWrongSubtype, 4}},
      {"message longer than the datagram", 0, 0xFF, {Fault::kOverrun, 0}},
      {"message shorter than its header", 0, 15, {Fault::kOverrun, 0}},
      {"message without its fixed part", 0, 31, {Fault::kTruncated, 31}},
  };
  for (const auto& refusal : refusals) {
    auto wire = octets(kAssociate);
    wire[refusal.at] = refusal.value;
    const auto request = decode_octets(wire);
    ASSERT_FALSE(request) << refusal.name;
    EXPECT_EQ(request.error().fault, refusal.error.fault) << refusal.name;
    EXPECT_EQ(request.error().octet, refusal.error.octet) << refusal.name;
  }
}

TEST(LibvirtMessages, RefuseEveryTruncationOfADatagram) {
  const auto whole = octets(kAssociate);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_octets(Octets(whole.begin(), whole.begin() + static_cast<long>(size))));
  }
}

TEST(LibvirtMessages, NeedNoVsiTypeToDisassociate) {
  auto wire = octets(kAssociate);
  wire[114] = 9;
  wire[148] = 3;
  EXPECT_EQ(set_link(wire).vsi_type, std::nullopt);
}

TEST(LibvirtMessages, StandSeveralInOneDatagram) {
  auto wire = octets(kAssociate);
  base::append(wire, octets("21000000 1200 0500 01000000 02000000 00000000 02000000 00000000"
                            "00000000 00 000000"));
  base::append(wire, octets(kAssociate));
  base::Bytes datagram = wire;
  nlmsghdr header{};
  std::vector<unsigned> types;
  while (!datagram.empty()) {
    const auto message = take_message(datagram, header);
    ASSERT_TRUE(message);
    types.push_back(message->header.nlmsg_type);
  }
  EXPECT_EQ(types, (std::vector<unsigned>{RTM_SETLINK, RTM_GETLINK, RTM_SETLINK}));
}

}  // namespace
}  // namespace agent::libvirt
