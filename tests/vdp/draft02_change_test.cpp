// SPDX-License-Identifier: Apache-2.0
// A port whose dialect is "auto": it finds either peer, and changes over when the peer does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lldp/organizational.hpp"
#include "tests/support/draft02_peer.hpp"

namespace {

using namespace std::chrono_literals;
using support::Draft02Peer;
using testing::SizeIs;
using vdp::VsiState;

class AutoStation : public testing::Test {
 protected:
  AutoStation() : peer(Draft02Peer::station_config(lldp::DialectChoice::kAuto)) {}

  VsiState state() const { return peer.port.vsi(request.id)->state; }
  lldp::Dialect dialect() const { return peer.port.evb().dialect(); }

  vdp::VsiRequest request = Draft02Peer::request();
  Draft02Peer peer;
};

TEST_F(AutoStation, SendsBothTlvsFirst) {
  peer.link(true);
  EXPECT_TRUE(peer.last_evb_tlv());
  EXPECT_TRUE(peer.last_draft02_evb_tlv());
}

TEST_F(AutoStation, SpeaksWhatItHears) {
  peer.bring_up_draft02();
  EXPECT_EQ(dialect(), lldp::Dialect::kDraft02);
  peer.associate(request);
  peer.answer_draft02();
  EXPECT_EQ(state(), VsiState::kAssociated);
  EXPECT_THAT(peer.frames_of(lldp::kEcpEthertype), SizeIs(0));
}

TEST_F(AutoStation, ChangesOverWhenTheSamePeerDoes) {
  peer.bring_up_draft02();
  peer.associate(request);
  peer.answer_draft02();
  peer.clear();

  peer.send_lldp(Draft02Peer::bridge_tlv());
  EXPECT_EQ(dialect(), lldp::Dialect::kRatified);
  const auto told = peer.outputs_of<vdp::VsiChanged>();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0].what.cause, vdp::VsiCause::kEvbLost);
  EXPECT_EQ(told[0].what.state, VsiState::kDeassociated);
  const auto evb = peer.outputs_of<vdp::EvbChanged>();
  ASSERT_THAT(evb, SizeIs(2)) << "off in the old dialect, on in the new one";
  EXPECT_FALSE(evb[0].what.operational.on);
  EXPECT_EQ(evb[0].what.operational.dialect, lldp::Dialect::kDraft02);
  EXPECT_TRUE(evb[1].what.operational.on);
  EXPECT_EQ(evb[1].what.operational.dialect, lldp::Dialect::kRatified);
  EXPECT_THAT(peer.draft02_requests(), SizeIs(0));
  ASSERT_THAT(peer.ecp_requests(), SizeIs(1));
  peer.answer_last();
  EXPECT_EQ(state(), VsiState::kAssociated);
  EXPECT_EQ(peer.port.vsi(request.id)->machine_state, "WAIT_SYSTEM_CMD");

  peer.clear();
  peer.send_draft02_lldp();
  EXPECT_EQ(dialect(), lldp::Dialect::kDraft02);
  EXPECT_EQ(state(), VsiState::kDeassociated);
  peer.answer_draft02();
  EXPECT_EQ(state(), VsiState::kAssociated);
  EXPECT_EQ(peer.port.vsi(request.id)->machine_state, "ASSOCIATED");
}

TEST_F(AutoStation, AnAcknowledgementOfTheOldDialectIsNotHeardInTheNewOne) {
  peer.bring_up_draft02();
  peer.associate(request);
  const auto old = peer.draft02_requests().back().sequence;
  peer.send_lldp(Draft02Peer::bridge_tlv());
  peer.clear();
  peer.send_draft02_ack(old);
  const auto refused = peer.outputs_of<vdp::FrameRefused>();
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_EQ(refused[0].what.error, (base::DecodeError{base::Fault::kNotPermitted, 12}));
  EXPECT_EQ(peer.port.ecp().transmitter_state, "TRANSMIT_ECPDU");
}

TEST_F(AutoStation, LosesThePeerAndFindsTheNextOneInTheOtherDialect) {
  peer.bring_up_draft02();
  peer.associate(request);
  peer.answer_draft02();
  peer.send_shutdown_lldpdu();
  EXPECT_FALSE(peer.port.evb().operational().on);
  peer.advance(2s);
  EXPECT_TRUE(peer.last_evb_tlv() && peer.last_draft02_evb_tlv());
  peer.clear();
  peer.send_lldp(Draft02Peer::bridge_tlv());
  peer.advance(0us);
  peer.answer_last();
  EXPECT_EQ(state(), VsiState::kAssociated);
}

TEST_F(AutoStation, AChangedSettingChangesOverToo) {
  peer.link(true);
  peer.send_lldp(std::vector{lldp::to_organizational(Draft02Peer::bridge_tlv()),
                             lldp::to_organizational(Draft02Peer::evb_tlv())});
  peer.associate(request);
  peer.answer_last();
  ASSERT_EQ(state(), VsiState::kAssociated);
  peer.clear();
  peer.reconfigure(Draft02Peer::station_config());
  EXPECT_EQ(dialect(), lldp::Dialect::kDraft02);
  peer.answer_draft02();
  EXPECT_EQ(state(), VsiState::kAssociated);
  EXPECT_FALSE(peer.last_evb_tlv());
}

TEST(AutoBridge, ReleasesInTheOldDialectAndAdmitsAnewInTheNewOne) {
  auto config = Draft02Peer::bridge_config();
  config.evb.dialect = lldp::DialectChoice::kAuto;
  Draft02Peer peer(config);
  peer.bring_up_draft02();
  const auto request = Draft02Peer::request();
  peer.send_tlvs({Draft02Peer::tlv_of(request)});
  const auto asked = peer.outputs_of<vdp::ResolveVsiType>().back().what;
  peer.feed(vdp::VsiTypeResolved{asked.question, vdp::Reason::kSuccess, false, asked.filters});
  const auto order = peer.outputs_of<vdp::AdmitVsi>().back().what;
  peer.feed(vdp::VsiAdmitted{order.question, vdp::Reason::kSuccess});
  peer.clear();

  auto station = Draft02Peer::bridge_tlv();
  station.mode = lldp::EvbMode::kEvbStation;
  peer.send_lldp(station);
  EXPECT_THAT(peer.outputs_of<vdp::ReleaseVsi>(), SizeIs(1));
  EXPECT_EQ(peer.port.vsi_count(), 0U);
  peer.send_vdp(request.manager, {{.type = request.type,
                                   .vsi_type = request.vsi_type,
                                   .id = request.id,
                                   .filters = request.filters}});
  EXPECT_THAT(peer.outputs_of<vdp::ResolveVsiType>(), SizeIs(1));
}

}  // namespace
