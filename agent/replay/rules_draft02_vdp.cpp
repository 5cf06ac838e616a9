// SPDX-License-Identifier: Apache-2.0
// Draft 0.2: ECP exchanges, VDP and its times. Most are judged as the ratified ones are, by the
// draft's fixed values; what rests on lldpad's behaviour alone is a should.
#include <fmt/format.h>

#include <algorithm>

#include "agent/replay/judgements.hpp"
#include "lldp/base/time.hpp"

namespace agent::replay {
namespace {

using vdp::AssociationType;
using vdp::Reason;

constexpr Nanoseconds kMillisecond = 1'000'000;

// ---- Requests --------------------------------------------------------------------------------

Judgement both_support_it(const EcpRequestFact& fact) {
  if (fact.peer == nullptr) return silent();
  if (fact.in_force) {
    return fact.in_force->on ? held()
                             : broken("two ends that support ECP and VDP", "one that does not");
  }
  if (!fact.peer->evb_gone) return silent();
  return broken("no ECP before the peer's EVB TLV is held", "a request after it went");
}

/// lldpad waits 500 ms; an end that uses the RTE of both TLVs would be right as well.
Judgement resent_after_ack_timer(const EcpRequestFact& fact) {
  const bool resend = fact.kind == EcpRequestFact::Kind::kResend;
  if (!resend || !fact.in_force || !fact.previous->open) return silent();
  const auto fixed = fact.in_force->ack_time();
  const auto by_rte = base::exponent_time(fact.in_force->retransmit_exponent);
  const Nanoseconds time = std::min(fixed, by_rte).count() * 1000;
  const auto measured = fact.moment.at - fact.previous->last.at;
  if (measured >= time - time / 50 - kMillisecond) return held();
  return broken(fmt::format("{} after the last send, or {} by RTE", time_text(fixed.count() * 1000),
                            time_text(by_rte.count() * 1000)),
                time_text(measured));
}

/// lldpad counts requests and acknowledgements of the peer's in one variable.
Judgement sequence_goes_on_or_follows_peer(const EcpRequestFact& fact) {
  auto judged = sequence_goes_on(fact);
  if (judged.kind != Judgement::Kind::kBroken || fact.peer == nullptr) return judged;
  const auto& theirs = fact.peer->request;
  const bool after_theirs =
      theirs && static_cast<std::uint16_t>(theirs->sequence + 1) == fact.sequence;
  return after_theirs ? silent() : judged;
}

constexpr Rule<EcpRequestFact> kRequestRules[] = {
    {{"draft02-without-evb", Severity::kNote, "draft 0.2 EVB TLV", "D04",
      "ECP and VDP of draft 0.2 run where both ends' EVB TLVs support them.",
      "the sender starts ECP whatever LLDP says, as lldpad does"},
     both_support_it},
    {{"draft02-resend-early", Severity::kShould, "draft 0.2 ECP", "D07",
      "A request of draft 0.2 is sent again 500 ms after the last time.",
      "the sender runs with the ratified ackTimer, or one of its own"},
     resent_after_ack_timer},
    {{"draft02-resend-late", Severity::kNote, "draft 0.2 ECP", "D07",
      "A request of draft 0.2 is sent again soon after 500 ms, without back-off.",
      "a larger time of its own, or a sender that stood still, as lldpad does for 1 s"},
     resent_in_time},
    {{"draft02-resend-changed", Severity::kMust, "draft 0.2 ECP", "D07",
      "A resend of draft 0.2 has the same sequence and the same octets.",
      "the sender builds the PDU anew, or started again with the same sequence"},
     resent_unchanged},
    {{"draft02-resend-after-ack", Severity::kShould, "draft 0.2 ECP", "D07",
      "The right acknowledgement ends the resends of draft 0.2.",
      "the acknowledgement was lost behind the place of capture, or is matched wrongly"},
     not_resent_after_ack},
    {{"draft02-too-many-sends", Severity::kShould, "draft 0.2 ECP", "D07",
      "A request of draft 0.2 is sent three times at most.",
      "the sender counts three retries instead of three sends"},
     sends_within_limit},
    {{"draft02-too-few-sends", Severity::kNote, "draft 0.2 ECP", "D07",
      "A request of draft 0.2 without acknowledgement is sent three times.",
      "the sender gives up sooner than lldpad does, or its queue was flushed"},
     tried_often_enough},
    {{"draft02-two-outstanding", Severity::kShould, "draft 0.2 ECP", "D07",
      "The next request of draft 0.2 waits for the acknowledgement of the last.",
      "a sender without stop-and-wait"},
     one_outstanding},
    {{"draft02-sequence", Severity::kShould, "draft 0.2 ECP", "D07",
      "Each new request of draft 0.2 has the next sequence number.",
      "the sender started again, its link was down, or the capture lost frames"},
     sequence_goes_on_or_follows_peer},
};

constexpr Rule<EcpAckFact> kAckRules[] = {
    {{"draft02-ack-unknown", Severity::kMust, "draft 0.2 ECP", "D06",
      "An acknowledgement of draft 0.2 repeats the sequence of a request.",
      "the sequence is read or written wrongly, or belongs to another port's request"},
     ack_is_of_a_request},
    {{"draft02-ack-repeated", Severity::kShould, "draft 0.2 ECP", "D06",
      "Each request of draft 0.2 that is received is acknowledged once.",
      "two receivers on one link, or a capture that sees frames twice"},
     ack_comes_once},
    {{"draft02-ack-late", Severity::kNote, "draft 0.2 ECP", "D06",
      "An acknowledgement of draft 0.2 comes before the request is sent again.",
      "the peer stood still; lldpad does so for 1 s when a bridge de-associates"},
     ack_comes_in_time},
};

constexpr Rule<ExchangeFact> kExchangeRules[] = {
    {{"draft02-not-acknowledged", Severity::kMust, "draft 0.2 ECP", "D06",
      "Each request of draft 0.2 that is received is acknowledged.",
      "the peer stood still, does not receive this address, refuses the PDU, or frames were lost"},
     request_is_acknowledged},
    {{"draft02-retried", Severity::kNote, "draft 0.2 ECP", "D07",
      "On a sound link the first send of draft 0.2 is acknowledged.",
      "frames were lost, or the peer stood still"},
     every_send_is_acknowledged},
};

// ---- VDP -------------------------------------------------------------------------------------

bool ends(const vdp::AssociationTlv& tlv) { return tlv.type == AssociationType::kDeAssociate; }

/// The draft's TLV does not say who asks: two stations are found by what they say alone.
Judgement only_stations_ask(const VsiFact& fact) {
  if (fact.from_station) return held();
  if (!fact.watched || ends(*fact.tlv) || fact.life->requested.frame != 0) return silent();
  return broken("a bridge that answers what it was asked",
                fmt::format("{} of a VSI that nobody asked for", to_string(fact.tlv->type)));
}

Judgement request_has_no_response(const VsiFact& fact) {
  if (!fact.from_station) return silent();
  if (fact.tlv->reason == Reason::kSuccess) return held();
  return broken("response 0 in a request", std::string(to_string(fact.tlv->reason)));
}

Judgement answer_is_no_deassociate(const VsiFact& fact) {
  if (fact.from_station || !fact.answers || ends(fact.life->request)) return silent();
  if (!ends(*fact.tlv)) return held();
  return broken(fmt::format("{} with a response", to_string(fact.life->request.type)),
                "De-Associate");
}

constexpr Rule<VsiFact> kVsiRules[] = {
    {{"draft02-direction", Severity::kShould, "draft 0.2 VDP", "D09",
      "Stations ask, bridges answer.", "both ends are configured as stations"},
     only_stations_ask},
    {{"draft02-request-response", Severity::kMust, "draft 0.2 VDP", "D09",
      "The response of a request is 0.", "the sender keeps the response of an earlier answer"},
     request_has_no_response},
    {{"draft02-vid-reserved", Severity::kMust, "draft 0.2 VDP", "D08", "VID 4095 is reserved.",
      "a wildcard of the configuration that went onto the wire"},
     vids_are_legal},
    {{"draft02-response-mode", Severity::kMust, "draft 0.2 VDP", "D10",
      "An answer of draft 0.2 has the mode of its request, or is a De-Associate.",
      "the bridge answers an earlier command"},
     type_is_kept},
    {{"draft02-deassociate-as-answer", Severity::kNote, "draft 0.2 VDP", "D10",
      "A bridge of draft 0.2 refuses in the mode that was asked.",
      "the bridge refuses as ratified ones do, of which lldpad takes no notice while it waits for "
      "a pre-associate; or it ended the VSI at the same time"},
     answer_is_no_deassociate},
    {{"draft02-response-type", Severity::kMust, "draft 0.2 VDP", "D10",
      "An answer of draft 0.2 repeats VSI type and version.",
      "the bridge answers an earlier command"},
     vsi_type_is_kept},
    {{"draft02-response-filters", Severity::kShould, "draft 0.2 VDP", "D10",
      "An answer of draft 0.2 repeats the request's filters.",
      "the bridge answers an earlier command, or changes what it was asked for"},
     filters_are_kept},
    {{"draft02-response-manager", Severity::kShould, "draft 0.2 VDP", "D10",
      "An answer of draft 0.2 names the manager of its request.",
      "the bridge puts its own manager there"},
     manager_is_kept},
    {{"draft02-response-unasked", Severity::kShould, "draft 0.2 VDP", "D10",
      "There is one answer to each request of draft 0.2.",
      "the bridge answers a resend again, or sent its answer after it had been given up"},
     response_was_asked_for},
    {{"draft02-deassociate-of-nothing", Severity::kNote, "draft 0.2 VDP", "D11",
      "A bridge of draft 0.2 de-associates what is associated.",
      "the bridge kept the VSI after it had confirmed its De-Associate"},
     deassociate_has_something_to_end},
    {{"draft02-deassociate-answered", Severity::kShould, "draft 0.2 VDP", "D11",
      "The bridge's De-Associate is acknowledged by ECP alone in draft 0.2.",
      "the station answers, or its client de-associates at the same time"},
     deassociate_is_not_answered},
    {{"draft02-step-down", Severity::kNote, "draft 0.2 VDP", "D09",
      "In draft 0.2, too, an associated VSI is associated anew or de-associated.",
      "a client that pre-associates what runs already"},
     steps_up},
};

constexpr Rule<VsiTimerFact> kTimerRules[] = {
    {{"draft02-response-late", Severity::kShould, "draft 0.2 VDP", "D10",
      "An answer of draft 0.2 comes within 3 s.",
      "the bridge waits for its VSI manager longer than a station waits for it"},
     response_in_time},
    {{"draft02-response-missing", Severity::kMust, "draft 0.2 VDP", "D10",
      "Every request of draft 0.2 is answered.",
      "the bridge has no VDP, as lldpad's draft bridge, lost the request behind ECP, or stood "
      "still"},
     response_comes},
    {{"draft02-keep-alive-early", Severity::kShould, "draft 0.2 VDP", "D12",
      "Keep-alives of draft 0.2 are 10 s apart.", "the station runs with a time of its own"},
     keep_alive_not_early},
    {{"draft02-keep-alive-late", Severity::kShould, "draft 0.2 VDP", "D12",
      "A keep-alive of draft 0.2 is sent 10 s after the last success.",
      "the station runs with a time of its own, or its keep-alives wait in ECP's queue"},
     keep_alive_in_time},
    {{"draft02-keep-alive-missing", Severity::kShould, "draft 0.2 VDP", "D12",
      "A keep-alive of draft 0.2 comes before a bridge can take the station for gone.",
      "the station stood still or forgot the VSI without a De-Associate"},
     keep_alive_comes},
};

}  // namespace

std::span<const Rule<EcpRequestFact>> draft02_request_rules() { return kRequestRules; }
std::span<const Rule<EcpAckFact>> draft02_ack_rules() { return kAckRules; }
std::span<const Rule<ExchangeFact>> draft02_exchange_rules() { return kExchangeRules; }
std::span<const Rule<VsiFact>> draft02_vsi_rules() { return kVsiRules; }
std::span<const Rule<VsiTimerFact>> draft02_timer_rules() { return kTimerRules; }

}  // namespace agent::replay
