// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "lldp/organizational.hpp"
#include "tests/support/pcap_reader.hpp"
#include "tests/support/scripted_bridge.hpp"

// The statements on CDCP (clause 42); see README.md.

namespace lldp {

void PrintTo(const SChannel& channel, std::ostream* to) {
  *to << '(' << channel.scid << ',' << channel.svid << ')';
}

}  // namespace lldp

namespace {

using lldp::CdcpConfig;
using lldp::CdcpRole;
using lldp::CdcpTlv;
using support::ScriptedBridge;
using Channels = std::vector<lldp::SChannel>;
using testing::ElementsAre;
using SChannel = lldp::SChannel;

vdp::PortConfig wanting(std::vector<std::uint16_t> scids) {
  auto config = ScriptedBridge::station_config();
  config.cdcp = CdcpConfig{.wants = std::move(scids)};
  return config;
}

/// A station that wants these S-channels, its link up, and a bridge of CDCP on the other end.
struct Link : ScriptedBridge {
  explicit Link(std::vector<std::uint16_t> scids) : ScriptedBridge(wanting(std::move(scids))) {
    link(true);
  }

  void say(const CdcpTlv& tlv, std::uint16_t ttl = 121) { say(lldp::to_organizational(tlv), ttl); }
  void say(const lldp::OrganizationalTlv& tlv, std::uint16_t ttl = 121) {
    auto system = system_information();
    system.organizational = {tlv};
    send_lldpdu(lldp::encode_lldpdu(system, ttl).octets, lldp::kNearestNonTpmrBridge);
    advance(std::chrono::seconds(2));  // what is said to it leaves when LLDP has credit again
  }
  void give(Channels channels) {
    channels.insert(channels.begin(), lldp::kDefaultSChannel);
    say({.channels = std::move(channels)});
  }

  /// The CDCP TLV that the station sent last.
  CdcpTlv heard() const {
    std::optional<CdcpTlv> last;
    for (const auto& frame : frames_of(lldp::kLldpEthertype)) {
      if (frame.destination != lldp::kNearestNonTpmrBridge) continue;
      last = lldp::find_cdcp_tlv(lldp::decode_lldpdu(frame.payload)->information);
    }
    EXPECT_TRUE(last.has_value());
    return last.value_or(CdcpTlv{});
  }
  Channels up() const { return port.cdcp()->channels(); }
};

TEST(Conformance, C01_CdcpTlvGoesToTheNearestNonTpmrBridge) {
  // CDCP TLV to 01-80-C2-00-00-03, role bit 1, SComp 1, ChnCap 1..167, reserved 0.
  Link bridge({2, 3});
  constexpr lldp::MacAddress kDestination{{0x01, 0x80, 0xC2, 0x00, 0x00, 0x03}};
  std::size_t seen = 0;
  for (const auto& frame : bridge.frames_of(lldp::kLldpEthertype)) {
    const auto pdu = lldp::decode_lldpdu(frame.payload);
    ASSERT_TRUE(pdu.has_value());
    for (const auto& tlv : pdu->information.organizational) {
      EXPECT_EQ(lldp::is_cdcp_tlv(tlv), frame.destination == kDestination);
      if (!lldp::is_cdcp_tlv(tlv)) continue;
      ++seen;
      ASSERT_GE(tlv.information.size(), 4U);
      EXPECT_EQ(tlv.information[0], 0x88) << "role and SComp; the reserved bits are 0";
      EXPECT_EQ(tlv.information[1], 0);
      EXPECT_EQ(tlv.information[2] >> 4U, 0);
      const auto capacity = base::u16_at(tlv.information, 2);
      EXPECT_GE(capacity, 1);
      EXPECT_LE(capacity, 167);
    }
  }
  EXPECT_EQ(seen, 1U);
}

TEST(Conformance, C02_AsksForChannelsWithSvidZero) {
  // First pair is (1,1); wanted channels follow as (scid,0).
  const Link bridge({2, 3});
  EXPECT_THAT(bridge.heard().channels, ElementsAre(SChannel{1, 1}, SChannel{2, 0}, SChannel{3, 0}));
}

TEST(Conformance, C03_RepeatsTheSvidsThatTheBridgeGave) {
  // After the bridge's answer the S side repeats the SVIDs given.
  Link bridge({2, 3});
  bridge.give({{2, 100}, {3, 101}});
  EXPECT_THAT(bridge.heard().channels,
              ElementsAre(SChannel{1, 1}, SChannel{2, 100}, SChannel{3, 101}));
}

TEST(Conformance, C04_ChannelThatTheBridgeLeavesOutGoesDown) {
  // Bridge leaves a channel out: its SVID goes back to 0 and the channel is down.
  Link bridge({2, 3});
  bridge.give({{2, 100}, {3, 101}});
  bridge.give({{3, 101}});
  EXPECT_THAT(bridge.heard().channels,
              ElementsAre(SChannel{1, 1}, SChannel{2, 0}, SChannel{3, 101}));
  EXPECT_THAT(bridge.up(), ElementsAre(SChannel{1, 1}, SChannel{3, 101}));
}

TEST(Conformance, C05_ChannelThatIsNoLongerWantedDisappears) {
  // Channel no longer wanted disappears from S, others keep their SVID.
  Link bridge({2, 3});
  bridge.give({{2, 100}, {3, 101}});
  bridge.reconfigure(wanting({3}));
  EXPECT_THAT(bridge.heard().channels, ElementsAre(SChannel{1, 1}, SChannel{3, 101}));
  EXPECT_THAT(bridge.up(), ElementsAre(SChannel{1, 1}, SChannel{3, 101}));
}

TEST(Conformance, C06_NoChannelWithAnotherStation) {
  // Remote role also S: no channel beyond (1,1).
  Link bridge({2});
  bridge.give({{2, 100}});
  ASSERT_THAT(bridge.up(), ElementsAre(SChannel{1, 1}, SChannel{2, 100}));
  bridge.say({.role = CdcpRole::kStation, .channels = {{1, 1}, {2, 100}}});
  EXPECT_THAT(bridge.up(), ElementsAre(SChannel{1, 1}));
  EXPECT_THAT(bridge.heard().channels, ElementsAre(SChannel{1, 1}, SChannel{2, 0}));
}

TEST(Conformance, C07_IgnoresAMalformedCdcpTlv_Assumption) {
  // Length not 8+3N, SVID 4095, SCID twice: the TLV is ignored, no crash.
  const auto up_after = [](std::string_view information) {
    Link bridge({2});
    const lldp::OrganizationalTlv tlv{lldp::kIeee8021Oui, lldp::kCdcpSubtype,
                                      support::from_hex(information)};
    bridge.say(tlv);
    bridge.send_lldp({tlv, lldp::to_organizational(ScriptedBridge::bridge_tlv())});
    EXPECT_TRUE(bridge.port.evb().operational().on) << "the rest of the LLDPDU is used";
    EXPECT_EQ(bridge.port.neighbors().size(), 1U);
    return bridge.up().size();
  };
  EXPECT_EQ(up_after("080000a7 001001 002064"), 2U);
  for (const auto* const wrong : {"", "080000", "080000a7", "080000a7 0010", "080000a7 001001 00",
                                  "080000a7 001001 002fff", "080000a7 001001 002064 002065"}) {
    EXPECT_EQ(up_after(wrong), 1U) << wrong;
  }
}

TEST(Conformance, C08_ChannelsEndWithTheNeighbor_Assumption) {
  // Neighbour gone: channels beyond (1,1) torn down.
  Link bridge({2});
  const CdcpTlv answer{.channels = {{1, 1}, {2, 100}}};
  bridge.say(answer);
  ASSERT_EQ(bridge.up().size(), 2U);
  bridge.say(answer, 0);  // TTL 0
  EXPECT_THAT(bridge.up(), ElementsAre(SChannel{1, 1}));
  EXPECT_THAT(bridge.heard().channels, ElementsAre(SChannel{1, 1}, SChannel{2, 0}));
  bridge.say(answer, 10);
  ASSERT_EQ(bridge.up().size(), 2U);
  bridge.advance(std::chrono::seconds(9));  // TTL runs out
  EXPECT_THAT(bridge.up(), ElementsAre(SChannel{1, 1}));
}

}  // namespace
