// SPDX-License-Identifier: Apache-2.0
// The station's side of a port: what it asks, how it packs that, and how it goes on after a
// failure.
#include "vdp/station.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lldp/ecpdu.hpp"
#include "tests/support/scripted_bridge.hpp"

namespace {

using namespace std::chrono_literals;
using support::ScriptedBridge;
using testing::ElementsAre;
using testing::SizeIs;
using vdp::AssociationType;
using vdp::LocalRefusal;
using vdp::Reason;
using vdp::VsiCause;
using vdp::VsiState;

class StationTest : public testing::Test {
 protected:
  StationTest() {
    bridge.bring_up();
    bridge.send_lldp(ScriptedBridge::bridge_tlv(), 65535);  // it need not be repeated
    bridge.clear();
  }

  static vdp::VsiRequest numbered(unsigned number) {
    auto request = ScriptedBridge::request(static_cast<std::uint8_t>(number));
    request.id.octets[0] = static_cast<std::uint8_t>(number >> 8U);
    return request;
  }
  /// Associated, with nothing else in `outputs`.
  void associated(unsigned number = 1) {
    bridge.associate(numbered(number));
    bridge.answer_last();
    ASSERT_EQ(state(number), VsiState::kAssociated);
    bridge.clear();
  }
  vdp::VsiReport report(unsigned number = 1) const {
    const auto found = bridge.port.vsi(numbered(number).id);
    EXPECT_TRUE(found) << "VSI " << number << " is gone";
    return found.value_or(vdp::VsiReport{});
  }
  VsiState state(unsigned number = 1) const { return report(number).state; }
  /// The association TLVs of the requests sent so far, repetitions aside.
  std::vector<vdp::AssociationTlv> asked() const {
    std::vector<vdp::AssociationTlv> tlvs;
    std::optional<std::uint16_t> last;
    for (const auto& request : bridge.ecp_requests()) {
      if (std::exchange(last, request.sequence) == request.sequence) continue;
      for (const auto& tlv : ScriptedBridge::vdpdu(request).associations) tlvs.push_back(tlv);
    }
    return tlvs;
  }
  std::vector<vdp::VsiChanged> told() const {
    std::vector<vdp::VsiChanged> found;
    for (const auto& change : bridge.outputs_of<vdp::VsiChanged>()) found.push_back(change.what);
    return found;
  }
  LocalRefusal refusal() const {
    const auto found = bridge.outputs_of<vdp::RequestRefused>();
    return found.empty() ? LocalRefusal::kNone : found.back().what.refusal;
  }

  ScriptedBridge bridge;
};

// ---- packing

TEST_F(StationTest, AThousandRequestsShareTheFewestEcpdus) {
  for (unsigned i = 0; i < 1000; ++i) bridge.associate(numbered(i));
  std::size_t tlvs = 0;
  for (std::size_t sent = 1; sent <= 25; ++sent) {
    ASSERT_THAT(bridge.ecp_requests(), SizeIs(sent));
    const auto vdpdu = ScriptedBridge::vdpdu(bridge.ecp_requests().back());
    EXPECT_LE(bridge.ecp_requests().back().octets.size(), 1514U);
    EXPECT_EQ(vdpdu.associations.size(), sent == 1 ? 1U : sent == 25 ? 33U : 42U);
    tlvs += vdpdu.associations.size();
    bridge.answer_last();
    bridge.advance(0us);
  }
  EXPECT_EQ(tlvs, 1000U);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(1 + (999 + 41) / 42));
  for (unsigned i = 0; i < 1000; ++i) EXPECT_EQ(state(i), VsiState::kAssociated);
}

TEST_F(StationTest, ManagersNeverShareAnEcpduAndTakeTurns) {
  bridge.associate(numbered(0));
  for (unsigned i = 1; i < 100; ++i) {
    auto request = numbered(i);
    request.manager.octets[15] = static_cast<std::uint8_t>(i % 3);
    bridge.associate(request);
  }
  std::vector<int> turns;
  for (int i = 0; i < 4; ++i) {
    turns.push_back(ScriptedBridge::vdpdu(bridge.ecp_requests().back()).manager.octets[15]);
    bridge.answer_last();
    bridge.advance(0us);
  }
  EXPECT_THAT(turns, ElementsAre(0, 1, 2, 0));
  EXPECT_THAT(asked(), SizeIs(100));
}

TEST_F(StationTest, AVsiWithOrganisationalTlvsTravelsAlone) {
  bridge.associate(numbered(0));
  for (unsigned i = 1; i <= 6; ++i) {
    auto request = numbered(i);
    if (i == 3) request.organizational = {{{0, 0, 0x0C}, {1, 2, 3}}};
    bridge.associate(request);
  }
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 4; ++i) {
    const auto vdpdu = ScriptedBridge::vdpdu(bridge.ecp_requests().back());
    sizes.push_back(vdpdu.associations.size());
    EXPECT_EQ(vdpdu.organizational.size(), i == 2 ? 1U : 0U);
    bridge.answer_last();
    bridge.advance(0us);
  }
  EXPECT_THAT(sizes, ElementsAre(1, 2, 1, 3));
}

TEST_F(StationTest, TheNextEcpduWaitsForTheResponsesToTheLast) {
  bridge.associate(numbered(1));
  bridge.associate(numbered(2));
  bridge.ack_last();
  bridge.advance(vdp::kResponsePace - 1us);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(1));
  auto answer = asked().front();
  answer.response = true;
  bridge.send_vdp(numbered(1).manager, {answer});
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(2)) << "the response clocks the next request";
}

TEST_F(StationTest, TheNextEcpduDoesNotWaitForLateResponses) {
  bridge.associate(numbered(1));
  bridge.associate(numbered(2));
  bridge.ack_last();
  bridge.advance(vdp::kResponsePace);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(2));
}

TEST_F(StationTest, ABlockedEcpDoesNotWakeThePortInVain) {
  bridge.associate(numbered(1));
  bridge.associate(numbered(2));
  bridge.advance(163ms);  // the scripted bridge would fail the test for a port without rest
  ASSERT_TRUE(bridge.port.deadline());
  EXPECT_GT(*bridge.port.deadline(), bridge.now);
}

TEST_F(StationTest, AResponseMayOvertakeTheAcknowledgement) {
  bridge.associate(numbered(1));
  auto answer = asked().front();
  answer.response = true;
  bridge.send_vdp(numbered(1).manager, {answer});
  EXPECT_EQ(state(), VsiState::kAssociated);
  bridge.ack_last();
  bridge.advance(1s);
  EXPECT_THAT(asked(), SizeIs(1));
}

TEST_F(StationTest, WhatWaitsForAnEcpduDoesNotRunOutOfTime) {
  bridge.associate(numbered(1));
  bridge.associate(numbered(2));
  bridge.advance(600ms);  // the first is being repeated
  bridge.ack_last();
  bridge.advance(10ms);
  EXPECT_EQ(report(2).timer, "respWaitDelay");
  EXPECT_EQ(*report(2).timer_ends, *report(1).timer_ends + 600ms);
}

// ---- keep-alives

TEST_F(StationTest, KeepAlivesThatFallDueCloseTogetherLeaveTogether) {
  for (unsigned i = 0; i < 10; ++i) {
    associated(i);
    bridge.advance(20ms);
  }
  bridge.clear();
  const auto due = *report(0).timer_ends;
  bridge.advance(due - bridge.now - 1us);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(0)) << "nothing leaves before the first is due";
  bridge.advance(1us);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(1));
  EXPECT_THAT(asked(), SizeIs(10));
  bridge.answer_last();
  bridge.clear();
  bridge.advance(10s);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(0));
  bridge.advance(500ms);
  EXPECT_THAT(asked(), SizeIs(10)) << "once together, they stay together";
}

TEST_F(StationTest, AKeepAliveThatIsNotDueSoonStaysBehind) {
  associated(1);
  bridge.advance(2s);
  associated(2);
  bridge.advance(8486ms);
  EXPECT_THAT(asked(), SizeIs(1));
}

TEST_F(StationTest, ASingleKeepAliveIsExact) {
  const auto before = bridge.now;
  associated();
  bridge.advance(11s);
  ASSERT_THAT(bridge.ecp_requests(), SizeIs(testing::Ge(1U)));
  EXPECT_EQ(bridge.ecp_requests().front().at - before, 10'485'760us);
}

// ---- failures and retries

TEST_F(StationTest, RetriesARefusalWithABackOffThatDoublesAndIsVisible) {
  bridge.associate(numbered(1));
  base::Duration expected = 2s;
  for (int i = 0; i < 8; ++i) {
    bridge.answer_last(Reason::kInsufficientResources);
    const auto failed = report();
    ASSERT_TRUE(failed.last_failure);
    EXPECT_EQ(failed.last_failure->cause, VsiCause::kRefusedByBridge);
    EXPECT_EQ(failed.last_failure->reason, Reason::kInsufficientResources);
    EXPECT_EQ(failed.last_failure->command, AssociationType::kAssociate);
    EXPECT_EQ(failed.last_failure->since, bridge.now);
    ASSERT_EQ(failed.next_try, bridge.now + expected);
    bridge.clear();
    bridge.advance(expected - 1us);
    EXPECT_THAT(bridge.ecp_requests(), SizeIs(0));
    bridge.advance(1us);
    ASSERT_THAT(bridge.ecp_requests(), SizeIs(1));
    EXPECT_TRUE(report().last_failure) << "visible until an answer replaces it";
    EXPECT_EQ(report().tries, static_cast<unsigned>(i) + 2);
    expected = std::min<base::Duration>(expected * 2, 60s);
  }
  bridge.answer_last();
  EXPECT_EQ(state(), VsiState::kAssociated);
  EXPECT_FALSE(report().last_failure);
  EXPECT_EQ(report().tries, 0U);
}

TEST_F(StationTest, OnlyWhatHeldForAKeepAliveStartsTheBackOffAnew) {
  const auto deassociate = [&] {
    auto tlv = asked().back();
    tlv.type = AssociationType::kDeAssociate;
    tlv.response = true;
    bridge.send_vdp(numbered(1).manager, {tlv});
    return *report().next_try - bridge.now;
  };
  bridge.associate(numbered(1));
  bridge.answer_last();
  EXPECT_EQ(deassociate(), 2s);
  bridge.advance(2s);
  bridge.answer_last();
  EXPECT_EQ(deassociate(), 4s) << "a bridge that says yes and ends it at once";
  bridge.advance(4s);
  bridge.answer_last();
  bridge.advance(11s);
  bridge.answer_last();  // the keep-alive
  EXPECT_EQ(deassociate(), 2s);
}

TEST_F(StationTest, AHardErrorIsNotRetried) {
  bridge.associate(numbered(1));
  bridge.answer_last(Reason::kInvalidFilter, false, true);
  EXPECT_TRUE(report().last_failure->hard);
  EXPECT_FALSE(report().next_try);
  bridge.clear();
  bridge.advance(200s);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(0));
  bridge.associate(numbered(1));
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(1)) << "unless the client asks again";
}

TEST_F(StationTest, SaysWhenNotEvenEcpWasAcknowledged) {
  bridge.associate(numbered(1));
  bridge.advance(18s);
  EXPECT_EQ(report().last_failure->cause, VsiCause::kNoResponse);
  EXPECT_TRUE(report().last_failure->ecp_unacknowledged);
  EXPECT_THAT(bridge.outputs_of<vdp::EcpDeliveryFailed>(), SizeIs(1));
}

TEST_F(StationTest, ReleasesWhatWentUnansweredSinceTheBridgeMayHoldItAllTheSame) {
  bridge.associate(numbered(1));
  bridge.advance(18s);
  ASSERT_EQ(report().last_failure->cause, VsiCause::kNoResponse);
  bridge.clear();
  bridge.deassociate(numbered(1).id);
  ASSERT_THAT(asked(), SizeIs(1));
  EXPECT_EQ(asked().front().type, AssociationType::kDeAssociate);
  bridge.answer_last();
  EXPECT_FALSE(bridge.port.vsi(numbered(1).id));
}

TEST_F(StationTest, KeepLeavesTheOldAssociationAndRetriesTheNew) {
  associated();
  auto changed = numbered(1);
  changed.filters.entries.front().vid = 43;
  bridge.associate(changed);
  bridge.answer_last(Reason::kUnreachableManager, true);
  EXPECT_EQ(state(), VsiState::kAssociated);
  EXPECT_EQ(report().filters.entries.front().vid, 42);
  EXPECT_TRUE(report().last_failure->keep);
  bridge.answer_last();  // the keep-alive of the old one
  EXPECT_TRUE(report().last_failure->keep);
  EXPECT_EQ(report().tries, 1U) << "the answer to a keep-alive is not what the client waits for";
  bridge.clear();
  bridge.advance(2s);
  ASSERT_THAT(asked(), SizeIs(1));
  EXPECT_EQ(asked().front().filters.entries.front().vid, 43);
  EXPECT_EQ(report().tries, 2U);
  bridge.answer_last();
  EXPECT_EQ(report().filters.entries.front().vid, 43);
  EXPECT_FALSE(report().last_failure);
}

TEST_F(StationTest, KeepToAKeepAliveIsToldAsTheEndAndRetried) {
  associated();
  bridge.advance(10486ms);
  bridge.answer_last(Reason::kUnreachableManager, true);
  EXPECT_EQ(asked().back().type, AssociationType::kDeAssociate);
  EXPECT_EQ(told().back().state, VsiState::kDeassociated);
  EXPECT_EQ(told().back().cause, VsiCause::kRefusedByBridge);
  bridge.associate(numbered(1));  // repeated while the De-Associate is under way
  bridge.answer_last();
  EXPECT_EQ(asked().back().type, AssociationType::kAssociate);
  bridge.answer_last();
  EXPECT_EQ(state(), VsiState::kAssociated);
}

// ---- what clients do

TEST_F(StationTest, ARepeatedRequestAsksTheBridgeNothing) {
  associated();
  bridge.associate(numbered(1));
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(0));
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_EQ(told().front().cause, VsiCause::kConfirmed);
}

TEST_F(StationTest, ARepeatedRequestUnderWayIsNotSentTwice) {
  bridge.associate(numbered(1));
  bridge.associate(numbered(1));
  bridge.answer_last();
  bridge.advance(1s);
  EXPECT_THAT(asked(), SizeIs(1));
}

TEST_F(StationTest, ARepeatedRequestWithAMigrationHintIsSignalled) {
  associated();
  auto suspended = numbered(1);
  suspended.migration.from_here = true;
  bridge.associate(suspended);
  ASSERT_THAT(asked(), SizeIs(1));
  EXPECT_TRUE(asked().front().keep_or_s);
  EXPECT_EQ(state(), VsiState::kAssociated);
}

TEST_F(StationTest, TheLatestOfSeveralWishesIsSentWhenTheFirstIsAnswered) {
  bridge.associate(numbered(1));
  for (const std::uint16_t vid : {std::uint16_t{43}, std::uint16_t{44}}) {
    auto changed = numbered(1);
    changed.filters.entries.front().vid = vid;
    bridge.associate(changed);
  }
  bridge.answer_last();
  ASSERT_THAT(asked(), SizeIs(2));
  EXPECT_EQ(asked().back().filters.entries.front().vid, 44);
  bridge.answer_last();
  EXPECT_EQ(report().filters.entries.front().vid, 44);
}

TEST_F(StationTest, AnAnswerToAnOlderWishIsNotTakenForTheLatest) {
  associated();
  const auto old = report();
  auto changed = numbered(1);
  changed.filters.entries.front().vid = 43;
  bridge.associate(changed);
  auto late = asked().front();
  late.response = true;
  late.filters = old.filters;
  bridge.send_vdp(old.manager, {late});
  EXPECT_EQ(report().machine_state, "STATION_PROCESSING");
}

TEST_F(StationTest, AVsiMovesToAnotherManager) {
  associated();
  auto moved = numbered(1);
  moved.manager.octets[0] = 99;
  bridge.associate(moved);
  const auto request = ScriptedBridge::vdpdu(bridge.ecp_requests().back());
  EXPECT_EQ(request.manager, moved.manager);
  bridge.answer_last();
  EXPECT_EQ(report().manager, moved.manager);
}

TEST_F(StationTest, AWishThatWasNeverSentNeedsNoDeAssociate) {
  bridge.associate(numbered(1));
  bridge.associate(numbered(2));  // queued behind the first
  bridge.deassociate(numbered(2).id);
  EXPECT_EQ(bridge.port.vsi(numbered(2).id), std::nullopt);
  EXPECT_TRUE(told().back().gone);
  bridge.answer_last();
  bridge.advance(1s);
  EXPECT_THAT(asked(), SizeIs(1));
}

TEST_F(StationTest, DeAssociatesWhileTheAnswerIsAwaited) {
  bridge.associate(numbered(1));
  bridge.ack_last();
  bridge.deassociate(numbered(1).id);
  bridge.advance(vdp::kResponsePace);
  ASSERT_THAT(asked(), SizeIs(2));
  EXPECT_EQ(asked().back().type, AssociationType::kDeAssociate);
  EXPECT_EQ(report().wanted, AssociationType::kDeAssociate);
  bridge.answer_last();
  EXPECT_EQ(bridge.port.vsi_count(), 0U);
  EXPECT_TRUE(told().back().gone);
  EXPECT_EQ(told().back().cause, VsiCause::kDeassociatedByClient);
}

TEST_F(StationTest, DeAssociateNamesWhatWasAskedNotWhatIsWishedNow) {
  bridge.associate(numbered(1));
  auto changed = numbered(1);
  changed.filters.entries.front().vid = 43;
  bridge.associate(changed);
  bridge.ack_last();
  bridge.deassociate(numbered(1).id);
  bridge.advance(vdp::kResponsePace);
  EXPECT_EQ(asked().back().filters.entries.front().vid, 42);
}

TEST_F(StationTest, DeAssociatesInEveryOtherState) {
  associated();
  bridge.deassociate(numbered(1).id);
  bridge.deassociate(numbered(1).id);  // asked twice, sent once
  EXPECT_THAT(asked(), SizeIs(1));
  bridge.answer_last();
  EXPECT_EQ(bridge.port.vsi_count(), 0U);

  associated();
  bridge.advance(10486ms);  // a keep-alive is unanswered
  bridge.ack_last();
  bridge.deassociate(numbered(1).id);
  bridge.advance(vdp::kResponsePace);
  bridge.answer_last();
  EXPECT_EQ(bridge.port.vsi_count(), 0U);

  bridge.associate(numbered(1));
  bridge.answer_last(Reason::kOtherFailure);  // waits for its next try
  bridge.deassociate(numbered(1).id);
  EXPECT_EQ(bridge.port.vsi_count(), 0U);
}

TEST_F(StationTest, ADeAssociateEndsWithoutAnAnswerToo) {
  associated();
  bridge.deassociate(numbered(1).id);
  bridge.advance(18s);
  EXPECT_EQ(bridge.port.vsi_count(), 0U);
}

TEST_F(StationTest, ReAssociatesWhatIsBeingDeAssociated) {
  associated();
  bridge.deassociate(numbered(1).id);
  bridge.associate(numbered(1));
  EXPECT_THAT(asked(), SizeIs(1));
  bridge.answer_last();
  ASSERT_THAT(asked(), SizeIs(2));
  EXPECT_EQ(asked().back().type, AssociationType::kAssociate);
  bridge.answer_last();
  EXPECT_EQ(state(), VsiState::kAssociated);
}

TEST_F(StationTest, RefusesLocallyWhatCannotBeSent) {
  auto request = numbered(1);
  request.filters.entries.clear();
  bridge.associate(request);
  EXPECT_EQ(refusal(), LocalRefusal::kNoFilters);
  request = numbered(1);
  request.filters.entries.front().vid = 4095;
  bridge.associate(request);
  EXPECT_EQ(refusal(), LocalRefusal::kReservedVid);
  request = numbered(1);
  request.filters.entries.resize(61);
  bridge.associate(request);
  EXPECT_EQ(refusal(), LocalRefusal::kTooManyFilters);
  request = numbered(1);
  request.organizational = {{{0, 0, 0x0C}, std::vector<std::uint8_t>(509)}};
  bridge.associate(request);
  EXPECT_EQ(refusal(), LocalRefusal::kTooManyFilters);
  request = numbered(1);
  request.filters.format = vdp::FilterFormat::kGroupVid;
  bridge.associate(request);
  EXPECT_EQ(refusal(), LocalRefusal::kGroupIdNotNegotiated);
  bridge.deassociate(numbered(1).id);
  EXPECT_EQ(refusal(), LocalRefusal::kUnknownVsi);
  EXPECT_EQ(bridge.port.vsi_count(), 0U);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(0));
}

TEST_F(StationTest, RefusesMoreVsisThanItIsConfiguredFor) {
  auto config = ScriptedBridge::station_config();
  config.max_vsis = 1;
  bridge.reconfigure(config);
  bridge.associate(numbered(1));
  bridge.associate(numbered(2));
  EXPECT_EQ(refusal(), LocalRefusal::kTooManyVsis);
  bridge.associate(numbered(1));
  EXPECT_EQ(bridge.port.vsi_count(), 1U);
}

TEST_F(StationTest, AnMtuThatShrinksDoesNotStopTheOthers) {
  bridge.associate(numbered(0));
  auto large = numbered(1);
  large.filters.entries.resize(60);
  bridge.associate(large);
  bridge.associate(numbered(2));
  auto config = ScriptedBridge::station_config();
  config.mtu = 200;
  bridge.reconfigure(config);
  bridge.answer_last();
  EXPECT_EQ(asked().back().filters.entries.size(), 60U) << "leaves alone, for the link to refuse";
  bridge.advance(1s);
  EXPECT_EQ(asked().back().id, numbered(2).id);
  bridge.associate(large);
  EXPECT_EQ(refusal(), LocalRefusal::kTooManyFilters);
}

// ---- EVB

TEST_F(StationTest, ComesBackByItselfWhenEvbDoes) {
  associated(1);
  bridge.associate(numbered(2));
  bridge.link(false);
  for (const unsigned number : {1U, 2U}) {
    EXPECT_EQ(state(number), VsiState::kDeassociated);
    EXPECT_EQ(report(number).last_failure->cause, VsiCause::kEvbLost);
    EXPECT_TRUE(report(number).waiting_for_evb);
    EXPECT_FALSE(report(number).next_try);
  }
  bridge.clear();
  bridge.advance(300s);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(0));
  bridge.link(true);
  bridge.send_lldp(ScriptedBridge::bridge_tlv());
  ASSERT_THAT(asked(), SizeIs(2));
  bridge.answer_last();
  EXPECT_EQ(state(1), VsiState::kAssociated);
  EXPECT_EQ(state(2), VsiState::kAssociated);
}

TEST_F(StationTest, WhatWasBeingDeAssociatedDoesNotComeBack) {
  associated();
  bridge.deassociate(numbered(1).id);
  bridge.link(false);
  EXPECT_EQ(bridge.port.vsi_count(), 0U);
}

TEST_F(StationTest, ABridgeThatForgotItsStationIsAskedToConfirmEverything) {
  auto tlv = ScriptedBridge::bridge_tlv();
  tlv.relay_request = true;  // it repeats our status
  bridge.send_lldp(tlv);
  for (unsigned i = 0; i < 3; ++i) associated(i);
  bridge.send_lldp(ScriptedBridge::bridge_tlv());  // as after a restart
  EXPECT_THAT(asked(), SizeIs(3));
  bridge.answer_last();
  for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(state(i), VsiState::kAssociated);
}

TEST_F(StationTest, GroupIdsWaitForABridgeThatWantsThem) {
  bridge.link(false);
  auto config = ScriptedBridge::station_config();
  config.evb.group_ids = true;
  bridge.reconfigure(config);
  auto request = numbered(1);
  request.filters.format = vdp::FilterFormat::kGroupMacVid;
  bridge.associate(request);
  bridge.link(true);
  auto tlv = ScriptedBridge::bridge_tlv();
  bridge.send_lldp(tlv);
  EXPECT_EQ(report().last_failure->local, LocalRefusal::kGroupIdNotNegotiated);
  EXPECT_THAT(asked(), SizeIs(0));
  tlv.bridge_group_ids = true;
  bridge.send_lldp(tlv);
  EXPECT_THAT(asked(), SizeIs(1));
}

}  // namespace
