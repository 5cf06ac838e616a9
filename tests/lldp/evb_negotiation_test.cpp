// SPDX-License-Identifier: Apache-2.0
#include "lldp/evb_negotiation.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using lldp::EvbMode;
using lldp::EvbNegotiation;
using lldp::EvbProposal;
using lldp::EvbRole;
using lldp::EvbTlv;
using lldp::RelayStatus;
using namespace std::chrono_literals;

EvbTlv from_bridge() {
  EvbTlv tlv;
  tlv.mode = EvbMode::kEvbBridge;
  tlv.relay_capable = true;
  tlv.relay_status = RelayStatus::kOff;
  return tlv;
}

EvbTlv from_station() {
  EvbTlv tlv;
  tlv.mode = EvbMode::kEvbStation;
  tlv.relay_request = true;
  return tlv;
}

EvbProposal bridge_proposal() {
  EvbProposal proposal;
  proposal.role = EvbRole::kBridge;
  return proposal;
}

TEST(EvbNegotiation, IsOffAndUsesLocalValuesBeforeABridgeIsHeard) {
  const EvbNegotiation station({});
  EXPECT_FALSE(station.operational().on);
  EXPECT_EQ(station.operational().max_retries, 3);
  EXPECT_EQ(station.operational().relay_status, RelayStatus::kUnknown);
  const auto tlv = station.local();
  ASSERT_TRUE(tlv);
  EXPECT_EQ(tlv->mode, EvbMode::kEvbStation);
  EXPECT_EQ(tlv->relay_status, RelayStatus::kUnknown);
  EXPECT_FALSE(tlv->bridge_group_ids || tlv->relay_capable || tlv->relay_control);
}

TEST(EvbNegotiation, UsesTheLargerOfBothProposalsForEachValue) {
  EvbNegotiation station({});
  auto bridge = from_bridge();
  bridge.max_retries = 5;
  bridge.retransmit_exponent = 10;
  bridge.resource_wait_delay = 25;
  bridge.reinit_keep_alive = 10;
  station.set_remote(bridge);
  const auto& use = station.operational();
  EXPECT_TRUE(use.on);
  EXPECT_EQ(use.max_retries, 5);
  EXPECT_EQ(use.retransmit_exponent, 14);
  EXPECT_EQ(use.resource_wait_delay, 25);
  EXPECT_EQ(use.reinit_keep_alive, 20);
}

TEST(EvbNegotiation, ManualModeUsesLocalValuesOnlyButStaysOn) {
  EvbProposal proposal;
  proposal.manual = true;
  EvbNegotiation station(proposal);
  auto bridge = from_bridge();
  bridge.max_retries = 7;
  bridge.reinit_keep_alive = 31;
  station.set_remote(bridge);
  EXPECT_TRUE(station.operational().on);
  EXPECT_EQ(station.operational().max_retries, 3);
  EXPECT_EQ(station.operational().reinit_keep_alive, 20);
  EXPECT_FALSE(station.local()->remote_rka);
}

TEST(EvbNegotiation, MarksWhichValueIsInUseAndCallsATieLocal) {
  EvbNegotiation station({});
  auto bridge = from_bridge();
  bridge.resource_wait_delay = 25;
  station.set_remote(bridge);
  EXPECT_TRUE(station.local()->remote_rwd);
  EXPECT_FALSE(station.local()->remote_rka);  // a tie
  bridge.resource_wait_delay = 10;
  station.set_remote(bridge);
  EXPECT_FALSE(station.local()->remote_rwd);
}

TEST(EvbNegotiation, WritesItsProposalWhateverIsInUse) {
  EvbNegotiation station({});
  auto bridge = from_bridge();
  bridge.max_retries = 7;
  bridge.retransmit_exponent = bridge.resource_wait_delay = bridge.reinit_keep_alive = 30;
  station.set_remote(bridge);
  const auto tlv = *station.local();
  EXPECT_EQ(tlv.max_retries, 3);
  EXPECT_EQ(tlv.retransmit_exponent, 14);
  EXPECT_EQ(tlv.resource_wait_delay, 20);
  EXPECT_EQ(tlv.reinit_keep_alive, 20);
}

/// Lets both ends tell each other their TLV until nothing changes.
void settle(EvbNegotiation& station, EvbNegotiation& bridge) {
  for (int i = 0; i < 10; ++i) {
    bridge.set_remote(station.local());
    bridge.set_relay_in_force(bridge.relay_wanted());
    const auto before = station.local();
    station.set_remote(bridge.local());
    if (station.local() == before) return;
  }
  FAIL() << "the ends do not settle";
}

TEST(EvbNegotiation, ComesDownAgainWhenEitherEndLowersItsProposal) {
  EvbNegotiation station({});
  EvbNegotiation bridge(bridge_proposal());
  for (const auto& [ours, theirs] : {std::pair(20, 25), std::pair(20, 10), std::pair(28, 10),
                                     std::pair(5, 10), std::pair(5, 4)}) {
    auto proposal = station.proposal();
    proposal.reinit_keep_alive = proposal.resource_wait_delay = static_cast<std::uint8_t>(ours);
    station.set_proposal(proposal);
    proposal = bridge.proposal();
    proposal.reinit_keep_alive = proposal.resource_wait_delay = static_cast<std::uint8_t>(theirs);
    bridge.set_proposal(proposal);
    settle(station, bridge);
    EXPECT_EQ(station.operational().reinit_keep_alive, std::max(ours, theirs));
    EXPECT_EQ(bridge.operational().reinit_keep_alive, std::max(ours, theirs));
    EXPECT_EQ(bridge.operational().resource_wait_delay, std::max(ours, theirs));
  }
}

TEST(EvbNegotiation, DoesNotLatchWithABridgeThatWritesTheLargerOfWhatItHeard) {
  EvbProposal proposal;
  proposal.reinit_keep_alive = 25;
  EvbNegotiation station(proposal);
  auto bridge = from_bridge();
  const auto answer = [&] {
    bridge.reinit_keep_alive = std::max<std::uint8_t>(20, station.local()->reinit_keep_alive);
    station.set_remote(bridge);
  };
  answer();
  EXPECT_EQ(station.operational().reinit_keep_alive, 25);
  proposal.reinit_keep_alive = 12;
  station.set_proposal(proposal);
  answer();
  EXPECT_EQ(station.operational().reinit_keep_alive, 20);
}

TEST(EvbNegotiation, EndsAgreeOnReflectiveRelay) {
  EvbNegotiation station({});
  EvbNegotiation bridge(bridge_proposal());
  settle(station, bridge);
  EXPECT_EQ(station.operational().relay_status, RelayStatus::kOn);
  EXPECT_EQ(station.local()->relay_status, RelayStatus::kOn);
  EXPECT_TRUE(bridge.local()->relay_control);
  EXPECT_EQ(bridge.local()->relay_status, RelayStatus::kOn);  // the echo
  EXPECT_TRUE(station.local()->relay_capable && station.local()->relay_control);
}

TEST(EvbNegotiation, BridgeGrantsRelayOnlyWhenCapableAskedAndInForce) {
  for (const bool capable : {false, true}) {
    for (const bool asked : {false, true}) {
      for (const bool in_force : {false, true}) {
        auto proposal = bridge_proposal();
        proposal.reflective_relay = capable;
        EvbNegotiation bridge(proposal);
        auto station = from_station();
        station.relay_request = asked;
        bridge.set_remote(station);
        bridge.set_relay_in_force(in_force);
        EXPECT_EQ(bridge.relay_wanted(), capable && asked);
        EXPECT_EQ(bridge.local()->relay_control, capable && asked && in_force);
      }
    }
  }
}

TEST(EvbNegotiation, BridgeTakesRelayBackWhenTheStationIsGone) {
  EvbNegotiation bridge(bridge_proposal());
  bridge.set_remote(from_station());
  bridge.set_relay_in_force(true);
  ASSERT_TRUE(bridge.local()->relay_control);
  bridge.set_remote(std::nullopt);
  EXPECT_FALSE(bridge.relay_wanted());
  EXPECT_FALSE(bridge.local()->relay_control);
  EXPECT_EQ(bridge.local()->relay_status, RelayStatus::kOff);  // nothing left to echo
  EXPECT_FALSE(bridge.local()->relay_request);
}

TEST(EvbNegotiation, StationBelievesWhatTheBridgeSaysAndNothingWithoutOne) {
  EvbNegotiation station({});
  auto bridge = from_bridge();
  station.set_remote(bridge);
  EXPECT_EQ(station.local()->relay_status, RelayStatus::kOff);
  bridge.relay_control = true;
  station.set_remote(bridge);
  EXPECT_EQ(station.local()->relay_status, RelayStatus::kOn);
  station.set_remote(std::nullopt);
  EXPECT_EQ(station.local()->relay_status, RelayStatus::kUnknown);
  EXPECT_FALSE(station.local()->relay_control);
}

TEST(EvbNegotiation, GroupIdsNeedBothEnds) {
  for (const bool ours : {false, true}) {
    for (const bool theirs : {false, true}) {
      EvbProposal proposal;
      proposal.group_ids = ours;
      EvbNegotiation station(proposal);
      auto bridge = from_bridge();
      bridge.bridge_group_ids = theirs;
      bridge.station_group_ids = true;  // the octet that describes ourselves must not count
      station.set_remote(bridge);
      EXPECT_EQ(station.operational().group_ids, ours && theirs);
      EXPECT_EQ(station.local()->bridge_group_ids, theirs);
      EXPECT_EQ(station.local()->station_group_ids, ours);
    }
  }
}

TEST(EvbNegotiation, IsOffWithANeighborOfTheSameModeOrNone) {
  for (const auto mode : {EvbMode::kEvbStation, EvbMode::kNotSupported}) {
    EvbNegotiation station({});
    auto peer = from_bridge();
    peer.mode = mode;
    peer.max_retries = 7;
    peer.relay_control = true;
    station.set_remote(peer);
    EXPECT_FALSE(station.operational().on);
    EXPECT_EQ(station.operational().max_retries, 3);
    EXPECT_EQ(station.local()->relay_status, RelayStatus::kUnknown);
    EXPECT_FALSE(station.local()->relay_capable);
  }
  EvbNegotiation bridge(bridge_proposal());
  bridge.set_remote(from_bridge());
  EXPECT_FALSE(bridge.operational().on);
}

TEST(EvbNegotiation, WithoutTransmissionSendsNothingAndHearsNothing) {
  EvbProposal proposal;
  proposal.transmit = false;
  EvbNegotiation station(proposal);
  station.set_remote(from_bridge());
  EXPECT_FALSE(station.local());
  EXPECT_FALSE(station.operational().on);
}

TEST(EvbNegotiation, TimesFollowFromTheValuesInUse) {
  lldp::EvbOperational use;
  EXPECT_EQ(use.ack_time(), 163840us);
  EXPECT_EQ(use.resource_wait_time(), 10485760us);
  EXPECT_EQ(use.response_wait_time(), 17448960us);
  EXPECT_EQ(use.keep_alive_timeout(), 17448960us);
  use.max_retries = 1;
  use.retransmit_exponent = 10;
  use.resource_wait_delay = 14;
  EXPECT_EQ(use.response_wait_time(), 291840us);
  use.resource_wait_delay = 31;
  EXPECT_EQ(use.resource_wait_time(), 21474836480us);
}

}  // namespace
