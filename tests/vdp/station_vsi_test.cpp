// SPDX-License-Identifier: Apache-2.0
#include "vdp/station_vsi.hpp"

#include <gtest/gtest.h>

#include "tests/support/arrow_coverage.hpp"

namespace {

using namespace std::chrono_literals;
using support::ArrowCoverage;
using vdp::AssociationTlv;
using vdp::AssociationType;
using vdp::Command;
using vdp::FilterFormat;
using vdp::Reason;
using vdp::StationVsi;
using vdp::VsiCause;
using vdp::VsiState;
using State = StationVsi::State;

const auto* const registered = testing::AddGlobalTestEnvironment(
    new ArrowCoverage<StationVsi>("StationVsi", StationVsi::kDiagram));

constexpr vdp::VsiId kId{vdp::VsiIdFormat::kUuid, {1, 2, 3}};

Command command(AssociationType type, std::uint16_t vid = 10) {
  return {.type = type,
          .vsi_type = {7, 1},
          .filters = {FilterFormat::kMacVid, {{.mac = {{2, 0, 0, 0, 0, 1}}, .vid = vid}}}};
}

class StationVsiTest : public testing::Test {
 protected:
  ~StationVsiTest() override { ArrowCoverage<StationVsi>::note(vsi); }

  void ask(const Command& what) {
    vsi.command(now, what);
    transmit();
  }
  AssociationTlv transmit() {
    EXPECT_TRUE(vsi.wants_to_transmit());
    const auto tlv = vsi.to_transmit();
    vsi.transmitted(now);
    EXPECT_FALSE(vsi.wants_to_transmit());
    EXPECT_EQ(vsi.wait_until(), now + waits.response);
    last = tlv;
    return tlv;
  }
  /// The bridge's response to what was sent last.
  bool respond(Reason reason = Reason::kSuccess, bool keep = false, bool hard = false) {
    auto tlv = last;
    tlv.response = true;
    tlv.reason = reason;
    tlv.keep_or_s = keep;
    tlv.hard_or_m = hard;
    return vsi.receive(now, tlv);
  }
  bool bridge_deassociates(Reason reason = Reason::kSuccess, bool response = true) {
    auto tlv = last;
    tlv.type = AssociationType::kDeAssociate;
    tlv.response = response;
    tlv.reason = reason;
    return vsi.receive(now, tlv);
  }
  void associate() {
    ask(command(AssociationType::kAssociate));
    respond();
    vsi.take_outcome();
  }
  void keep_alive() {
    now += waits.keep_alive;
    vsi.time_passed(now);
    transmit();
  }
  void pass(base::Duration by) {
    now += by;
    vsi.time_passed(now);
  }

  void expect_outcome(VsiCause cause, AssociationType asked, Reason reason = Reason::kSuccess) {
    const auto outcome = vsi.take_outcome();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(to_string(outcome->cause), to_string(cause));
    EXPECT_EQ(outcome->command, asked);
    EXPECT_EQ(outcome->reason, reason);
    EXPECT_FALSE(vsi.take_outcome()) << "told once";
  }

  base::Instant now{};
  StationVsi::Waits waits{.response = 17s, .keep_alive = 10s};
  StationVsi vsi{kId, waits};
  AssociationTlv last;
};

TEST_F(StationVsiTest, EveryAssociationTypeLeadsToItsState) {
  const std::pair<AssociationType, VsiState> table[] = {
      {AssociationType::kPreAssociate, VsiState::kPreassociated},
      {AssociationType::kPreAssociateWithReservation, VsiState::kPreassociatedWithReservation},
      {AssociationType::kAssociate, VsiState::kAssociated}};
  for (const auto& [type, state] : table) {
    ask(command(type));
    EXPECT_EQ(last.type, type);
    EXPECT_FALSE(last.response);
    EXPECT_EQ(last.reason, Reason::kSuccess);
    EXPECT_EQ(vsi.state(), State::kStationProcessing);
    EXPECT_TRUE(respond());
    EXPECT_EQ(vsi.state(), State::kWaitSystemCmd);
    EXPECT_EQ(vsi.vsi_state(), state);
    EXPECT_EQ(vsi.wait_until(), now + waits.keep_alive);
    expect_outcome(VsiCause::kConfirmed, type);
  }
}

TEST_F(StationVsiTest, TheWaitStartsWhenTheTlvLeaves) {
  vsi.command(now, command(AssociationType::kAssociate));
  EXPECT_EQ(vsi.wait_until(), std::nullopt);
  pass(100s);
  EXPECT_EQ(vsi.state(), State::kStationProcessing);
  transmit();
  EXPECT_EQ(vsi.timer(), "respWaitDelay");
}

TEST_F(StationVsiTest, EndsWhenNoResponseComes) {
  ask(command(AssociationType::kPreAssociate));
  pass(17s - 1us);
  EXPECT_EQ(vsi.state(), State::kStationProcessing);
  pass(1us);
  EXPECT_EQ(vsi.state(), State::kInit);
  expect_outcome(VsiCause::kNoResponse, AssociationType::kPreAssociate);
}

TEST_F(StationVsiTest, EndsOnARefusal) {
  ask(command(AssociationType::kAssociate));
  EXPECT_TRUE(respond(Reason::kInsufficientResources));
  EXPECT_EQ(vsi.state(), State::kInit);
  expect_outcome(VsiCause::kRefusedByBridge, AssociationType::kAssociate,
                 Reason::kInsufficientResources);
}

TEST_F(StationVsiTest, ARefusalMayComeAsDeAssociateOrWithoutFilters) {
  ask(command(AssociationType::kAssociate));
  EXPECT_TRUE(bridge_deassociates(Reason::kUnreachableManager));
  expect_outcome(VsiCause::kRefusedByBridge, AssociationType::kAssociate,
                 Reason::kUnreachableManager);
  ask(command(AssociationType::kAssociate));
  last.filters.entries.clear();
  EXPECT_TRUE(respond(Reason::kInvalidFormat));
  expect_outcome(VsiCause::kRefusedByBridge, AssociationType::kAssociate, Reason::kInvalidFormat);
}

TEST_F(StationVsiTest, HardErrorCountsOnlyForTheCommandItNames) {
  ask(command(AssociationType::kAssociate));
  respond(Reason::kInvalidFilter, false, true);
  EXPECT_TRUE(vsi.take_outcome()->hard);
  ask(command(AssociationType::kAssociate, 20));
  last.type = AssociationType::kDeAssociate;
  last.filters.entries.front().vid = 10;  // of an earlier command
  EXPECT_TRUE(respond(Reason::kInvalidFilter, false, true));
  EXPECT_FALSE(vsi.take_outcome()->hard);
}

TEST_F(StationVsiTest, IgnoresWhatAnswersSomethingElse) {
  ask(command(AssociationType::kAssociate));
  const auto asked = last;
  const auto ignored = [&](auto change) {
    auto tlv = asked;
    tlv.response = true;
    change(tlv);
    EXPECT_FALSE(vsi.receive(now, tlv));
    EXPECT_EQ(vsi.state(), State::kStationProcessing);
  };
  ignored([](auto& tlv) { tlv.response = false; });
  ignored([](auto& tlv) { tlv.type = AssociationType::kPreAssociate; });
  ignored([](auto& tlv) { tlv.vsi_type.version = 9; });
  ignored([](auto& tlv) { tlv.filters.entries.front().vid = 11; });
  ignored([](auto& tlv) { tlv.filters.entries.clear(); });
  ignored([](auto& tlv) { tlv.filters.format = FilterFormat::kVid; });
  EXPECT_TRUE(respond());
}

TEST_F(StationVsiTest, CannotBeAnsweredBeforeItHasSpoken) {
  vsi.command(now, command(AssociationType::kAssociate));
  last = vsi.to_transmit();
  EXPECT_FALSE(respond());
  EXPECT_EQ(vsi.state(), State::kStationProcessing);
}

TEST_F(StationVsiTest, LearnsTheVidAndThePriorityThatTheBridgeChose) {
  ask(command(AssociationType::kAssociate, 0));
  last.filters.entries.front().vid = 42;
  last.filters.entries.front().ps = true;
  last.filters.entries.front().pcp = 5;
  respond();
  EXPECT_EQ(vsi.granted().entries.front().vid, 42);
  EXPECT_EQ(vsi.granted().entries.front().pcp, 5);
  keep_alive();
  EXPECT_EQ(last.filters.entries.front().vid, 42);
  EXPECT_FALSE(last.filters.entries.front().ps) << "priorities are the response's";
  EXPECT_EQ(last.filters.entries.front().pcp, 0);
}

TEST_F(StationVsiTest, IgnoresThePriorityWithoutPs) {
  ask(command(AssociationType::kAssociate));
  last.filters.entries.front().pcp = 5;
  respond();
  EXPECT_EQ(vsi.granted().entries.front().pcp, 0);
}

TEST_F(StationVsiTest, KeepAliveRepeatsTheCommandWithoutItsHints) {
  auto what = command(AssociationType::kAssociate);
  what.migration.to_here = true;
  ask(what);
  EXPECT_TRUE(last.hard_or_m);
  EXPECT_FALSE(last.keep_or_s);
  const auto asked = last;
  last.hard_or_m = false;
  respond();
  vsi.take_outcome();
  pass(10s - 1us);
  EXPECT_EQ(vsi.state(), State::kWaitSystemCmd);
  pass(1us);
  EXPECT_EQ(vsi.state(), State::kTransmitKeepalive);
  transmit();
  auto expected = asked;
  expected.hard_or_m = false;
  EXPECT_EQ(last, expected);
  EXPECT_TRUE(respond());
  EXPECT_EQ(vsi.state(), State::kWaitSystemCmd);
  const auto outcome = vsi.take_outcome();
  EXPECT_TRUE(outcome->keep_alive);
  EXPECT_EQ(outcome->cause, VsiCause::kConfirmed);
}

TEST_F(StationVsiTest, EndsWhenAKeepAliveIsRefusedUnansweredOrDeAssociated) {
  associate();
  keep_alive();
  respond(Reason::kOtherFailure);
  EXPECT_EQ(vsi.state(), State::kInit);
  expect_outcome(VsiCause::kRefusedByBridge, AssociationType::kAssociate, Reason::kOtherFailure);
  associate();
  keep_alive();
  pass(17s);
  EXPECT_EQ(vsi.state(), State::kInit);
  expect_outcome(VsiCause::kNoResponse, AssociationType::kAssociate);
  associate();
  keep_alive();
  bridge_deassociates();
  EXPECT_EQ(vsi.state(), State::kInit);
  expect_outcome(VsiCause::kDeassociatedByBridge, AssociationType::kAssociate);
}

TEST_F(StationVsiTest, KeepToAChangeLeavesTheOldAssociation) {
  associate();
  ask(command(AssociationType::kAssociate, 20));
  EXPECT_TRUE(respond(Reason::kUnreachableManager, true));
  EXPECT_EQ(vsi.vsi_state(), VsiState::kAssociated);
  const auto outcome = vsi.take_outcome();
  EXPECT_EQ(outcome->cause, VsiCause::kRefusedByBridge);
  EXPECT_TRUE(outcome->keep);
  EXPECT_EQ(vsi.state(), State::kTransmitKeepalive) << "is the old one what the bridge keeps?";
  transmit();
  EXPECT_EQ(last.filters.entries.front().vid, 10) << "the old one";
  respond();
  EXPECT_EQ(vsi.state(), State::kWaitSystemCmd);
  EXPECT_EQ(vsi.wait_until(), now + waits.keep_alive);
}

TEST_F(StationVsiTest, KeepToAKeepAliveEndsWithADeAssociate) {
  associate();
  keep_alive();
  EXPECT_TRUE(respond(Reason::kUnreachableManager, true));
  EXPECT_EQ(vsi.state(), State::kTransmitDeassoc);
  EXPECT_EQ(vsi.vsi_state(), VsiState::kDeassociated);
  EXPECT_TRUE(vsi.releasing());
  expect_outcome(VsiCause::kRefusedByBridge, AssociationType::kAssociate,
                 Reason::kUnreachableManager);
  EXPECT_FALSE(respond(Reason::kUnreachableManager, true)) << "not yet sent";
  transmit();
  EXPECT_EQ(last.type, AssociationType::kDeAssociate);
  respond();
  EXPECT_EQ(vsi.state(), State::kInit);
  EXPECT_FALSE(vsi.take_outcome()) << "told already";
}

TEST_F(StationVsiTest, KeepOfWhatIsNotHeldIsReleasedFirst) {
  ask(command(AssociationType::kAssociate));
  respond(Reason::kUnreachableManager, true);
  EXPECT_EQ(vsi.state(), State::kTransmitDeassoc);
  expect_outcome(VsiCause::kRefusedByBridge, AssociationType::kAssociate,
                 Reason::kUnreachableManager);
  transmit();
  EXPECT_EQ(last.type, AssociationType::kDeAssociate);
  EXPECT_EQ(last.vsi_type, (vdp::VsiType{7, 1}));
  pass(17s);
  EXPECT_EQ(vsi.state(), State::kInit);
}

TEST_F(StationVsiTest, KeepOfAPreAssociationEndsIt) {
  ask(command(AssociationType::kPreAssociate));
  respond();
  keep_alive();
  respond(Reason::kUnreachableManager, true);
  EXPECT_EQ(vsi.state(), State::kInit);
}

TEST_F(StationVsiTest, EndsWhenTheBridgeDeAssociatesWithOrWithoutTheResponseBit) {
  for (const bool response : {false, true}) {
    associate();
    EXPECT_TRUE(bridge_deassociates(Reason::kOtherFailure, response));
    EXPECT_EQ(vsi.state(), State::kInit);
    EXPECT_EQ(vsi.vsi_state(), VsiState::kDeassociated);
    expect_outcome(VsiCause::kDeassociatedByBridge, AssociationType::kAssociate,
                   Reason::kOtherFailure);
  }
}

TEST_F(StationVsiTest, UpgradesAPreAssociation) {
  ask(command(AssociationType::kPreAssociate));
  respond();
  ask(command(AssociationType::kAssociate));
  EXPECT_EQ(last.type, AssociationType::kAssociate);
  EXPECT_EQ(vsi.vsi_state(), VsiState::kPreassociated) << "until the answer";
  respond();
  EXPECT_EQ(vsi.vsi_state(), VsiState::kAssociated);
}

TEST_F(StationVsiTest, AClientDeAssociatesAtAnyTime) {
  const auto release = [&] {
    vsi.command(now, command(AssociationType::kDeAssociate));
    EXPECT_EQ(vsi.state(), State::kStationProcessing);
    EXPECT_TRUE(vsi.releasing());
    transmit();
    EXPECT_EQ(last.type, AssociationType::kDeAssociate);
    respond();
    EXPECT_EQ(vsi.state(), State::kInit);
    expect_outcome(VsiCause::kDeassociatedByClient, AssociationType::kDeAssociate);
  };
  associate();
  release();
  ask(command(AssociationType::kAssociate));  // while the answer is awaited
  release();
  associate();
  keep_alive();  // while a keep-alive is unanswered
  release();
}

TEST_F(StationVsiTest, ADeAssociateEndsWithoutAnAnswerToo) {
  associate();
  ask(command(AssociationType::kDeAssociate));
  pass(17s);
  EXPECT_EQ(vsi.state(), State::kInit);
  expect_outcome(VsiCause::kDeassociatedByClient, AssociationType::kDeAssociate);
}

TEST_F(StationVsiTest, BeginEndsEverythingAtOnce) {
  vsi.end(now);
  EXPECT_FALSE(vsi.take_outcome()) << "there was nothing to end";
  associate();
  vsi.end(now);
  EXPECT_EQ(vsi.state(), State::kInit);
  EXPECT_EQ(vsi.wait_until(), std::nullopt);
  expect_outcome(VsiCause::kEvbLost, AssociationType::kAssociate);
  vsi.command(now, command(AssociationType::kPreAssociate));
  vsi.end(now);
  EXPECT_FALSE(vsi.wants_to_transmit());
  expect_outcome(VsiCause::kEvbLost, AssociationType::kPreAssociate);
}

TEST_F(StationVsiTest, AKeepAliveMayBeHastened) {
  associate();
  vsi.hasten_keep_alive(now);
  EXPECT_EQ(vsi.state(), State::kTransmitKeepalive);
  vsi.hasten_keep_alive(now);
  EXPECT_EQ(vsi.state(), State::kTransmitKeepalive) << "only at rest";
}

TEST_F(StationVsiTest, ChangedWaitsApplyFromTheNextWaitOn) {
  associate();
  const auto before = vsi.wait_until();
  waits.keep_alive = 1s;
  EXPECT_EQ(vsi.wait_until(), before);
}

TEST(StationVsiState, HasTheStandardsNames) {
  EXPECT_EQ(to_string(State::kInit), "INIT");
  EXPECT_EQ(to_string(State::kStationProcessing), "STATION_PROCESSING");
  EXPECT_EQ(to_string(State::kPreassocNew), "PREASSOC_NEW");
  EXPECT_EQ(to_string(State::kAssocNew), "ASSOC_NEW");
  EXPECT_EQ(to_string(State::kAssocComplete), "ASSOC_COMPLETE");
  EXPECT_EQ(to_string(State::kWaitSystemCmd), "WAIT_SYSTEM_CMD");
  EXPECT_EQ(to_string(State::kTransmitKeepalive), "TRANSMIT_KEEPALIVE");
  EXPECT_EQ(to_string(State::kTransmitDeassoc), "TRANSMIT_DEASSOC");
}

}  // namespace
