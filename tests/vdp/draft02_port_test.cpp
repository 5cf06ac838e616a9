// SPDX-License-Identifier: Apache-2.0
// A port that speaks draft 0.2, frame by frame against a peer that does what the test says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lldp/draft02_ecpdu.hpp"
#include "lldp/organizational.hpp"
#include "tests/support/draft02_peer.hpp"
#include "vdp/draft02_rules.hpp"

namespace {

using namespace std::chrono_literals;
using support::Draft02Peer;
using testing::SizeIs;
using vdp::AssociationType;
using vdp::Draft02Response;
using vdp::LocalRefusal;
using vdp::VsiState;

class Draft02Station : public testing::Test {
 protected:
  vdp::VsiReport report() const { return *peer.port.vsi(request.id); }
  void associate() {
    peer.bring_up_draft02();
    peer.associate(request);
    peer.answer_draft02();
    peer.clear();
  }

  vdp::VsiRequest request = Draft02Peer::request();
  Draft02Peer peer;
};

TEST_F(Draft02Station, SendsTheDraftsEvbTlvAlone) {
  peer.link(true);
  ASSERT_THAT(peer.lldpdus(), SizeIs(1));
  EXPECT_FALSE(peer.last_evb_tlv());
  const auto tlv = peer.last_draft02_evb_tlv();
  ASSERT_TRUE(tlv);
  EXPECT_TRUE(tlv->supported.ecp && tlv->supported.vdp && tlv->supported.reflective_relay);
}

TEST_F(Draft02Station, IsNotStartedByTheRatifiedTlv) {
  peer.bring_up();
  EXPECT_FALSE(peer.port.evb().operational().on);
  peer.associate(request);
  EXPECT_THAT(peer.frames_of(lldp::kEcpEthertype), SizeIs(0));
  EXPECT_TRUE(report().waiting_for_evb);
}

TEST_F(Draft02Station, AssociatesWithTheTlvThatLldpadSends) {
  peer.bring_up_draft02();
  peer.associate(request);
  ASSERT_THAT(peer.tlvs(), SizeIs(1));
  EXPECT_EQ(peer.tlvs()[0].what, Draft02Peer::tlv_of(request));
  EXPECT_EQ(report().machine_state, "ASSOC_PROCESSING");
  peer.answer_draft02();
  EXPECT_EQ(report().state, VsiState::kAssociated);
  EXPECT_EQ(report().machine_state, "ASSOCIATED");
  EXPECT_THAT(peer.draft02_acks(), SizeIs(1));
}

TEST_F(Draft02Station, PacksTheVsisOfOneManagerIntoOneEcpdu) {
  peer.link(true);
  for (std::uint8_t i = 1; i <= 3; ++i) peer.associate(Draft02Peer::request(i));
  peer.clear();
  peer.send_draft02_lldp();
  EXPECT_THAT(peer.draft02_requests(), SizeIs(1));
  EXPECT_THAT(peer.tlvs(), SizeIs(3));
}

TEST_F(Draft02Station, GoesThroughAllStates) {
  peer.bring_up_draft02();
  request.type = AssociationType::kPreAssociateWithReservation;
  peer.associate(request);
  EXPECT_EQ(report().machine_state, "PREASSOC_PROCESSING");
  peer.answer_draft02();
  EXPECT_EQ(report().machine_state, "PREASSOCIATED");
  EXPECT_EQ(report().state, VsiState::kPreassociatedWithReservation);
  peer.advance(1s);
  request.type = AssociationType::kAssociate;
  peer.associate(request);
  EXPECT_EQ(report().machine_state, "ASSOC_PROCESSING");
  peer.answer_draft02();
  EXPECT_EQ(report().machine_state, "ASSOCIATED");
  peer.advance(10s);
  EXPECT_EQ(report().machine_state, "ASSOC_PROCESSING") << "a keep-alive";
  EXPECT_EQ(report().state, VsiState::kAssociated);
  peer.answer_draft02();
  peer.deassociate(request.id);
  EXPECT_EQ(report().machine_state, "DEASSOC_PROCESSING");
  EXPECT_EQ(peer.tlvs().back().what.type, AssociationType::kDeAssociate);
  peer.answer_draft02();
  EXPECT_FALSE(peer.port.vsi(request.id));
}

TEST_F(Draft02Station, RepeatsAnEcpduTwiceHalfASecondApartAndGivesUp) {
  peer.bring_up_draft02();
  const auto begin = peer.now;
  peer.associate(request);
  peer.advance(1600ms);
  const auto sent = peer.draft02_requests();
  ASSERT_THAT(sent, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(sent[i].at - begin, i * 500ms);
    EXPECT_EQ(sent[i].octets, sent[0].octets);
  }
  EXPECT_THAT(peer.outputs_of<vdp::EcpDeliveryFailed>(), SizeIs(1));
}

TEST_F(Draft02Station, WaitsThreeSecondsForAResponseAndTenForAKeepAlive) {
  peer.bring_up_draft02();
  peer.associate(request);
  peer.send_draft02_ack(peer.draft02_requests().back().sequence);
  peer.advance(2999ms);
  EXPECT_FALSE(report().last_failure);
  peer.advance(1ms);
  EXPECT_EQ(report().last_failure->cause, vdp::VsiCause::kNoResponse);
  peer.advance(2s);  // tried again
  peer.answer_draft02();
  ASSERT_EQ(report().state, VsiState::kAssociated);
  peer.clear();
  const auto confirmed = peer.now;
  peer.advance(10s);
  ASSERT_THAT(peer.tlvs(), SizeIs(1));
  EXPECT_EQ(peer.tlvs()[0].at - confirmed, 10s);
  EXPECT_EQ(peer.tlvs()[0].what, Draft02Peer::tlv_of(request));
}

TEST_F(Draft02Station, EveryRefusalEndsTheVsiAndSaysWhy) {
  using vdp::Reason;
  constexpr std::pair<Draft02Response, Reason> kMeanings[] = {
      {Draft02Response::kInvalidFormat, Reason::kInvalidFormat},
      {Draft02Response::kInsufficientResources, Reason::kInsufficientResources},
      {Draft02Response::kUnusedType, Reason::kUnusedType},
      {Draft02Response::kTypeViolation, Reason::kTypeViolation},
      {Draft02Response::kVersionViolation, Reason::kVersionViolation},
      {Draft02Response::kOutOfSync, Reason::kOutOfSync}};
  for (const auto& [response, reason] : kMeanings) {
    Draft02Peer bridge;
    bridge.bring_up_draft02();
    bridge.associate(request);
    bridge.answer_draft02(response);
    const auto refused = *bridge.port.vsi(request.id);
    EXPECT_EQ(refused.state, VsiState::kDeassociated);
    EXPECT_EQ(refused.machine_state, "UNASSOCIATED");
    EXPECT_EQ(refused.last_failure->reason, reason);
    EXPECT_EQ(vdp::response_of(reason), response);
    EXPECT_TRUE(refused.next_try) << "the draft has no word for hard errors";
  }
}

TEST_F(Draft02Station, ARefusedKeepAliveEndsTheVsi) {
  associate();
  peer.advance(10s);
  peer.answer_draft02(Draft02Response::kOutOfSync);
  EXPECT_EQ(report().state, VsiState::kDeassociated);
  EXPECT_EQ(report().last_failure->cause, vdp::VsiCause::kRefusedByBridge);
}

TEST_F(Draft02Station, ADeassociateOfTheBridgeEndsTheVsi) {
  associate();
  peer.send_tlvs({Draft02Peer::tlv_of(request, AssociationType::kDeAssociate)});
  EXPECT_EQ(report().state, VsiState::kDeassociated);
  EXPECT_EQ(report().last_failure->cause, vdp::VsiCause::kDeassociatedByBridge);
  ASSERT_THAT(peer.draft02_acks(), SizeIs(1));
  EXPECT_THAT(peer.draft02_requests(), SizeIs(0));
}

TEST_F(Draft02Station, AcknowledgesWithAZeroedCopyOfTheSameLength) {
  peer.bring_up_draft02();
  for (const std::size_t size : {std::size_t{0}, std::size_t{40}, std::size_t{700}}) {
    peer.clear();
    const auto request_frame = lldp::encode_ethernet(
        {lldp::kNearestBridge, support::kBridgeAddress, lldp::kDraft02EcpEthertype,
         lldp::encode(lldp::Draft02Ecpdu{lldp::EcpOperation::kRequest,
                                         static_cast<std::uint16_t>(7 + size),
                                         base::Octets(size)})});
    peer.inject(request_frame);
    ASSERT_THAT(peer.draft02_acks(), SizeIs(1)) << "an empty ECPDU is none the less an ECPDU";
    auto expected = request_frame;
    std::ranges::copy(support::kStationAddress.octets, expected.begin() + 6);
    expected[14 + 6] = 1;
    EXPECT_EQ(peer.draft02_acks()[0].octets, expected);
  }
  EXPECT_EQ(peer.port.vdp_counters().tlvs_refused, 0U);
}

TEST_F(Draft02Station, ARepeatedRequestIsAcknowledgedAndNotDeliveredAgain) {
  associate();
  const auto deassociate = Draft02Peer::tlv_of(request, AssociationType::kDeAssociate);
  base::Octets ulpdu;
  append_draft02(ulpdu, deassociate);
  const auto octets = lldp::encode(lldp::Draft02Ecpdu{lldp::EcpOperation::kRequest, 900, ulpdu});
  for (int i = 0; i < 2; ++i) {
    peer.inject(lldp::kDraft02EcpEthertype, octets, lldp::kNearestBridge);
  }
  EXPECT_THAT(peer.draft02_acks(), SizeIs(2));
  EXPECT_EQ(peer.port.ecp().counters.duplicates, 1U);
}

TEST_F(Draft02Station, DoesNotTouchRatifiedFrames) {
  peer.bring_up_draft02();
  peer.send_ack(1);
  const auto refused = peer.outputs_of<vdp::FrameRefused>();
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_EQ(refused[0].what.error, (base::DecodeError{base::Fault::kWrongEthertype, 12}));
}

TEST_F(Draft02Station, RefusesFramesToAnotherAddress) {
  peer.bring_up_draft02();
  peer.inject(lldp::kDraft02EcpEthertype,
              lldp::encode(lldp::Draft02Ecpdu{lldp::EcpOperation::kRequest, 1, {}}),
              lldp::kNearestCustomerBridge);
  EXPECT_THAT(peer.draft02_acks(), SizeIs(0));
  EXPECT_EQ(peer.outputs_of<vdp::FrameRefused>()[0].what.error,
            (base::DecodeError{base::Fault::kWrongAddress, 0}));
}

TEST_F(Draft02Station, SaysWhereABrokenTlvIsInTheFrame) {
  associate();
  auto tlv = Draft02Peer::tlv_of(request);
  base::Octets ulpdu;
  append_draft02(ulpdu, tlv);
  ulpdu[2 + 4] = 9;  // mode
  peer.inject(lldp::kDraft02EcpEthertype,
              lldp::encode(lldp::Draft02Ecpdu{lldp::EcpOperation::kRequest, 901, ulpdu}),
              lldp::kNearestBridge);
  EXPECT_THAT(peer.draft02_acks(), SizeIs(1));
  EXPECT_EQ(peer.outputs_of<vdp::FrameRefused>()[0].what.error,
            (base::DecodeError{base::Fault::kReservedValue, 14 + 9 + 2 + 4}));
}

/// A request that the draft has no words for, and the refusal.
std::vector<std::pair<vdp::VsiRequest, LocalRefusal>> unsayable() {
  std::vector<std::pair<vdp::VsiRequest, LocalRefusal>> all;
  const auto add = [&](LocalRefusal refusal, auto&& change) {
    auto request = Draft02Peer::request(static_cast<std::uint8_t>(20 + all.size()));
    change(request);
    all.emplace_back(request, refusal);
  };
  add(LocalRefusal::kDraft02Manager, [](auto& request) { request.manager.octets[15] = 1; });
  add(LocalRefusal::kDraft02VsiId,
      [](auto& request) { request.id.format = vdp::VsiIdFormat::kLocal; });
  add(LocalRefusal::kDraft02Filter,
      [](auto& request) { request.filters.format = vdp::FilterFormat::kVid; });
  add(LocalRefusal::kDraft02Filter,
      [](auto& request) { request.filters.format = vdp::FilterFormat::kGroupMacVid; });
  add(LocalRefusal::kDraft02Organizational, [](auto& request) {
    request.organizational.push_back({{0, 0, 0x0C}, {1}});
  });
  return all;
}

TEST_F(Draft02Station, RefusesWhatTheDraftCannotSay) {
  peer.bring_up_draft02();
  for (const auto& [odd, refusal] : unsayable()) {
    peer.clear();
    peer.associate(odd);
    const auto refused = peer.outputs_of<vdp::RequestRefused>();
    ASSERT_THAT(refused, SizeIs(1));
    EXPECT_EQ(refused[0].what.refusal, refusal);
    EXPECT_THAT(to_string(refusal), testing::HasSubstr("draft 0.2"));
    EXPECT_FALSE(peer.port.vsi(odd.id));
  }
}

TEST_F(Draft02Station, KeepsWhatTheDraftCannotSayUntilAPeerIsThereThatCanBeTold) {
  Draft02Peer station(Draft02Peer::station_config(lldp::DialectChoice::kAuto));
  station.link(true);
  for (const auto& [odd, refusal] : unsayable()) station.associate(odd);
  station.send_draft02_lldp();
  for (const auto& [odd, refusal] : unsayable()) {
    const auto waiting = *station.port.vsi(odd.id);
    ASSERT_TRUE(waiting.last_failure);
    EXPECT_EQ(waiting.last_failure->local, refusal);
  }
  EXPECT_THAT(station.tlvs(), SizeIs(0));
  station.send_lldp(Draft02Peer::bridge_tlv());  // another bridge took its place
  station.advance(1s);
  EXPECT_THAT(station.ecp_requests(), testing::Not(SizeIs(0)));
}

TEST_F(Draft02Station, SaysSeveralFiltersInOneTlv) {
  peer.bring_up_draft02();
  auto second = request.filters.entries[0];
  second.vid = 43;
  request.filters.entries.push_back(second);
  peer.associate(request);
  ASSERT_THAT(peer.tlvs(), SizeIs(1));
  EXPECT_EQ(peer.tlvs()[0].what.filters, request.filters);
  peer.answer_draft02(Draft02Response::kInvalidFormat);
  EXPECT_EQ(report().last_failure->reason, vdp::Reason::kInvalidFormat) << "a peer may refuse it";
}

// ---- the bridge

class Draft02Bridge : public testing::Test {
 protected:
  Draft02Bridge() : peer(Draft02Peer::bridge_config()) { peer.bring_up_draft02(); }

  /// The last question that the bridge asked, answered.
  void resolve(vdp::Reason reason = vdp::Reason::kSuccess) {
    const auto asked = peer.outputs_of<vdp::ResolveVsiType>();
    ASSERT_FALSE(asked.empty());
    peer.feed(
        vdp::VsiTypeResolved{asked.back().what.question, reason, false, asked.back().what.filters});
    if (reason != vdp::Reason::kSuccess) return;
    const auto orders = peer.outputs_of<vdp::AdmitVsi>();
    if (!orders.empty()) peer.feed(vdp::VsiAdmitted{orders.back().what.question, reason});
  }
  void associate() {
    peer.send_tlvs({Draft02Peer::tlv_of(request)});
    resolve();
    ack();
    peer.clear();
  }
  void ack() { peer.send_draft02_ack(peer.draft02_requests().back().sequence); }

  vdp::VsiRequest request = Draft02Peer::request();
  Draft02Peer peer;
};

TEST_F(Draft02Bridge, AsksAdmitsAndAnswersWithTheSameTlv) {
  peer.send_tlvs({Draft02Peer::tlv_of(request)});
  EXPECT_EQ(peer.port.vsi(request.id)->machine_state, "ASSOC_PROCESSING");
  const auto asked = peer.outputs_of<vdp::ResolveVsiType>();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].what.manager, request.manager);
  resolve();
  EXPECT_THAT(peer.outputs_of<vdp::AdmitVsi>(), SizeIs(1));
  ASSERT_THAT(peer.tlvs(), SizeIs(1));
  EXPECT_EQ(peer.tlvs()[0].what, Draft02Peer::tlv_of(request));
  EXPECT_EQ(peer.port.vsi(request.id)->machine_state, "ASSOCIATED");
  EXPECT_EQ(peer.port.vsi(request.id)->state, VsiState::kAssociated);
}

TEST_F(Draft02Bridge, RefusesInTheModeThatWasAsked) {
  // lldpad takes no notice of a De-Associate while it waits for the answer to a pre-associate.
  for (const auto type : {AssociationType::kPreAssociate, AssociationType::kAssociate}) {
    peer.clear();
    peer.send_tlvs({Draft02Peer::tlv_of(request, type)});
    resolve(vdp::Reason::kInsufficientResources);
    ASSERT_THAT(peer.tlvs(), SizeIs(1));
    EXPECT_EQ(peer.tlvs()[0].what.type, type);
    EXPECT_EQ(peer.tlvs()[0].what.response, Draft02Response::kInsufficientResources);
    EXPECT_FALSE(peer.port.vsi(request.id));
    ack();
  }
}

TEST_F(Draft02Bridge, EndsWhatItWouldKeepSinceTheDraftCannotSaySo) {
  associate();
  auto change = Draft02Peer::tlv_of(request);
  change.vsi_type.version = 9;
  peer.send_tlvs({change});
  resolve(vdp::Reason::kInvalidFilter);
  ASSERT_THAT(peer.tlvs(), SizeIs(1));
  EXPECT_EQ(peer.tlvs()[0].what.type, AssociationType::kAssociate);
  EXPECT_EQ(peer.tlvs()[0].what.response, Draft02Response::kTypeViolation);
  EXPECT_THAT(peer.outputs_of<vdp::ReleaseVsi>(), SizeIs(1));
  EXPECT_FALSE(peer.port.vsi(request.id));
}

TEST_F(Draft02Bridge, AnswersKeepAlivesAndEndsWhatIsNotRepeated) {
  associate();
  for (int i = 0; i < 3; ++i) {
    peer.advance(10s);
    peer.send_tlvs({Draft02Peer::tlv_of(request)});
    ASSERT_THAT(peer.tlvs(), SizeIs(1));
    ack();
    EXPECT_THAT(peer.outputs_of<vdp::ResolveVsiType>(), SizeIs(0));
    peer.clear();
  }
  peer.advance(19'499ms);
  EXPECT_TRUE(peer.port.vsi(request.id));
  peer.advance(1ms);
  EXPECT_FALSE(peer.port.vsi(request.id));
  ASSERT_THAT(peer.tlvs(), SizeIs(1));
  EXPECT_EQ(peer.tlvs()[0].what, Draft02Peer::tlv_of(request, AssociationType::kDeAssociate));
}

TEST_F(Draft02Bridge, AnswersInTimeWhenItsManagerDoesNot) {
  peer.send_tlvs({Draft02Peer::tlv_of(request)});
  peer.advance(2s);
  ASSERT_THAT(peer.tlvs(), SizeIs(1)) << "a station waits for 3 s";
  EXPECT_EQ(peer.tlvs()[0].what.type, AssociationType::kAssociate);
  EXPECT_EQ(peer.tlvs()[0].what.response, Draft02Response::kInsufficientResources);
}

TEST_F(Draft02Bridge, DeassociatesOnItsOwnWithoutAReasonOfTheCommand) {
  associate();
  peer.feed(vdp::BridgeDeassociated{request.id, vdp::Reason::kSuccess});
  ASSERT_THAT(peer.tlvs(), SizeIs(1));
  EXPECT_EQ(peer.tlvs()[0].what, Draft02Peer::tlv_of(request, AssociationType::kDeAssociate));
}

TEST_F(Draft02Bridge, ServesTwoManagersInOneEcpdu) {
  auto other = Draft02Peer::request(2);
  other.manager.octets[0] = 12;
  peer.send_tlvs({Draft02Peer::tlv_of(request), Draft02Peer::tlv_of(other),
                  Draft02Peer::tlv_of(Draft02Peer::request(3))});
  const auto asked = peer.outputs_of<vdp::ResolveVsiType>();
  ASSERT_THAT(asked, SizeIs(3));
  EXPECT_EQ(asked[0].what.manager, request.manager);
  EXPECT_EQ(asked[1].what.manager, other.manager);
  EXPECT_EQ(asked[2].what.manager, request.manager);
}

TEST_F(Draft02Bridge, TurnsReflectiveRelayOnForAStationThatChoseIt) {
  auto tlv = Draft02Peer::evb_tlv();
  tlv.configured.reflective_relay = true;
  peer.send_draft02_lldp(tlv);
  ASSERT_THAT(peer.outputs_of<vdp::SetReflectiveRelay>(), SizeIs(1));
  peer.feed(vdp::ReflectiveRelayChanged{true});
  peer.advance(1s);
  EXPECT_TRUE(peer.last_draft02_evb_tlv()->configured.reflective_relay);
}

}  // namespace
