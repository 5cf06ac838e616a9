// SPDX-License-Identifier: Apache-2.0
// The bridge's side of a port: what it asks its database, what it admits, and how it answers.
#include "vdp/bridge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/emulated_link.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using namespace std::chrono_literals;
using support::EmulatedLink;
using testing::SizeIs;
using vdp::AssociationTlv;
using vdp::AssociationType;
using vdp::Bridge;
using vdp::Reason;
using vdp::Vdpdu;
using vdp::VsiCause;
using vdp::VsiState;

AssociationTlv command(AssociationType type, std::uint32_t number = 1) {
  const auto request = EmulatedLink::request(number);
  return {.type = type, .vsi_type = request.vsi_type, .id = request.id, .filters = request.filters};
}

class BridgeTest : public testing::Test {
 protected:
  BridgeTest() { set_evb(true); }

  static vdp::PortConfig config() {
    auto config = EmulatedLink::bridge_config();
    config.max_vsis = 3;
    return config;
  }
  void set_evb(bool on) { bridge.evb_changed(now, {.on = on}, out); }
  void receive(std::vector<AssociationTlv> tlvs) {
    bridge.receive(now, Vdpdu{.manager = manager, .associations = std::move(tlvs)}, out);
  }
  void pass(base::Duration by) {
    now += by;
    bridge.time_passed(now, out);
  }
  template <class T>
  std::vector<T> outputs() const {
    std::vector<T> found;
    for (const auto& output : out) {
      if (const auto* what = std::get_if<T>(&output)) found.push_back(*what);
    }
    return found;
  }
  /// Answers the last question for a VSI type.
  void resolve(Reason reason = Reason::kSuccess, bool hard = false) {
    const auto asked = outputs<vdp::ResolveVsiType>().back();
    bridge.resolved(now, {asked.question, reason, hard, asked.filters}, out);
  }
  void admit(Reason reason = Reason::kSuccess) {
    bridge.admitted(now, {outputs<vdp::AdmitVsi>().back().question, reason}, out);
  }
  void associate(std::uint32_t number = 1) {
    receive({command(AssociationType::kAssociate, number)});
    resolve();
    admit();
    answers();
  }
  /// What the next ECPDU would carry.
  std::vector<AssociationTlv> answers() {
    if (!bridge.ready(now)) return {};
    const auto vdpdu = vdp::decode_vdpdu(bridge.next_vdpdu(now));
    EXPECT_TRUE(vdpdu);
    return vdpdu->associations;
  }
  VsiState state(std::uint32_t number = 1) const {
    const auto report = bridge.report(EmulatedLink::request(number).id);
    return report ? report->state : VsiState::kDeassociated;
  }

  base::Instant now{};
  vdp::Outputs out;
  vdp::ManagerId manager;
  Bridge bridge{config()};
};

TEST_F(BridgeTest, AdmitsTheVsiBeforeItAnswers) {
  receive({command(AssociationType::kAssociate)});
  EXPECT_THAT(outputs<vdp::ResolveVsiType>(), SizeIs(1));
  EXPECT_THAT(outputs<vdp::AdmitVsi>(), SizeIs(0));
  resolve();
  ASSERT_THAT(outputs<vdp::AdmitVsi>(), SizeIs(1));
  EXPECT_EQ(outputs<vdp::AdmitVsi>().front().filters, command(AssociationType::kAssociate).filters);
  EXPECT_THAT(answers(), SizeIs(0));
  EXPECT_EQ(state(), VsiState::kDeassociated);
  admit();
  EXPECT_EQ(state(), VsiState::kAssociated);
  ASSERT_THAT(answers(), SizeIs(1));
  EXPECT_THAT(outputs<vdp::ReleaseVsi>(), SizeIs(0));
}

TEST_F(BridgeTest, APreAssociationIsNotAdmitted) {
  receive({command(AssociationType::kPreAssociate)});
  resolve();
  EXPECT_EQ(state(), VsiState::kPreassociated);
  EXPECT_THAT(outputs<vdp::AdmitVsi>(), SizeIs(0));
}

TEST_F(BridgeTest, ResponsesToOneEcpduShareOne) {
  receive({command(AssociationType::kAssociate, 1), command(AssociationType::kAssociate, 2),
           command(AssociationType::kPreAssociate, 3)});
  const auto questions = outputs<vdp::ResolveVsiType>();
  ASSERT_THAT(questions, SizeIs(3));
  now += 2ms;
  bridge.resolved(now, {questions[2].question, Reason::kSuccess, false, questions[2].filters}, out);
  EXPECT_FALSE(bridge.ready(now)) << "the others are awaited";
  EXPECT_EQ(bridge.ready_at(), now + 3ms);
  for (const auto i : {0U, 1U}) {
    bridge.resolved(now, {questions[i].question, Reason::kSuccess, false, questions[i].filters},
                    out);
    admit();
  }
  EXPECT_THAT(answers(), SizeIs(3));
}

TEST_F(BridgeTest, ResponsesDoNotWaitForASlowDatabase) {
  receive({command(AssociationType::kAssociate, 1), command(AssociationType::kPreAssociate, 2)});
  resolve();
  for (int i = 0; i < 5; ++i) {  // and new requests do not put it off
    now += 1ms;
    receive({});
  }
  EXPECT_THAT(answers(), SizeIs(1));
}

TEST_F(BridgeTest, DeAssociateOfAnUnknownVsiSucceeds) {
  receive({command(AssociationType::kDeAssociate)});
  const auto found = answers();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].type, AssociationType::kDeAssociate);
  EXPECT_TRUE(found[0].response);
  EXPECT_EQ(found[0].reason, Reason::kSuccess);
  EXPECT_EQ(bridge.size(), 0U);
}

TEST_F(BridgeTest, RefusesMoreVsisThanItHasRoomForWithReason2) {
  for (const auto number : {1U, 2U, 3U}) associate(number);
  receive({command(AssociationType::kAssociate, 4)});
  const auto found = answers();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].reason, Reason::kInsufficientResources);
  EXPECT_EQ(bridge.size(), 3U);
}

TEST_F(BridgeTest, AnswersWhatItCannotReadWithReason1) {
  const auto unreadable = [](const std::string& id_format) {
    return *vdp::decode_vdpdu(
        support::from_hex("0a10 00000000000000000000000000000000 061b 00000001 01" + id_format +
                          "00112233445566778899aabbccddeeff 01 0002 000a"));
  };
  bridge.receive(now, unreadable("05"), out);
  const auto found = answers();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].reason, Reason::kInvalidFormat);
  EXPECT_EQ(to_string(found[0].id), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_TRUE(found[0].response);
  EXPECT_FALSE(found[0].keep_or_s);
  bridge.receive(now, unreadable("06"), out);
  EXPECT_THAT(answers(), SizeIs(0)) << "nobody to answer";
  EXPECT_EQ(bridge.counters().tlvs_refused, 2U);
}

TEST_F(BridgeTest, DoesNotTakeAResponseForACommand) {
  auto tlv = command(AssociationType::kAssociate);
  tlv.response = true;
  receive({tlv});
  EXPECT_EQ(bridge.size(), 0U);
  EXPECT_THAT(answers(), SizeIs(0));
  EXPECT_EQ(bridge.counters().tlvs_refused, 1U);
}

TEST_F(BridgeTest, RefusesByDeAssociateWithTheReasonOfTheDatabase) {
  receive({command(AssociationType::kAssociate)});
  resolve(Reason::kInvalidFilter, true);
  const auto found = answers();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].type, AssociationType::kDeAssociate);
  EXPECT_EQ(found[0].reason, Reason::kInvalidFilter);
  EXPECT_TRUE(found[0].hard_or_m);
  EXPECT_THAT(outputs<vdp::ReleaseVsi>(), SizeIs(0)) << "nothing was held";
  EXPECT_EQ(bridge.size(), 0U);
}

TEST_F(BridgeTest, RefusesWhatItsDeviceCannotAdmit) {
  receive({command(AssociationType::kAssociate)});
  resolve();
  admit(Reason::kOtherFailure);
  EXPECT_EQ(answers().at(0).reason, Reason::kOtherFailure);
  EXPECT_THAT(outputs<vdp::ReleaseVsi>(), SizeIs(1)) << "of what may be half done";
}

TEST_F(BridgeTest, KeepsTheOldAssociationWhenAChangeIsRefused) {
  associate();
  auto changed = command(AssociationType::kAssociate);
  changed.filters.entries.front().vid = 99;
  receive({changed});
  resolve(Reason::kInsufficientResources);
  const auto found = answers();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_TRUE(found[0].keep_or_s);
  EXPECT_EQ(state(), VsiState::kAssociated);
  EXPECT_EQ(bridge.report(changed.id)->filters, command(AssociationType::kAssociate).filters);
  EXPECT_THAT(outputs<vdp::ReleaseVsi>(), SizeIs(0));
  EXPECT_TRUE(bridge.report(changed.id)->last_failure->keep);
}

TEST_F(BridgeTest, AChangeIsAdmittedInPlaceOfTheOld) {
  associate();
  auto changed = command(AssociationType::kAssociate);
  changed.filters.entries.front().vid = 99;
  receive({changed});
  resolve();
  admit();
  EXPECT_EQ(outputs<vdp::AdmitVsi>().back().filters, changed.filters);
  EXPECT_THAT(outputs<vdp::ReleaseVsi>(), SizeIs(0)) << "as one change";
}

TEST_F(BridgeTest, AStepDownEndsTheTrafficAtOnce) {
  associate();
  receive({command(AssociationType::kPreAssociate)});
  EXPECT_THAT(outputs<vdp::ReleaseVsi>(), SizeIs(1));
  resolve();
  EXPECT_EQ(state(), VsiState::kPreassociated);
}

TEST_F(BridgeTest, EndsWhenItsDatabaseDoesNotAnswerInTime) {
  receive({command(AssociationType::kAssociate)});
  const auto asked = outputs<vdp::ResolveVsiType>().back();
  pass(10'485'760us);
  const auto found = answers();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].reason, Reason::kUnreachableManager);
  EXPECT_EQ(outputs<vdp::VsiChanged>().back().cause, VsiCause::kNoResources);
  bridge.resolved(now, {asked.question, Reason::kSuccess, false, asked.filters}, out);
  EXPECT_EQ(bridge.size(), 0U);
  EXPECT_THAT(outputs<vdp::AdmitVsi>(), SizeIs(0)) << "an answer after the VSI has gone";
}

TEST_F(BridgeTest, AnAnswerToAnOvertakenQuestionHasNoEffect) {
  receive({command(AssociationType::kAssociate)});
  const auto old = outputs<vdp::ResolveVsiType>().back();
  pass(10'485'760us);
  receive({command(AssociationType::kAssociate)});
  bridge.resolved(now, {old.question, Reason::kOtherFailure, true, {}}, out);
  EXPECT_EQ(bridge.size(), 1U);
  resolve();
  admit();
  EXPECT_EQ(state(), VsiState::kAssociated);
  bridge.admitted(now, {outputs<vdp::AdmitVsi>().back().question, Reason::kOtherFailure}, out);
  bridge.admitted(now, {{old.id, 0}, Reason::kOtherFailure}, out);
  EXPECT_EQ(state(), VsiState::kAssociated) << "answered twice";
}

TEST_F(BridgeTest, EndsWithoutKeepAlives) {
  associate();
  pass(17'448'960us - 1us);
  EXPECT_EQ(state(), VsiState::kAssociated);
  receive({command(AssociationType::kAssociate)});
  EXPECT_THAT(answers(), SizeIs(1));
  pass(17'448'960us);
  EXPECT_EQ(bridge.size(), 0U);
  EXPECT_EQ(answers().at(0).type, AssociationType::kDeAssociate);
  EXPECT_THAT(outputs<vdp::ReleaseVsi>(), SizeIs(1));
  EXPECT_EQ(outputs<vdp::VsiChanged>().back().cause, VsiCause::kNoKeepAlive);
  EXPECT_TRUE(outputs<vdp::VsiChanged>().back().gone);
}

TEST_F(BridgeTest, ReleasesEveryAdmittedVsiExactlyOnce) {
  associate(1);
  associate(2);
  associate(3);
  receive({command(AssociationType::kDeAssociate, 1)});
  bridge.deassociate(now, {command(AssociationType::kAssociate, 2).id, Reason::kOtherFailure}, out);
  set_evb(false);
  std::vector<vdp::VsiId> released;
  for (const auto& order : outputs<vdp::ReleaseVsi>()) released.push_back(order.id);
  EXPECT_THAT(released, testing::UnorderedElementsAre(EmulatedLink::request(1).id,
                                                      EmulatedLink::request(2).id,
                                                      EmulatedLink::request(3).id));
  EXPECT_EQ(bridge.size(), 0U);
  EXPECT_FALSE(bridge.deadline());
  EXPECT_FALSE(bridge.ready(now)) << "without EVB nothing is sent";
}

TEST_F(BridgeTest, ReleasesWhatWasOrderedButNotYetAdmitted) {
  receive({command(AssociationType::kAssociate)});
  resolve();
  set_evb(false);
  EXPECT_THAT(outputs<vdp::ReleaseVsi>(), SizeIs(1));
}

TEST_F(BridgeTest, ReleasesAReservationWhoseAnswerIsStillAwaited) {
  receive({command(AssociationType::kPreAssociateWithReservation)});
  set_evb(false);
  EXPECT_THAT(outputs<vdp::ReleaseVsi>(), SizeIs(1));
}

TEST_F(BridgeTest, TheOperatorDeAssociatesWithAReason) {
  associate();
  bridge.deassociate(now, {command(AssociationType::kAssociate).id, Reason::kOtherFailure}, out);
  const auto found = answers();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].type, AssociationType::kDeAssociate);
  EXPECT_TRUE(found[0].response);
  EXPECT_EQ(found[0].reason, Reason::kOtherFailure);
  EXPECT_EQ(found[0].filters, command(AssociationType::kAssociate).filters) << "real entries";
  bridge.deassociate(now, {command(AssociationType::kAssociate).id, Reason::kOtherFailure}, out);
  EXPECT_THAT(outputs<vdp::RequestRefused>(), SizeIs(1));
}

TEST_F(BridgeTest, PassesOrganisationalTlvsOn) {
  const vdp::OrganizationalTlv tlv{{0, 0, 0x0C}, {1, 2}};
  bridge.receive(now,
                 Vdpdu{.manager = manager,
                       .associations = {command(AssociationType::kAssociate)},
                       .organizational = {tlv}},
                 out);
  EXPECT_EQ(outputs<vdp::ResolveVsiType>().back().organizational, std::vector{tlv});
}

TEST_F(BridgeTest, AStationThatTakesNoAnswersIsNotAnsweredForEver) {
  const auto limit = 2 * config().max_vsis + vdp::kSpareResponses;
  for (std::uint32_t i = 0; i < limit + 500; ++i) {
    receive({command(AssociationType::kDeAssociate, i)});
  }
  std::size_t answered = 0;
  while (bridge.ready(now)) answered += answers().size();
  EXPECT_EQ(answered, limit + 1);
}

TEST_F(BridgeTest, ReportsAVsi) {
  associate();
  const auto report = bridge.report(command(AssociationType::kAssociate).id);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->machine_state, "WAIT_STATION_CMD");
  EXPECT_EQ(report->timer, "toutKeepAlive");
  EXPECT_EQ(report->timer_ends, now + 17'448'960us);
  EXPECT_FALSE(report->wanted);
  EXPECT_THAT(bridge.reports(), SizeIs(1));
}

}  // namespace
