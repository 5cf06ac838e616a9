// SPDX-License-Identifier: Apache-2.0
#include "vdp/bridge_vsi.hpp"

#include <gtest/gtest.h>

#include "tests/support/arrow_coverage.hpp"

namespace {

using namespace std::chrono_literals;
using support::ArrowCoverage;
using vdp::AssociationTlv;
using vdp::AssociationType;
using vdp::BridgeVsi;
using vdp::FilterFormat;
using vdp::Reason;
using vdp::VsiCause;
using vdp::VsiState;
using State = BridgeVsi::State;

const auto* const registered = testing::AddGlobalTestEnvironment(
    new ArrowCoverage<BridgeVsi>("BridgeVsi", BridgeVsi::kDiagram));

AssociationTlv command(AssociationType type, std::uint16_t vid = 10) {
  return {.type = type,
          .vsi_type = {7, 1},
          .id = {vdp::VsiIdFormat::kUuid, {1, 2, 3}},
          .filters = {FilterFormat::kMacVid, {{.mac = {{2, 0, 0, 0, 0, 1}}, .vid = vid}}}};
}

class BridgeVsiTest : public testing::Test {
 protected:
  ~BridgeVsiTest() override { ArrowCoverage<BridgeVsi>::note(vsi); }

  void receive(const AssociationTlv& tlv) { vsi.receive(now, tlv, manager); }
  void grant() { vsi.resources(now, {.filters = vsi.command().filters}); }
  void refuse(Reason reason, bool hard = false) { vsi.resources(now, {reason, hard, {}}); }
  void associate(std::uint16_t vid = 10) {
    receive(command(AssociationType::kAssociate, vid));
    EXPECT_TRUE(vsi.take_question());
    grant();
    EXPECT_TRUE(vsi.take_response());
    vsi.take_event();
  }
  void pass(base::Duration by) {
    now += by;
    vsi.time_passed(now);
  }
  AssociationTlv response() {
    const auto found = vsi.take_response();
    EXPECT_TRUE(found);
    EXPECT_FALSE(vsi.take_response()) << "given once";
    return found ? found->tlv : AssociationTlv{};
  }

  base::Instant now{};
  BridgeVsi::Rules rules{.resources = 10s, .keep_alive = 17s};
  BridgeVsi vsi{rules};
  vdp::ManagerId manager;
};

TEST_F(BridgeVsiTest, GrantsEveryAssociationType) {
  const std::pair<AssociationType, VsiState> table[] = {
      {AssociationType::kPreAssociate, VsiState::kPreassociated},
      {AssociationType::kPreAssociateWithReservation, VsiState::kPreassociatedWithReservation},
      {AssociationType::kAssociate, VsiState::kAssociated}};
  for (const auto& [type, state] : table) {
    receive(command(type));
    EXPECT_EQ(vsi.state(), State::kBridgeProcessing);
    EXPECT_TRUE(vsi.take_question());
    EXPECT_FALSE(vsi.take_question()) << "asked once";
    EXPECT_EQ(vsi.wait_until(), now + rules.resources);
    EXPECT_EQ(vsi.timer(), "resourceWaitDelay");
    EXPECT_EQ(vsi.take_event(), VsiCause::kRequested);
    grant();
    EXPECT_EQ(vsi.state(), State::kWaitStationCmd);
    EXPECT_EQ(vsi.vsi_state(), state);
    EXPECT_EQ(vsi.wait_until(), now + rules.keep_alive);
    EXPECT_EQ(vsi.timer(), "toutKeepAlive");
    EXPECT_EQ(vsi.take_event(), VsiCause::kConfirmed);
    auto expected = command(type);
    expected.response = true;
    EXPECT_EQ(response(), expected);
  }
}

TEST_F(BridgeVsiTest, AnswersWithTheFiltersThatWereGranted) {
  receive(command(AssociationType::kAssociate, 0));
  auto filters = command(AssociationType::kAssociate, 42).filters;
  filters.entries.front().ps = true;
  filters.entries.front().pcp = 5;
  vsi.resources(now, {.filters = filters});
  EXPECT_EQ(response().filters, filters);
  EXPECT_EQ(vsi.oper_command().filters, filters);
}

TEST_F(BridgeVsiTest, AnswersAKeepAliveWithoutAskingAgain) {
  associate(42);
  pass(17s - 1us);
  for (const auto vid : {std::uint16_t{42}, std::uint16_t{0}}) {
    auto keep_alive = command(AssociationType::kAssociate, vid);
    keep_alive.hard_or_m = true;  // a migration hint does not disturb it
    receive(keep_alive);
    EXPECT_FALSE(vsi.take_question());
    EXPECT_EQ(response().filters.entries.front().vid, 42);
    EXPECT_EQ(vsi.wait_until(), now + rules.keep_alive);
    EXPECT_FALSE(vsi.take_event());
  }
}

TEST_F(BridgeVsiTest, TakesAnotherManagerTypeOrFilterForANewCommand) {
  associate();
  manager.octets[0] = 9;
  receive(command(AssociationType::kAssociate));
  EXPECT_TRUE(vsi.take_question());
  EXPECT_EQ(vsi.vsi_state(), VsiState::kAssociated) << "until the answer";
  grant();
  EXPECT_EQ(vsi.take_response()->manager, manager);
  receive(command(AssociationType::kAssociate, 11));
  EXPECT_TRUE(vsi.take_question());
  grant();
  auto other_type = command(AssociationType::kAssociate, 11);
  other_type.vsi_type.version = 2;
  receive(other_type);
  EXPECT_TRUE(vsi.take_question());
}

TEST_F(BridgeVsiTest, RefusesAFirstCommandByDeAssociate) {
  receive(command(AssociationType::kAssociate));
  refuse(Reason::kInsufficientResources, true);
  EXPECT_TRUE(vsi.ended());
  const auto tlv = response();
  EXPECT_EQ(tlv.type, AssociationType::kDeAssociate);
  EXPECT_TRUE(tlv.response);
  EXPECT_EQ(tlv.reason, Reason::kInsufficientResources);
  EXPECT_TRUE(tlv.hard_or_m);
  EXPECT_FALSE(tlv.keep_or_s);
  EXPECT_EQ(tlv.filters, command(AssociationType::kAssociate).filters);
  EXPECT_EQ(vsi.take_event(), VsiCause::kRefusedByBridge);
}

TEST_F(BridgeVsiTest, KeepsTheOldAssociationWhenAChangeIsRefused) {
  associate();
  receive(command(AssociationType::kAssociate, 11));
  EXPECT_TRUE(vsi.take_question());
  refuse(Reason::kUnreachableManager);
  EXPECT_EQ(vsi.state(), State::kWaitStationCmd);
  EXPECT_EQ(vsi.vsi_state(), VsiState::kAssociated);
  EXPECT_EQ(vsi.oper_command().filters.entries.front().vid, 10);
  const auto tlv = response();
  EXPECT_EQ(tlv.type, AssociationType::kAssociate);
  EXPECT_TRUE(tlv.keep_or_s);
  EXPECT_EQ(tlv.reason, Reason::kUnreachableManager);
  EXPECT_EQ(tlv.filters.entries.front().vid, 11);
  receive(command(AssociationType::kAssociate));
  EXPECT_FALSE(vsi.take_question()) << "the old one is still kept alive";
}

TEST_F(BridgeVsiTest, EndsWhenAStepDownIsRefused) {
  associate();
  receive(command(AssociationType::kPreAssociate));
  refuse(Reason::kOtherFailure);
  EXPECT_TRUE(vsi.ended());
}

TEST_F(BridgeVsiTest, EndsWithoutAnAnswerForItsResources) {
  receive(command(AssociationType::kAssociate));
  pass(10s - 1us);
  EXPECT_EQ(vsi.state(), State::kBridgeProcessing);
  pass(1us);
  EXPECT_TRUE(vsi.ended());
  EXPECT_EQ(vsi.take_event(), VsiCause::kNoResources);
  EXPECT_EQ(response().reason, Reason::kUnreachableManager);
  grant();
  EXPECT_TRUE(vsi.ended()) << "a late answer has no effect";
  EXPECT_FALSE(vsi.take_response());
}

TEST_F(BridgeVsiTest, EndsWithoutAKeepAlive) {
  associate();
  pass(17s - 1us);
  EXPECT_FALSE(vsi.ended());
  pass(1us);
  EXPECT_TRUE(vsi.ended());
  EXPECT_EQ(vsi.take_event(), VsiCause::kNoKeepAlive);
  const auto tlv = response();
  EXPECT_EQ(tlv.type, AssociationType::kDeAssociate);
  EXPECT_EQ(tlv.reason, Reason::kSuccess);
  EXPECT_EQ(tlv.filters, command(AssociationType::kAssociate).filters);
}

TEST_F(BridgeVsiTest, DeAssociatesWhenTheStationAsks) {
  associate();
  receive(command(AssociationType::kDeAssociate));
  EXPECT_FALSE(vsi.take_question());
  EXPECT_TRUE(vsi.ended());
  EXPECT_EQ(vsi.take_event(), VsiCause::kDeassociatedByClient);
  const auto tlv = response();
  EXPECT_EQ(tlv.type, AssociationType::kDeAssociate);
  EXPECT_TRUE(tlv.response);
  EXPECT_EQ(tlv.reason, Reason::kSuccess);
}

TEST_F(BridgeVsiTest, DeAssociatesWhenTheBridgeExits) {
  associate();
  vsi.end(now, Reason::kInsufficientResources);
  EXPECT_TRUE(vsi.ended());
  EXPECT_EQ(vsi.take_event(), VsiCause::kDeassociatedByBridge);
  EXPECT_EQ(response().reason, Reason::kInsufficientResources);
}

TEST_F(BridgeVsiTest, ExitsWhileItIsProcessingOrBeforeItBegan) {
  receive(command(AssociationType::kAssociate));
  vsi.end(now, Reason::kOtherFailure);
  EXPECT_TRUE(vsi.ended());
  EXPECT_FALSE(vsi.take_question()) << "nobody needs to know any more";
  EXPECT_EQ(response().reason, Reason::kOtherFailure);
  BridgeVsi fresh(rules);
  fresh.end(now, Reason::kOtherFailure);
  EXPECT_TRUE(fresh.ended());
  EXPECT_FALSE(fresh.take_response());
  ArrowCoverage<BridgeVsi>::note(fresh);
}

TEST_F(BridgeVsiTest, ACommandDuringProcessingWaitsForItsEnd) {
  receive(command(AssociationType::kAssociate));
  EXPECT_TRUE(vsi.take_question());
  receive(command(AssociationType::kAssociate));  // repeated by an impatient station
  EXPECT_FALSE(vsi.take_question());
  grant();
  EXPECT_EQ(response().type, AssociationType::kAssociate);
  receive(command(AssociationType::kAssociate, 11));
  receive(command(AssociationType::kDeAssociate, 11));
  grant();
  EXPECT_TRUE(vsi.ended());
  EXPECT_EQ(response().type, AssociationType::kDeAssociate);
}

TEST(BridgeVsiState, HasTheStandardsNames) {
  EXPECT_EQ(to_string(State::kInit), "INIT");
  EXPECT_EQ(to_string(State::kBridgeProcessing), "BRIDGE_PROCESSING");
  EXPECT_EQ(to_string(State::kSuccess), "SUCCESS");
  EXPECT_EQ(to_string(State::kKeep), "KEEP");
  EXPECT_EQ(to_string(State::kDeassoc), "DEASSOC");
  EXPECT_EQ(to_string(State::kWaitStationCmd), "WAIT_STATION_CMD");
  EXPECT_EQ(to_string(State::kProcessKeepalive), "PROCESS_KEEPALIVE");
  EXPECT_EQ(to_string(State::kDeassociated), "DEASSOCIATED");
  EXPECT_EQ(to_string(State::kReleaseAll), "RELEASE_ALL");
}

}  // namespace
