// SPDX-License-Identifier: Apache-2.0
#include "vdp/port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lldp/ethernet.hpp"
#include "tests/support/emulated_link.hpp"
#include "tests/support/scripted_bridge.hpp"

namespace {

using namespace std::chrono_literals;
using base::DecodeError;
using base::Fault;
using support::EmulatedLink;
using support::ScriptedBridge;
using testing::SizeIs;
using vdp::VsiState;

TEST(Port, TwoPortsAgreeInAFewFramesAtOneInstant) {
  EmulatedLink link(EmulatedLink::station_config(), EmulatedLink::bridge_config(), 1);
  link.delay = 0us;
  link.link(EmulatedLink::kStation, true);
  link.link(EmulatedLink::kBridge, true);
  link.advance(0us);
  EXPECT_TRUE(link.station.evb().operational().on);
  EXPECT_TRUE(link.bridge.evb().operational().on);
  EXPECT_EQ(link.station.evb().operational().relay_status, lldp::RelayStatus::kOn);
  EXPECT_EQ(link.bridge.evb().operational().relay_status, lldp::RelayStatus::kOn);
  EXPECT_LE(link.lldp_frames, 8U);
  link.feed(EmulatedLink::kStation, vdp::AssociateRequested{EmulatedLink::request(1)});
  link.advance(0us);
  EXPECT_EQ(link.station.vsi(EmulatedLink::request(1).id)->state, VsiState::kAssociated);
  EXPECT_EQ(link.ecp_frames, 4U) << "request, its acknowledgement, response, its acknowledgement";
}

TEST(Port, AnUnreliableDatabaseIsSeenAsTheReasonAtTheStation) {
  EmulatedLink link(EmulatedLink::station_config(), EmulatedLink::bridge_config(), 1);
  link.database = [](const auto&) { return std::nullopt; };
  link.bring_up();
  link.feed(EmulatedLink::kStation, vdp::AssociateRequested{EmulatedLink::request(1)});
  link.advance(11s);
  const auto report = link.station.vsi(EmulatedLink::request(1).id);
  EXPECT_EQ(report->last_failure->reason, vdp::Reason::kUnreachableManager);
}

TEST(Port, AVidThatTheBridgeChoosesIsChosenAnewForANewAssociation) {
  EmulatedLink link(EmulatedLink::station_config(), EmulatedLink::bridge_config(), 1);
  link.bring_up();
  auto request = EmulatedLink::request(7);
  request.filters.entries.front().vid = 0;
  link.feed(EmulatedLink::kStation, vdp::AssociateRequested{request});
  link.advance(1s);
  const auto vid = [&](const vdp::Port& port) {
    return port.vsi(request.id)->filters.entries.front().vid;
  };
  EXPECT_EQ(vid(link.station), 107);
  EXPECT_EQ(vid(link.bridge), 107);
  link.advance(30s);
  EXPECT_EQ(link.station.vsi(request.id)->state, VsiState::kAssociated);
  EXPECT_EQ(vid(link.station), 107);
}

class PortTest : public testing::Test {
 protected:
  std::optional<DecodeError> refusal() const {
    const auto found = bridge.outputs_of<vdp::FrameRefused>();
    return found.empty() ? std::nullopt : std::optional(found.back().what.error);
  }

  ScriptedBridge bridge;
};

TEST_F(PortTest, SaysWhichFrameItDoesNotUse) {
  const base::Octets ack{0x14, 0x01, 0x00, 0x01};
  bridge.inject(lldp::kEcpEthertype, ack);
  EXPECT_EQ(refusal(), (DecodeError{Fault::kNotPermitted, 0})) << "the link is down";
  bridge.link(true);
  bridge.inject({1, 2, 3});
  EXPECT_EQ(refusal(), (DecodeError{Fault::kTruncated, 3}));
  bridge.inject(0x0800, ack);
  EXPECT_EQ(refusal(), (DecodeError{Fault::kWrongEthertype, 12}));
  bridge.inject(lldp::kEcpEthertype, ack);
  EXPECT_EQ(refusal(), (DecodeError{Fault::kNotPermitted, 12})) << "EVB is not on";
  bridge.inject(lldp::kEcpEthertype, ack, lldp::kNearestBridge);
  EXPECT_EQ(refusal(), (DecodeError{Fault::kWrongAddress, 0}));
  bridge.inject(lldp::kLldpEthertype, ack, lldp::kNearestBridge);
  EXPECT_EQ(refusal(), (DecodeError{Fault::kWrongAddress, 0}));
  bridge.inject(lldp::kEcpEthertype, base::Octets{0x24, 0x01, 0, 0});
  EXPECT_EQ(refusal(), (DecodeError{Fault::kWrongVersion, 14}));
  EXPECT_EQ(bridge.port.ecp().counters.refused, 3U);
}

TEST_F(PortTest, CountsTheOctetsOfAVdpRefusalFromTheStartOfTheFrame) {
  bridge.bring_up();
  bridge.send_ecpdu({lldp::EcpOperation::kRequest, lldp::kEcpSubtypeVdp, 1, base::Octets(2)});
  EXPECT_EQ(refusal(), (DecodeError{Fault::kMissing, 18}));
}

TEST_F(PortTest, IgnoresItsOwnFrames) {
  bridge.link(true);
  const auto own = bridge.frames().front().octets;
  bridge.inject(own);
  EXPECT_EQ(refusal(), (DecodeError{Fault::kOwnFrame, 6}));
  EXPECT_THAT(bridge.port.neighbors(), SizeIs(0));
}

TEST_F(PortTest, AStationKeepsItsRole) {
  bridge.bring_up();
  auto config = ScriptedBridge::station_config();
  config.evb.role = lldp::EvbRole::kBridge;
  bridge.reconfigure(config);
  EXPECT_EQ(bridge.port.config().evb.role, lldp::EvbRole::kStation);
}

TEST_F(PortTest, ReconfigurationIsAnnouncedAndInUseAtOnce) {
  bridge.bring_up();
  auto config = ScriptedBridge::station_config();
  config.evb.retransmit_exponent = 16;
  bridge.reconfigure(config);
  bridge.advance(0us);
  EXPECT_EQ(bridge.last_evb_tlv()->retransmit_exponent, 16);
  EXPECT_EQ(bridge.port.evb().operational().retransmit_exponent, 16);
  bridge.associate(ScriptedBridge::request());
  bridge.advance(1s);
  const auto sent = bridge.ecp_requests();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[1].at - sent[0].at, 655'360us);
}

TEST_F(PortTest, LeavesServiceWithAShutdownLldpduAndComesBack) {
  bridge.bring_up();
  bridge.feed(vdp::AdminStatusChanged{lldp::AdminStatus::kDisabled});
  ASSERT_THAT(bridge.lldpdus(), SizeIs(1));
  EXPECT_EQ(bridge.lldpdus().front().what.ttl, 0);
  EXPECT_FALSE(bridge.port.evb().operational().on);
  bridge.clear();
  bridge.feed(vdp::AdminStatusChanged{lldp::AdminStatus::kTxAndRx});
  bridge.advance(3s);
  EXPECT_FALSE(bridge.lldpdus().empty());
}

TEST_F(PortTest, AStationTakesNoAnswersMeantForABridge) {
  bridge.bring_up();
  bridge.feed(vdp::VsiTypeResolved{});
  bridge.feed(vdp::VsiAdmitted{});
  EXPECT_TRUE(bridge.outputs.empty());
}

TEST(BridgePort, RefusesWhatIsTheStationsToAskFor) {
  vdp::Port port(EmulatedLink::bridge_config());
  vdp::Outputs out;
  port.handle({}, vdp::AssociateRequested{EmulatedLink::request(1)}, out);
  port.handle({}, vdp::DeassociateRequested{EmulatedLink::request(1).id, {}}, out);
  ASSERT_THAT(out, SizeIs(2));
  for (const auto& output : out) {
    EXPECT_EQ(std::get<vdp::RequestRefused>(output).refusal, vdp::LocalRefusal::kMissingFromBridge);
  }
}

TEST_F(PortTest, TheSequenceGoesOnOverALossOfEvb) {
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  const auto first = bridge.ecp_requests().back().sequence;
  bridge.link(false);
  bridge.bring_up();
  bridge.advance(0us);
  EXPECT_EQ(bridge.port.ecp().sequence, first + 1);
}

}  // namespace
