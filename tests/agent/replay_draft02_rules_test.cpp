// SPDX-License-Identifier: Apache-2.0
// Every deviation from draft 0.2 that check knows, seen once; talks of sound ends, in which none is
// seen; who is station and bridge; links on which both dialects are spoken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "lldp/ethernet.hpp"
#include "lldp/organizational.hpp"
#include "tests/support/draft02_talk.hpp"
#include "tests/support/judged.hpp"
#include "tests/support/pcap_reader.hpp"

namespace agent::replay {
namespace {

using support::Draft02Talk;
using support::draft_associate;
using support::from_hex;
using support::is_of_draft02;
using support::Judged;
using support::with_type;
using vdp::AssociationType;
using vdp::Draft02Response;
using namespace std::chrono_literals;

constexpr auto kPre = AssociationType::kPreAssociate;
constexpr auto kEnd = AssociationType::kDeAssociate;

vdp::Draft02Tlv with_vid(vdp::Draft02Tlv tlv, std::uint16_t vid) {
  tlv.filters.entries.begin()->vid = vid;
  return tlv;
}

/// The bridge's EVB TLV, changed, twice; what it says about the station has to be wrong twice.
void twice(Draft02Talk& t) { t.draft_lldp(t.bridge).pass(3s).draft_lldp(t.bridge); }

using Case = support::RuleCase<Draft02Talk>;

const Case kFrameCases[] = {
    {"draft02-tagged",
     [](Draft02Talk& t) {
       t.tags = from_hex("81000002");
       t.ask(t.station, {draft_associate()});
     }},
    {"draft02-destination",
     [](Draft02Talk& t) {
       t.ecp_destination = lldp::kNearestCustomerBridge;
       t.ask(t.station, {draft_associate()});
     }},
    {"draft02-ecp-unreadable",
     [](Draft02Talk& t) { t.ecp(t.station, from_hex("001b3f00 0000 02 0001")); }},
    {"draft02-ack-contents",
     [](Draft02Talk& t) { t.ecp(t.station, from_hex("001b3f00 0000 01 0001 fe26")); }},
    {"draft02-vdp-unreadable",
     [](Draft02Talk& t) {
       t.ecp(t.station, from_hex("001b3f00 0000 00 0001 fe05 001b3f02 04 0000"));
     }},
    {"draft02-unknown-tlv",
     [](Draft02Talk& t) {
       t.ecp(t.station, from_hex("001b3f00 0000 00 0001 fe04 001b3f07 0000"));
     }},
    {"draft02-evb-unreadable",
     [](Draft02Talk& t) { t.draft_lldp(t.bridge, from_hex("4007 4007 0cdf")); }},
    {"draft02-evb-destination",
     [](Draft02Talk& t) {
       t.destination = lldp::kNearestBridge;
       t.draft_lldp(t.bridge);
     }},
    {"draft02-evb-length",
     [](Draft02Talk& t) { t.draft_lldp(t.bridge, from_hex("4007 4007 0cdf 0000 0f 00")); }},
    {"draft02-evb-reserved-bits",
     [](Draft02Talk& t) { t.draft_lldp(t.bridge, from_hex("4107 4007 0cdf 0000 0f")); }},
    {"draft02-evb-chosen",
     [](Draft02Talk& t) {
       t.bridge_evb.supported.reflective_relay = false;
       t.draft_lldp(t.bridge);
     }},
    {"draft02-evb-agreed",
     [](Draft02Talk& t) {
       t.station_evb.supported.reflective_relay = t.station_evb.configured.reflective_relay = false;
       t.draft_lldp(t.station).pass(3s);
       twice(t);
     }},
    {"draft02-evb-rte",
     [](Draft02Talk& t) {
       t.bridge_evb.retransmit_exponent = 10;
       twice(t);
     }},
    {"draft02-evb-vsis",
     [](Draft02Talk& t) {
       t.bridge_evb.configured_vsis = 4000;
       t.draft_lldp(t.bridge);
     }},
    {"ecp-other-dialect", [](Draft02Talk& t) { t.request(t.station, {support::associate()}); }},
};

const Case kEcpCases[] = {
    {"draft02-without-evb",
     [](Draft02Talk& t) {
       t.frame(t.bridge, lldp::kLldpEthertype,
               lldp::encode_shutdown_lldpdu(t.information(t.bridge, false)));
       t.ask(t.station, {draft_associate()});
     }},
    {"draft02-resend-early",
     [](Draft02Talk& t) { t.ask(t.station, {draft_associate()}).pass(164ms).again(t.station); }},
    {"draft02-resend-late",
     [](Draft02Talk& t) { t.ask(t.station, {draft_associate()}).pass(900ms).again(t.station); }},
    {"draft02-resend-changed",
     [](Draft02Talk& t) {
       t.ask(t.station, {draft_associate()}).pass(500ms);
       --t.station.sequence;
       t.ask(t.station, {draft_associate(2)});
     }},
    {"draft02-resend-after-ack",
     [](Draft02Talk& t) {
       t.ask_and_ack(t.station, draft_associate()).pass(500ms).again(t.station);
     }},
    {"draft02-too-many-sends",
     [](Draft02Talk& t) {
       t.ask(t.station, {draft_associate()});
       for (int i = 0; i < 3; ++i) t.pass(500ms).again(t.station);
     }},
    {"draft02-too-few-sends",
     [](Draft02Talk& t) {
       t.ask(t.station, {draft_associate()}).pass(500ms).again(t.station).pass(500ms);
       t.ask(t.station, {draft_associate(2)});
     }},
    {"draft02-two-outstanding",
     [](Draft02Talk& t) {
       t.ask(t.station, {draft_associate()}).ask(t.station, {draft_associate(2)});
     }},
    {"draft02-sequence",
     [](Draft02Talk& t) {
       t.ask_and_ack(t.station, draft_associate());
       t.station.sequence += 5;
       t.ask(t.station, {draft_associate(2)});
     }},
    {"draft02-ack-unknown",
     [](Draft02Talk& t) { t.ask(t.station, {draft_associate()}).draft_ack(t.bridge, 40000); }},
    {"draft02-ack-repeated",
     [](Draft02Talk& t) { t.ask_and_ack(t.station, draft_associate()).draft_ack(t.bridge, 1); }},
    {"draft02-ack-late",
     [](Draft02Talk& t) {
       t.ask(t.station, {draft_associate()}).pass(600ms).draft_ack(t.bridge, 1);
     }},
    {"draft02-not-acknowledged",
     [](Draft02Talk& t) {
       t.ask(t.station, {draft_associate()});
       for (int i = 0; i < 2; ++i) t.pass(500ms).again(t.station);
       t.pass(500ms).ask(t.station, {draft_associate(2)});
     },
     5},
    {"draft02-retried",
     [](Draft02Talk& t) {
       t.ask(t.station, {draft_associate()}).pass(500ms).again(t.station).draft_ack(t.bridge, 1);
     },
     5},
};

const Case kVdpCases[] = {
    {"draft02-direction",
     [](Draft02Talk& t) { t.answered(draft_associate()).ask(t.bridge, {draft_associate(2)}); }},
    {"draft02-request-response",
     [](Draft02Talk& t) {
       auto tlv = draft_associate();
       t.answered(tlv).pass(1s);
       tlv.response = Draft02Response::kUnusedType;
       t.ask(t.station, {tlv});
     }},
    {"draft02-vid-reserved",
     [](Draft02Talk& t) { t.ask(t.station, {with_vid(draft_associate(), 4095)}); }},
    {"draft02-response-mode",
     [](Draft02Talk& t) {
       t.ask_and_ack(t.station, draft_associate());
       t.ask(t.bridge, {with_type(draft_associate(), kPre)});
     }},
    {"draft02-deassociate-as-answer",
     [](Draft02Talk& t) {
       t.ask_and_ack(t.station, with_type(draft_associate(), kPre));
       t.ask(t.bridge, {with_type(draft_associate(), kEnd)});
     }},
    {"draft02-response-type",
     [](Draft02Talk& t) {
       auto tlv = draft_associate();
       ++tlv.vsi_type.version;
       t.ask_and_ack(t.station, draft_associate()).ask(t.bridge, {tlv});
     }},
    {"draft02-response-filters",
     [](Draft02Talk& t) {
       t.ask_and_ack(t.station, draft_associate()).ask(t.bridge, {with_vid(draft_associate(), 3)});
     }},
    {"draft02-response-manager",
     [](Draft02Talk& t) {
       auto tlv = draft_associate();
       ++tlv.manager;
       t.ask_and_ack(t.station, draft_associate()).ask(t.bridge, {tlv});
     }},
    {"draft02-response-unasked",
     [](Draft02Talk& t) { t.answered(draft_associate()).ask(t.bridge, {draft_associate()}); }},
    {"draft02-deassociate-of-nothing",
     [](Draft02Talk& t) {
       const auto end = with_type(draft_associate(), kEnd);
       t.answered(draft_associate()).answered(end).ask(t.bridge, {end});
     }},
    {"draft02-deassociate-answered",
     [](Draft02Talk& t) {
       const auto end = with_type(draft_associate(), kEnd);
       t.answered(draft_associate()).ask_and_ack(t.bridge, end).ask(t.station, {end});
     }},
    {"draft02-step-down",
     [](Draft02Talk& t) {
       t.answered(draft_associate()).ask(t.station, {with_type(draft_associate(), kPre)});
     }},
    {"draft02-response-late",
     [](Draft02Talk& t) {
       t.ask_and_ack(t.station, draft_associate()).pass(3100ms).ask(t.bridge, {draft_associate()});
     }},
    {"draft02-response-missing",
     [](Draft02Talk& t) {
       t.ask_and_ack(t.station, draft_associate()).pass(5s).draft_lldp(t.station);
     },
     5},
    {"draft02-keep-alive-early",
     [](Draft02Talk& t) {
       t.answered(draft_associate()).pass(1s).answered(draft_associate()).pass(1s);
       t.ask(t.station, {draft_associate()});
     }},
    {"draft02-keep-alive-late",
     [](Draft02Talk& t) {
       t.answered(draft_associate()).pass(14s).ask(t.station, {draft_associate()});
     }},
    {"draft02-keep-alive-missing",
     [](Draft02Talk& t) { t.answered(draft_associate()).pass(25s).draft_lldp(t.station); }, 7},
};

class Draft02Rules : public testing::TestWithParam<Case> {};

TEST_P(Draft02Rules, AreSeenWhereTheyAreBroken) {
  Draft02Talk talk;
  support::expect_deviation(GetParam(), talk.draft_hello());
  for (const auto& one : Judged(talk.frames).verdict.deviations()) {
    EXPECT_TRUE(is_of_draft02(*one.rule) || one.rule->id == "lldp-bad-tlv") << one.rule->id;
  }
}

INSTANTIATE_TEST_SUITE_P(Frame, Draft02Rules, testing::ValuesIn(kFrameCases),
                         support::name_of<Draft02Talk>);
INSTANTIATE_TEST_SUITE_P(Ecp, Draft02Rules, testing::ValuesIn(kEcpCases),
                         support::name_of<Draft02Talk>);
INSTANTIATE_TEST_SUITE_P(Vdp, Draft02Rules, testing::ValuesIn(kVdpCases),
                         support::name_of<Draft02Talk>);

TEST(Draft02RuleTables, HaveATestForEachRow) {
  std::set<std::string_view> known;
  for (const auto* rule : all_rules()) {
    if (is_of_draft02(*rule)) known.insert(rule->id);
  }
  EXPECT_EQ(support::rules_of(kFrameCases, kEcpCases, kVdpCases), known);
}

/// What sound ends say: lldpad's empty first PDU, the steps up, a second VSI in one PDU,
/// keep-alives, a refusal, both ways of ending.
Draft02Talk faultless() {
  Draft02Talk talk;
  talk.draft_hello();
  talk.ask(talk.station, {}).draft_ack(talk.bridge, talk.station.sequence);
  talk.answered(with_type(draft_associate(), kPre)).pass(1s);
  talk.answered(draft_associate()).pass(10s).answered(draft_associate()).pass(1s);
  const auto two = draft_associate(2);
  const auto three = draft_associate(3);
  talk.ask(talk.station, {two, three}).draft_ack(talk.bridge, talk.station.sequence);
  talk.ask(talk.bridge, {two, three}).draft_ack(talk.station, talk.bridge.sequence).pass(1s);
  talk.answered(draft_associate(4), Draft02Response::kUnusedType).pass(1s);
  talk.ask_and_ack(talk.bridge, with_type(three, kEnd)).pass(1s);
  talk.draft_lldp(talk.bridge).draft_lldp(talk.station);
  return talk.answered(with_type(draft_associate(), kEnd)).answered(with_type(two, kEnd));
}

TEST(Draft02RuleTables, FindNothingInAFaultlessTalk) {
  const Judged judged(faultless().frames);
  EXPECT_EQ(judged.texts(), "");
  // What a rule of these says is always a deviation; all others have found something right.
  const std::set<std::string_view> only_broken = {
      "draft02-resend-early",     "draft02-resend-late",         "draft02-resend-changed",
      "draft02-resend-after-ack", "draft02-too-many-sends",      "draft02-too-few-sends",
      "draft02-retried",          "draft02-deassociate-answered"};
  for (const auto* rule : all_rules()) {
    if (only_broken.contains(rule->id) || !is_of_draft02(*rule)) continue;
    EXPECT_GT(judged.verdict.count(*rule).held, 0U) << rule->id;
  }
}

TEST(Draft02RuleTables, FindNothingInAResendOrWhatLldpadDoesInASecondOfSleep) {
  Draft02Talk talk;
  talk.draft_hello().ask(talk.station, {draft_associate()});
  talk.pass(500ms).again(talk.station).pass(500ms).again(talk.station);
  talk.draft_ack(talk.bridge, 1).ask_and_ack(talk.bridge, draft_associate()).pass(1s);
  talk.ask(talk.bridge, {with_type(draft_associate(), kEnd)}).pass(500ms).again(talk.bridge);
  talk.pass(500ms).draft_ack(talk.station, talk.bridge.sequence);
  const Judged judged(talk.frames);
  EXPECT_EQ(judged.verdict.broken(Severity::kMust) + judged.verdict.broken(Severity::kShould), 0U)
      << judged.texts();
  for (const auto* id :
       {"draft02-resend-early", "draft02-resend-changed", "draft02-too-many-sends"}) {
    EXPECT_GT(judged.verdict.count(*find_rule(id)).held, 0U) << id;
  }
}

TEST(Draft02RuleTables, TakeWhatLldpadSendsAgainWithTheNextNumberForAResend) {
  Draft02Talk talk;
  talk.draft_hello();
  for (int sends = 0; sends < 3; ++sends) talk.ask(talk.station, {draft_associate()}).pass(503ms);
  talk.pass(3s).answered(draft_associate()).pass(1s);
  // The bridge takes each send for a request, and answers each.
  talk.ask(talk.station, {draft_associate(2)}).ask_and_ack(talk.bridge, draft_associate(2));
  talk.pass(503ms).answered(draft_associate(2)).pass(10s).answered(draft_associate(2));
  const Judged judged(talk.frames);
  EXPECT_EQ(judged.conversation.exchanges()[0].sends, 3);
  EXPECT_EQ(judged.verdict.broken(Severity::kShould), 0U) << judged.texts();
  const auto deviations = judged.verdict.deviations();
  ASSERT_FALSE(deviations.empty());
  EXPECT_EQ(deviations[0].rule->id, "draft02-not-acknowledged") << judged.texts();
  EXPECT_EQ(judged.verdict.broken(Severity::kMust), 1U) << judged.texts();
}

TEST(Draft02RuleTables, SeeAMissingKeepAliveInTheBridgesDeAssociate) {
  Draft02Talk talk;
  talk.draft_hello().answered(draft_associate()).pass(19500ms);
  talk.ask_and_ack(talk.bridge, with_type(draft_associate(), kEnd));
  EXPECT_THAT(Judged(talk.frames).texts(),
              testing::StartsWith("frame 7 draft02-keep-alive-missing"));
}

TEST(Draft02RuleTables, JudgeOnlyWhatACaptureCanShow) {
  const auto whole = faultless();
  support::expect_nothing_in_parts(whole, [&](const Judged& rest) {
    for (const auto& end : rest.conversation.ends()) {
      if (end.role == Role::kUnknown) continue;
      EXPECT_EQ(end.role == Role::kStation, end.address == whole.station.address) << rest.texts();
    }
  });
}

// ---- What the conversation makes of it -------------------------------------------------------

Role role_of(const Judged& judged, const lldp::MacAddress& address) {
  for (const auto& end : judged.conversation.ends()) {
    if (end.address == address) return end.role;
  }
  return Role::kUnknown;
}

TEST(Draft02Conversation, KnowsBothEndsValuesExchangesAndLives) {
  const auto talk = faultless();
  const Judged judged(talk.frames);
  EXPECT_EQ(role_of(judged, talk.station.address), Role::kStation);
  EXPECT_EQ(role_of(judged, talk.bridge.address), Role::kBridge);
  const auto& in_force = judged.conversation.evb_changes().back().in_force;
  ASSERT_TRUE(in_force);
  EXPECT_EQ(in_force->dialect, lldp::Dialect::kDraft02);
  EXPECT_TRUE(in_force->on);
  EXPECT_EQ(in_force->retransmit_exponent, 15);
  EXPECT_EQ(in_force->relay_status, lldp::RelayStatus::kOn);
  const auto& exchange = judged.conversation.exchanges()[1];
  EXPECT_EQ(exchange.dialect, lldp::Dialect::kDraft02);
  EXPECT_EQ(exchange.round_trip, 50U);
  ASSERT_EQ(judged.conversation.vsis().size(), 4U);
  const auto& first = judged.conversation.vsis().front();
  EXPECT_EQ(first.manager.octets[0], 11);
  EXPECT_EQ(first.keep_alives, 1U);
  EXPECT_EQ(first.state, vdp::VsiState::kDeassociated);
  std::vector<vdp::VsiState> states;
  for (const auto& moment : first.timeline) states.push_back(moment.state);
  EXPECT_THAT(states, testing::Contains(vdp::VsiState::kPreassociated));
  EXPECT_THAT(states, testing::Contains(vdp::VsiState::kAssociated));
  EXPECT_EQ(judged.conversation.vsis().back().timeline.back().cause,
            vdp::VsiCause::kRefusedByBridge);
}

TEST(Draft02Conversation, FindsTheStationWhereTheCaptureBeginsWithItsRequest) {
  Draft02Talk talk;
  talk.answered(draft_associate());
  const Judged judged(talk.frames);
  EXPECT_EQ(role_of(judged, talk.station.address), Role::kStation);
  EXPECT_EQ(judged.conversation.vsis().front().requested.frame, 1U);
  EXPECT_EQ(judged.conversation.vsis().front().state, vdp::VsiState::kAssociated);
}

TEST(Draft02Conversation, FindsTheBridgeWhereTheCaptureBeginsWithItsAnswer) {
  Draft02Talk talk;
  talk.ask_and_ack(talk.bridge, draft_associate()).pass(10s).answered(draft_associate());
  const Judged judged(talk.frames);
  EXPECT_EQ(role_of(judged, talk.bridge.address), Role::kBridge);
  EXPECT_EQ(judged.conversation.vsis().front().state, vdp::VsiState::kAssociated);
}

TEST(Draft02Conversation, KnowsABridgeByItsRefusalAndAStationByItsRepetition) {
  Draft02Talk refusing;
  auto refusal = draft_associate();
  refusal.response = Draft02Response::kTypeViolation;
  refusing.ask_and_ack(refusing.bridge, refusal);
  EXPECT_EQ(role_of(Judged(refusing.frames), refusing.bridge.address), Role::kBridge);
  Draft02Talk asking;
  asking.ask_and_ack(asking.station, draft_associate()).pass(2s);
  asking.ask_and_ack(asking.station, draft_associate());
  EXPECT_EQ(role_of(Judged(asking.frames), asking.station.address), Role::kStation);
}

TEST(Draft02Conversation, SaysNothingOfWhoCannotBeKnown) {
  Draft02Talk talk;
  talk.ask_and_ack(talk.station, draft_associate());
  const Judged judged(talk.frames);
  EXPECT_EQ(role_of(judged, talk.station.address), Role::kUnknown);
  EXPECT_EQ(judged.conversation.vsis().size(), 1U);
  EXPECT_EQ(judged.texts(), "");
}

// ---- Both dialects on one link ---------------------------------------------------------------

/// An end that follows its peer sends both EVB TLVs until it has heard one.
Draft02Talk& both_tlvs(Draft02Talk& talk, const support::Talk::End& end) {
  auto information = talk.information(end);
  information.organizational.push_back({lldp::kDraft02Oui, 0, encode(talk.station_evb)});
  talk.lldp(end, information);
  return talk;
}

TEST(Draft02Conversation, FollowsAChangeOverInTheMiddle) {
  Draft02Talk talk;
  both_tlvs(talk, talk.station).draft_lldp(talk.bridge).draft_lldp(talk.station).pass(4s);
  talk.answered(draft_associate()).pass(1s);
  talk.hello();
  talk.command(support::associate()).pass(10486ms);
  talk.command(support::associate());
  const Judged judged(talk.frames);
  EXPECT_EQ(judged.verdict.broken(Severity::kMust) + judged.verdict.broken(Severity::kShould), 0U)
      << judged.texts();
  std::vector<lldp::Dialect> spoken;
  for (const auto& change : judged.conversation.evb_changes()) {
    if (change.in_force) spoken.push_back(change.in_force->dialect);
  }
  EXPECT_EQ(spoken.front(), lldp::Dialect::kDraft02);
  EXPECT_EQ(spoken.back(), lldp::Dialect::kRatified);
  const auto& life = judged.conversation.vsis().front();
  EXPECT_EQ(life.dialect, lldp::Dialect::kRatified);
  EXPECT_EQ(life.state, vdp::VsiState::kAssociated);
  EXPECT_EQ(life.keep_alives, 1U);
  std::vector<vdp::VsiCause> causes;
  for (const auto& moment : life.timeline) causes.push_back(moment.cause);
  EXPECT_THAT(causes, testing::Contains(vdp::VsiCause::kEvbLost));
}

TEST(Draft02Conversation, EndsWhatTheOtherDialectAgreedWhereNoEvbTlvIsSeen) {
  Draft02Talk talk;
  talk.answered(draft_associate()).pass(1s);
  talk.command(support::associate());
  const Judged judged(talk.frames);
  EXPECT_EQ(judged.texts(), "");
  EXPECT_EQ(judged.conversation.vsis().size(), 1U);
  EXPECT_EQ(judged.conversation.vsis().front().keep_alives, 0U);
}

}  // namespace
}  // namespace agent::replay
