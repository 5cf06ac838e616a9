// SPDX-License-Identifier: Apache-2.0
#include "lldp/draft02_negotiation.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using lldp::Draft02EvbTlv;
using lldp::Draft02Negotiation;
using lldp::EvbProposal;
using lldp::EvbRole;
using lldp::RelayStatus;

constexpr EvbProposal kStation{};
constexpr EvbProposal kBridge{.role = EvbRole::kBridge};

Draft02EvbTlv speaks_everything() {
  Draft02EvbTlv tlv;
  tlv.supported = {true, true, true, true, true};
  return tlv;
}

TEST(Draft02Negotiation, IsOffBeforeAnybodyIsHeard) {
  const Draft02Negotiation station(kStation);
  EXPECT_FALSE(station.operational().on);
  EXPECT_EQ(station.operational().relay_status, RelayStatus::kUnknown);
  EXPECT_EQ(station.operational().dialect, lldp::Dialect::kDraft02);
}

TEST(Draft02Negotiation, IsOnWhenBothEndsSupportEcpAndVdpWhateverIsChosenYet) {
  for (const bool ecp : {false, true}) {
    for (const bool vdp : {false, true}) {
      Draft02Negotiation station(kStation);
      auto tlv = speaks_everything();
      tlv.supported.ecp = ecp;
      tlv.supported.vdp = vdp;
      station.set_remote(tlv);
      EXPECT_EQ(station.operational().on, ecp && vdp);
      EXPECT_EQ(station.local()->configured.ecp, ecp);
      EXPECT_EQ(station.local()->configured.vdp, vdp);
    }
  }
}

TEST(Draft02Negotiation, EndsAgreeOnReflectiveRelay) {
  for (const bool asks : {false, true}) {
    for (const bool able : {false, true}) {
      auto wish = kStation;
      wish.reflective_relay = asks;
      auto ability = kBridge;
      ability.reflective_relay = able;
      Draft02Negotiation station(wish);
      Draft02Negotiation bridge(ability);
      for (int round = 0; round < 3; ++round) {
        bridge.set_remote(station.local());
        bridge.set_relay_in_force(bridge.relay_wanted());
        station.set_remote(bridge.local());
      }
      EXPECT_EQ(bridge.relay_wanted(), asks && able);
      const auto expected = asks && able ? RelayStatus::kOn : RelayStatus::kOff;
      EXPECT_EQ(station.operational().relay_status, expected);
      EXPECT_EQ(bridge.operational().relay_status, expected);
      EXPECT_EQ(station.local()->configured.standard_bridging, !(asks && able));
    }
  }
}

TEST(Draft02Negotiation, DoesNotSayThatTheRelayIsOnBeforeItIs) {
  Draft02Negotiation bridge(kBridge);
  auto tlv = speaks_everything();
  tlv.configured.reflective_relay = true;
  bridge.set_remote(tlv);
  EXPECT_TRUE(bridge.relay_wanted());
  EXPECT_FALSE(bridge.local()->configured.reflective_relay);
  bridge.set_relay_in_force(true);
  EXPECT_TRUE(bridge.local()->configured.reflective_relay);
  bridge.set_remote(std::nullopt);
  EXPECT_FALSE(bridge.relay_wanted());
  EXPECT_FALSE(bridge.local()->configured.reflective_relay);
}

TEST(Draft02Negotiation, ExchangesRteAndUsesFixedTimes) {
  auto proposal = kStation;
  proposal.retransmit_exponent = 20;
  Draft02Negotiation station(proposal);
  auto tlv = speaks_everything();
  tlv.retransmit_exponent = 25;
  station.set_remote(tlv);
  const auto& use = station.operational();
  EXPECT_EQ(use.retransmit_exponent, 25);
  EXPECT_EQ(use.ack_time(), 500ms);
  EXPECT_EQ(use.max_retries, 2);
  EXPECT_EQ(use.response_wait_time(), 3s);
  EXPECT_EQ(use.keep_alive_time(), 10s);
  EXPECT_EQ(use.resource_wait_time(), 2s);
  EXPECT_EQ(use.keep_alive_timeout(), 19'500ms);
}

TEST(Draft02Negotiation, WithoutTransmissionSendsNothingAndHearsNothing) {
  auto proposal = kStation;
  proposal.transmit = false;
  Draft02Negotiation station(proposal);
  station.set_remote(speaks_everything());
  EXPECT_FALSE(station.operational().on);
  EXPECT_FALSE(station.local());
}

}  // namespace
