// SPDX-License-Identifier: Apache-2.0
#include "lldp/cdcp_machine.hpp"

#include <gmock/gmock.h>

#include <random>

#include "lldp/organizational.hpp"
#include "tests/support/arrow_coverage.hpp"

namespace lldp {

void PrintTo(const SChannel& channel, std::ostream* to) {
  *to << '(' << channel.scid << ',' << channel.svid << ')';
}

}  // namespace lldp

namespace {

using lldp::CdcpConfig;
using lldp::CdcpMachine;
using lldp::CdcpRole;
using lldp::CdcpTlv;
using lldp::SChannel;
using Coverage = support::ArrowCoverage<CdcpMachine>;
using Channels = std::vector<SChannel>;
using State = CdcpMachine::State;

const auto* const registered =
    testing::AddGlobalTestEnvironment(new Coverage("CDCP", CdcpMachine::kDiagram));

CdcpTlv tlv_of(CdcpRole role, Channels channels, std::uint16_t capacity = 167) {
  channels.insert(channels.begin(), lldp::kDefaultSChannel);
  return {.role = role, .channel_capacity = capacity, .channels = std::move(channels)};
}
CdcpTlv from_bridge(Channels channels) { return tlv_of(CdcpRole::kBridge, std::move(channels)); }
CdcpTlv from_station(Channels channels, std::uint16_t capacity = 167) {
  return tlv_of(CdcpRole::kStation, std::move(channels), capacity);
}

/// A machine whose arrows count for the coverage of the diagram.
struct Station : CdcpMachine {
  explicit Station(std::vector<std::uint16_t> wants, std::uint16_t capacity = 167)
      : CdcpMachine(CdcpRole::kStation, {.capacity = capacity, .wants = std::move(wants)}) {}
  ~Station() { Coverage::note(*this); }
  void want(std::vector<std::uint16_t> scids) { set_config({.wants = std::move(scids)}); }
};
struct Bridge : CdcpMachine {
  Bridge(std::uint16_t low, std::uint16_t high, std::uint16_t capacity = 167)
      : CdcpMachine(CdcpRole::kBridge, {.capacity = capacity, .pool_low = low, .pool_high = high}) {
  }
  ~Bridge() { Coverage::note(*this); }
};

TEST(CdcpMachine, StationAsksForItsChannelsBeforeABridgeIsHeard) {
  const Station station({3, 2});
  EXPECT_EQ(station.state(), State::kNotRunning);
  EXPECT_EQ(station.local(), from_station({{2, 0}, {3, 0}}));
  EXPECT_EQ(station.channels(), Channels({{1, 1}}));
}

TEST(CdcpMachine, StationTakesTheBridgesSvidsAndRepeatsThem) {
  Station station({2, 3});
  station.set_remote(from_bridge({{2, 100}, {3, 101}}));
  EXPECT_EQ(station.state(), State::kRunning);
  EXPECT_EQ(station.local(), from_station({{2, 100}, {3, 101}}));
  EXPECT_EQ(station.channels(), Channels({{1, 1}, {2, 100}, {3, 101}}));
}

TEST(CdcpMachine, StationRunsWithABridgeThatGivesNothing) {
  Station station({2});
  station.set_remote(from_bridge({}));
  EXPECT_EQ(station.state(), State::kRunning);
  EXPECT_EQ(station.local(), from_station({{2, 0}}));
}

TEST(CdcpMachine, StationGivesUpWhatTheBridgeLeavesOutOrRenumbers) {
  Station station({2, 3});
  station.set_remote(from_bridge({{2, 100}, {3, 101}}));
  station.set_remote(from_bridge({{3, 200}}));
  EXPECT_EQ(station.local(), from_station({{2, 0}, {3, 200}}));
  EXPECT_EQ(station.channels(), Channels({{1, 1}, {3, 200}}));
}

TEST(CdcpMachine, StationKeepsTheSvidsOfChannelsThatAreStillWanted) {
  Station station({2, 3});
  station.set_remote(from_bridge({{2, 100}, {3, 101}}));
  station.want({3, 4});
  EXPECT_EQ(station.local(), from_station({{3, 101}, {4, 0}}));
}

TEST(CdcpMachine, StationGetsAChannelBackThatTheBridgeNeverSawGo) {
  Station station({2});
  station.set_remote(from_bridge({{2, 100}}));
  station.want({});
  station.want({2});  // and the bridge's TLV is the same as before
  EXPECT_EQ(station.channels(), Channels({{1, 1}, {2, 100}}));
}

TEST(CdcpMachine, StationTakesNoSvidTwiceAndNoneThatIsNotAChannels) {
  Station station({2, 3, 4, 5});
  station.set_remote(from_bridge({{2, 100}, {3, 100}, {4, 1}, {5, 0}, {9, 104}}));
  EXPECT_EQ(station.local(), from_station({{2, 100}, {3, 0}, {4, 0}, {5, 0}}));
  auto odd = from_bridge({});
  odd.channels = {{1, 77}, {2, 77}};
  station.set_remote(odd);
  EXPECT_EQ(station.channels(), Channels({{1, 1}, {2, 77}}));
}

TEST(CdcpMachine, StationAsksForNoMoreThanItsCapacity) {
  const Station station({2, 3, 4}, 3);
  EXPECT_EQ(station.local().channels, Channels({{1, 1}, {2, 0}, {3, 0}}));
  EXPECT_EQ(station.local().channel_capacity, 3);
}

TEST(CdcpMachine, EndsEveryChannelButTheFirstWithoutAPartner) {
  auto no_component = from_bridge({{2, 100}});
  no_component.s_component = false;
  const std::optional<CdcpTlv> gone[] = {std::nullopt, from_station({{2, 100}}), no_component};
  for (const auto& remote : gone) {
    Station station({2});
    station.set_remote(from_bridge({{2, 100}}));
    station.set_remote(remote);
    EXPECT_EQ(station.state(), State::kNotRunning);
    EXPECT_EQ(station.local(), from_station({{2, 0}})) << "it goes on asking";
    station.want({3});
    EXPECT_EQ(station.local(), from_station({{3, 0}}));
    station.set_remote(from_bridge({{3, 100}}));
    EXPECT_EQ(station.channels(), Channels({{1, 1}, {3, 100}}));
  }
  Bridge bridge(100, 109);
  bridge.set_remote(from_station({{2, 0}}));
  bridge.set_remote(std::nullopt);
  EXPECT_EQ(bridge.local(), from_bridge({}));
  bridge.set_remote(from_bridge({{2, 100}}));
  EXPECT_EQ(bridge.state(), State::kNotRunning);
}

TEST(CdcpMachine, BridgeAssignsTheLowestFreeSvidsOfItsPool) {
  Bridge bridge(100, 109);
  EXPECT_EQ(bridge.local(), from_bridge({}));
  bridge.set_remote(from_station({{7, 0}, {2, 0}}));
  EXPECT_EQ(bridge.state(), State::kRunning);
  EXPECT_EQ(bridge.local(), from_bridge({{2, 100}, {7, 101}}));
}

TEST(CdcpMachine, BridgeFreesTheSvidOfAChannelThatIsNoLongerAskedFor) {
  Bridge bridge(100, 101);
  bridge.set_remote(from_station({{2, 0}, {3, 0}, {4, 0}}));
  EXPECT_EQ(bridge.local(), from_bridge({{2, 100}, {3, 101}})) << "the pool has two";
  bridge.set_remote(from_station({{3, 101}, {4, 0}}));
  EXPECT_EQ(bridge.local(), from_bridge({{3, 101}, {4, 100}})) << "3 is not disturbed";
}

TEST(CdcpMachine, BridgeKeepsToTheSmallerCapacity) {
  Bridge bridge(100, 199, 3);
  bridge.set_remote(from_station({{2, 0}, {3, 0}, {4, 0}}));
  EXPECT_EQ(bridge.capacity(), 3);
  EXPECT_EQ(bridge.channels(), Channels({{1, 1}, {2, 100}, {3, 101}}));
  bridge.set_remote(from_station({{2, 0}, {3, 0}, {4, 0}}, 2));
  EXPECT_EQ(bridge.capacity(), 2);
  EXPECT_EQ(bridge.channels(), Channels({{1, 1}, {2, 100}}));
  bridge.set_remote(from_station({{2, 0}}, 0));
  EXPECT_EQ(bridge.channels(), Channels({{1, 1}}));
}

TEST(CdcpMachine, RestartedBridgeGivesWhatTheStationStillNames) {
  Bridge bridge(100, 109);
  bridge.set_remote(from_station({{2, 105}, {3, 105}, {4, 50}}));
  EXPECT_EQ(bridge.local(), from_bridge({{2, 105}, {3, 100}, {4, 101}}));
}

TEST(CdcpMachine, BridgeRenumbersWhenItsPoolMovesAway) {
  Bridge bridge(100, 109);
  bridge.set_remote(from_station({{2, 100}, {3, 101}}));
  bridge.set_config({.pool_low = 101, .pool_high = 109});
  EXPECT_EQ(bridge.local(), from_bridge({{2, 102}, {3, 101}}));
}

TEST(CdcpMachine, BridgeServesAFullList) {
  Channels all;
  for (std::uint16_t scid = 2; scid <= lldp::kHighestScid; ++scid) all.push_back({scid, 0});
  Bridge bridge(lldp::kLowestSvid, lldp::kHighestSvid);
  bridge.set_remote(from_station(all));
  EXPECT_EQ(bridge.channels().size(), lldp::kMaxSChannels);
  EXPECT_EQ(bridge.channels().back(), (SChannel{167, 167}));
}

TEST(CdcpMachine, TheFirstNeighborOfTheOtherRoleCounts) {
  const auto neighbor = [](const CdcpTlv& tlv) {
    lldp::Neighbor heard;
    heard.information.organizational = {lldp::to_organizational(tlv)};
    return heard;
  };
  const auto station = from_station({{2, 0}});
  const auto bridge = from_bridge({{2, 100}});
  const std::vector<lldp::Neighbor> both{neighbor(station), neighbor(bridge)};
  EXPECT_EQ(lldp::find_cdcp_tlv(both, CdcpRole::kStation), bridge);
  EXPECT_EQ(lldp::find_cdcp_tlv(both, CdcpRole::kBridge), station);
  EXPECT_EQ(lldp::find_cdcp_tlv({both[0]}, CdcpRole::kStation), station) << "to be shown";
  EXPECT_EQ(lldp::find_cdcp_tlv({lldp::Neighbor{}}, CdcpRole::kStation), std::nullopt);
}

/// Two machines whose TLVs are lost and come late: once it is calm, both have the same channels,
/// and they are what is wanted as far as pool and capacities go.
TEST(CdcpMachine, BothEndsAgreeWhateverTheLinkDid) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](unsigned end) { return static_cast<std::uint16_t>(random() % end); };
    Station station({});
    Bridge bridge(100, 105);
    std::vector<CdcpTlv> to_bridge{station.local()};  // every one ever sent
    std::vector<CdcpTlv> to_station{bridge.local()};
    std::vector<std::uint16_t> wants;
    for (int step = 0; step < 40; ++step) {
      switch (draw(6)) {
        case 0:
          wants.clear();
          for (std::uint16_t scid = 2; scid < 12; ++scid) {
            if (draw(3) != 0) wants.push_back(scid);
          }
          station.want(wants);
          break;
        case 1:
          bridge.set_config({.capacity = static_cast<std::uint16_t>(1 + draw(8)),
                             .pool_low = 100,
                             .pool_high = static_cast<std::uint16_t>(100 + draw(8))});
          break;
        case 2: station.set_remote(std::nullopt); break;
        case 3: bridge.set_remote(std::nullopt); break;
        case 4: bridge.set_remote(to_bridge[draw(static_cast<unsigned>(to_bridge.size()))]); break;
        default: station.set_remote(to_station[draw(static_cast<unsigned>(to_station.size()))]);
      }
      to_bridge.push_back(station.local());
      to_station.push_back(bridge.local());
    }
    for (int round = 0; round < 3; ++round) {
      bridge.set_remote(station.local());
      station.set_remote(bridge.local());
    }
    EXPECT_EQ(station.channels(), bridge.channels()) << seed;
    const auto& config = bridge.config();
    const std::size_t room = std::min<std::size_t>(
        config.capacity, static_cast<std::size_t>(config.pool_high - config.pool_low) + 2);
    EXPECT_EQ(station.channels().size(), std::min(room, wants.size() + 1)) << seed;
  }
}

}  // namespace
