// SPDX-License-Identifier: Apache-2.0
// CDCP on a port: what travels, where to, and two ends joined by an emulated link.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "lldp/organizational.hpp"
#include "tests/support/emulated_link.hpp"
#include "tests/support/scripted_bridge.hpp"

namespace {

using namespace std::chrono_literals;
using lldp::CdcpConfig;
using lldp::CdcpTlv;
using lldp::SChannel;
using support::EmulatedLink;
using support::ScriptedBridge;
using Channels = std::vector<SChannel>;
using State = lldp::CdcpMachine::State;

vdp::PortConfig station_config(std::vector<std::uint16_t> wants) {
  auto config = EmulatedLink::station_config();
  config.cdcp = CdcpConfig{.wants = std::move(wants)};
  return config;
}
vdp::PortConfig bridge_config(std::uint16_t low = 100, std::uint16_t high = 199) {
  auto config = EmulatedLink::bridge_config();
  config.cdcp = CdcpConfig{.pool_low = low, .pool_high = high};
  return config;
}
Channels with_default(Channels channels) {
  channels.insert(channels.begin(), lldp::kDefaultSChannel);
  return channels;
}

TEST(CdcpPort, TwoEndsAgreeOnTheirChannelsAtOnce) {
  EmulatedLink link(station_config({2, 3}), bridge_config(), 1);
  link.bring_up();
  const auto expected = with_default({{2, 100}, {3, 101}});
  EXPECT_EQ(link.station.cdcp()->channels(), expected);
  EXPECT_EQ(link.bridge.cdcp()->channels(), expected);
  EXPECT_TRUE(link.station.evb().operational().on) << "EVB of the default S-channel";
}

TEST(CdcpPort, ChannelsComeAndGoWithTheConfiguration) {
  EmulatedLink link(station_config({2, 3}), bridge_config(), 1);
  link.bring_up();
  link.feed(EmulatedLink::kStation, vdp::PortReconfigured{station_config({3, 4})});
  link.advance(5s);
  EXPECT_EQ(link.station.cdcp()->channels(), with_default({{3, 101}, {4, 100}}));
  EXPECT_EQ(link.bridge.cdcp()->channels(), with_default({{3, 101}, {4, 100}}));
  link.feed(EmulatedLink::kBridge, vdp::PortReconfigured{bridge_config(300, 300)});
  link.advance(5s);
  EXPECT_EQ(link.station.cdcp()->channels(), with_default({{3, 300}}));
}

TEST(CdcpPort, StationThatRestartsHasItsChannelsBackAtOnce) {
  EmulatedLink link(station_config({2}), bridge_config(), 1);
  link.bring_up();
  link.advance(10s);  // fast start is over
  link.station = vdp::Port(station_config({2}));
  link.link(EmulatedLink::kStation, true);
  link.advance(2s);
  EXPECT_EQ(link.station.cdcp()->channels(), with_default({{2, 100}}));
  EXPECT_EQ(link.bridge.cdcp()->channels(), with_default({{2, 100}}));
}

TEST(CdcpPort, EndsItsChannelsWhenCdcpIsTurnedOffAtEitherEnd) {
  EmulatedLink link(station_config({2}), bridge_config(), 1);
  link.bring_up();
  link.feed(EmulatedLink::kBridge, vdp::PortReconfigured{EmulatedLink::bridge_config()});
  link.advance(1s);
  EXPECT_EQ(link.bridge.cdcp(), nullptr);
  EXPECT_EQ(link.station.cdcp()->channels(), with_default({})) << "told by a shutdown LLDPDU";
  EXPECT_TRUE(link.station.evb().operational().on) << "EVB goes on";
  link.feed(EmulatedLink::kBridge, vdp::PortReconfigured{bridge_config()});
  link.advance(5s);
  EXPECT_EQ(link.station.cdcp()->channels(), with_default({{2, 100}}));
}

TEST(CdcpPort, SharesTheLldpduOfEvbWhereBothHaveOneDestination) {
  auto station = station_config({2});
  auto bridge = bridge_config();
  station.cdcp_destination = station.lldp_destination;
  bridge.cdcp_destination = bridge.lldp_destination;
  EmulatedLink link(station, bridge, 1);
  link.bring_up();
  EXPECT_EQ(link.station.cdcp()->channels(), with_default({{2, 100}}));
  EXPECT_TRUE(link.station.evb().operational().on);
  link.feed(EmulatedLink::kStation, vdp::PortReconfigured{EmulatedLink::station_config()});
  link.advance(5s);
  EXPECT_EQ(link.bridge.cdcp()->channels(), with_default({}));
  link.feed(EmulatedLink::kStation, vdp::PortReconfigured{station_config({2})});
  link.advance(5s);
  EXPECT_EQ(link.bridge.cdcp()->channels(), with_default({})) << "now they speak past each other";
}

TEST(CdcpPort, MovesToAnotherDestinationAndSaysGoodbyeAtTheOldOne) {
  auto config = ScriptedBridge::station_config();
  config.cdcp = CdcpConfig{.wants = {2}};
  ScriptedBridge bridge(config);
  bridge.link(true);
  bridge.clear();
  config.cdcp_destination = lldp::kNearestBridge;
  bridge.reconfigure(config);
  const auto frames = bridge.frames_of(lldp::kLldpEthertype);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].destination, lldp::kNearestNonTpmrBridge);
  EXPECT_EQ(lldp::decode_lldpdu(frames[0].payload)->ttl, 0);
  EXPECT_EQ(frames[1].destination, lldp::kNearestBridge);
  EXPECT_TRUE(lldp::find_cdcp_tlv(lldp::decode_lldpdu(frames[1].payload)->information).has_value());
}

TEST(CdcpPort, TellsOnlyWhatHasChanged) {
  auto config = ScriptedBridge::station_config();
  config.cdcp = CdcpConfig{.wants = {2}};
  ScriptedBridge bridge(config);
  bridge.link(true);
  const auto answer = lldp::encode_lldpdu(
      [] {
        auto system = ScriptedBridge::system_information();
        system.organizational = {lldp::to_organizational(CdcpTlv{.channels = {{1, 1}, {2, 100}}})};
        return system;
      }(),
      121);
  bridge.send_lldpdu(answer.octets, lldp::kNearestNonTpmrBridge);
  EXPECT_EQ(bridge.outputs_of<vdp::SChannelsChanged>().size(), 1U);
  bridge.clear();
  bridge.send_lldpdu(answer.octets, lldp::kNearestNonTpmrBridge);
  bridge.reconfigure(config);
  EXPECT_TRUE(bridge.outputs_of<vdp::SChannelsChanged>().empty());
  bridge.link(false);
  EXPECT_EQ(bridge.outputs_of<vdp::SChannelsChanged>().size(), 1U);
  EXPECT_EQ(bridge.port.cdcp()->state(), State::kNotRunning);
}

TEST(CdcpPort, WithoutCdcpItsAddressIsNotOurs) {
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.clear();
  bridge.send_lldpdu(lldp::encode_lldpdu(ScriptedBridge::system_information(), 121).octets,
                     lldp::kNearestNonTpmrBridge);
  EXPECT_EQ(bridge.outputs_of<vdp::FrameRefused>().at(0).what.error.fault,
            base::Fault::kWrongAddress);
  EXPECT_EQ(bridge.port.cdcp(), nullptr);
}

/// What the wire loses, repeats, delays and reorders, with links that go down, configurations that
/// change and ends that are killed and start again meanwhile: once it is calm, both ends have the
/// same channels, each with an SVID of its own from the pool, and EVB on the default one.
TEST(CdcpPort, BothEndsAgreeInTheEndWhateverTheWireDid) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    auto station = station_config({});
    auto bridge = bridge_config(100, 104);
    station.lldp.timers = bridge.lldp.timers = {.msg_tx_interval = 5, .msg_tx_hold = 2};
    EmulatedLink link(station, bridge, seed);
    link.link(EmulatedLink::kStation, true);
    link.link(EmulatedLink::kBridge, true);
    link.faults = {link.draw(60), link.draw(30), link.draw(50),
                   base::Duration(1 + link.draw(3'000'000))};
    for (unsigned step = 0; step < 25; ++step) {
      const auto side = link.draw(2) == 0 ? EmulatedLink::kStation : EmulatedLink::kBridge;
      switch (link.draw(6)) {
        case 0: link.link(side, link.draw(3) != 0); break;
        case 1:
        case 2:
          station.cdcp->wants.clear();
          for (std::uint16_t scid = 2; scid < 10; ++scid) {
            if (link.draw(2) == 0) station.cdcp->wants.push_back(scid);
          }
          link.feed(EmulatedLink::kStation, vdp::PortReconfigured{station});
          break;
        case 3:
          bridge.cdcp->pool_high = static_cast<std::uint16_t>(100 + link.draw(8));
          bridge.cdcp->capacity = static_cast<std::uint16_t>(2 + link.draw(8));
          link.feed(EmulatedLink::kBridge, vdp::PortReconfigured{bridge});
          break;
        case 4:
          (side == EmulatedLink::kStation ? link.station : link.bridge) =
              vdp::Port(side == EmulatedLink::kStation ? station : bridge);
          link.link(side, true);
          break;
        default: break;
      }
      link.advance(base::Duration(link.draw(4'000'000)));
    }
    link.faults = {};
    link.link(EmulatedLink::kStation, true);
    link.link(EmulatedLink::kBridge, true);
    link.advance(40s);
    const auto channels = link.station.cdcp()->channels();
    EXPECT_EQ(channels, link.bridge.cdcp()->channels());
    const std::size_t room =
        std::min<std::size_t>(bridge.cdcp->capacity, bridge.cdcp->pool_high - 100U + 2);
    EXPECT_EQ(channels.size(), std::min(room, station.cdcp->wants.size() + 1));
    EXPECT_TRUE(link.station.evb().operational().on);
    std::set<std::uint16_t> svids;
    for (const auto& channel : channels) {
      EXPECT_TRUE(svids.insert(channel.svid).second) << channel.svid << " twice";
      const bool wanted = std::ranges::count(station.cdcp->wants, channel.scid) == 1;
      EXPECT_TRUE(channel == lldp::kDefaultSChannel ||
                  (wanted && channel.svid >= 100 && channel.svid <= bridge.cdcp->pool_high))
          << channel.scid << ", " << channel.svid;
    }
  }
}

}  // namespace
