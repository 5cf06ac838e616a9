// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "agent/replay/judgements.hpp"
#include "agent/replay/rule.hpp"

namespace agent::replay {
namespace {

using Request = EcpRequestFact::Kind;
using Ack = EcpAckFact::Kind;

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr unsigned kMostRetries = 7;  // R has three bits
/// Between an acknowledgement and a resend that crossed it on the wire.
constexpr Nanoseconds kCrossing = kMillisecond;

Nanoseconds ack_time(const lldp::EvbOperational& values) {
  return values.ack_time().count() * 1000;
}

/// Timers of the kernel and stamps of the capture are not exact: 1 ms, and 2 %.
bool too_early(Nanoseconds measured, Nanoseconds time) {
  return measured < time - time / 50 - kMillisecond;
}
/// A host under load is late; a quarter, and 20 ms.
bool too_late(Nanoseconds measured, Nanoseconds time) {
  return measured > time + time / 4 + 20 * kMillisecond;
}

Nanoseconds gap(const EcpRequestFact& fact) { return fact.moment.at - fact.previous->last.at; }

/// The peer is in the capture, so that an acknowledgement would have been seen.
bool peer_speaks(const Scene& fact) { return fact.peer != nullptr; }

/// The next sequence number; 0 may be left out.
bool follows(std::uint16_t sequence, std::uint16_t before) {
  const auto next = static_cast<std::uint16_t>(before + 1);
  return sequence == next || (next == 0 && sequence == 1);
}

// ---- Requests --------------------------------------------------------------------------------

Judgement evb_is_on(const EcpRequestFact& fact) {
  if (fact.peer == nullptr) return silent();
  if (fact.in_force) {
    return fact.in_force->on ? held()
                             : broken("EVB on: a station and a bridge", "modes that do not match");
  }
  if (!fact.peer->evb_gone) return silent();
  return broken("no ECP before the peer's EVB TLV is held", "a request after it went");
}

Judgement resent_after_ack_timer(const EcpRequestFact& fact) {
  if (fact.kind != Request::kResend || !fact.in_force || !fact.previous->open) return silent();
  const auto time = ack_time(*fact.in_force);
  if (!too_early(gap(fact), time)) return held();
  return broken(fmt::format("{} after the last send", time_text(time)), time_text(gap(fact)));
}

}  // namespace

Judgement resent_in_time(const EcpRequestFact& fact) {
  if (fact.kind != Request::kResend || !fact.in_force || !fact.previous->open) return silent();
  const auto time = ack_time(*fact.in_force);
  if (!too_late(gap(fact), time)) return held();
  return broken(fmt::format("{} after the last send", time_text(time)), time_text(gap(fact)));
}

Judgement resent_unchanged(const EcpRequestFact& fact) {
  if (fact.kind != Request::kResend || fact.frame->captured.cut()) return silent();
  return fact.same_octets ? held() : broken("the same octets", "others with the same sequence");
}

Judgement not_resent_after_ack(const EcpRequestFact& fact) {
  if (fact.kind == Request::kFirst || fact.previous->acked.frame == 0) return silent();
  if (fact.kind == Request::kNew) return held();
  const auto since = fact.moment.at - fact.previous->acked.at;
  if (since < kCrossing) return silent();
  return broken(
      fmt::format("no resend after the acknowledgement in frame {}", fact.previous->acked.frame),
      fmt::format("one {} later", time_text(since)));
}

Judgement sends_within_limit(const EcpRequestFact& fact) {
  if (fact.kind != Request::kResend) return silent();
  const unsigned limit = 1 + (fact.in_force ? fact.in_force->max_retries : kMostRetries);
  if (fact.previous->sends < limit) return held();
  return broken(fmt::format("{} sends at most", limit),
                fmt::format("send {}", fact.previous->sends + 1));
}

Judgement one_outstanding(const EcpRequestFact& fact) {
  if (fact.kind != Request::kNew || !peer_speaks(fact)) return silent();
  if (!fact.previous->open) return held();
  if (!fact.in_force || !too_early(gap(fact), ack_time(*fact.in_force))) return silent();
  return broken(fmt::format("the acknowledgement of {} first", fact.previous->sequence),
                fmt::format("request {} after {}", fact.sequence, time_text(gap(fact))));
}

Judgement tried_often_enough(const EcpRequestFact& fact) {
  if (fact.kind != Request::kNew || !peer_speaks(fact) || !fact.previous->open) return silent();
  if (!fact.in_force || too_early(gap(fact), ack_time(*fact.in_force))) return silent();
  const unsigned limit = 1U + fact.in_force->max_retries;
  if (fact.previous->sends >= limit) return held();
  return broken(fmt::format("{} sends before it is given up", limit),
                fmt::format("{}", fact.previous->sends));
}

Judgement sequence_goes_on(const EcpRequestFact& fact) {
  if (fact.kind != Request::kNew) return silent();
  if (follows(fact.sequence, fact.previous->sequence)) return held();
  if (fact.sequence <= 1) return silent();  // the port was down in between, and began anew
  return broken(fmt::format("{}", static_cast<std::uint16_t>(fact.previous->sequence + 1)),
                fmt::format("{}", fact.sequence));
}

namespace {

constexpr Rule<EcpRequestFact> kRequestRules[] = {
    {{"ecp-without-evb", Severity::kMust, "D.2.12, 41", "P02",
      "ECP runs while a station and a bridge hold each other's EVB TLV.",
      "the sender starts ECP whatever LLDP says, as lldpad does"},
     evb_is_on},
    {{"ecp-resend-early", Severity::kMust, "43.3.6.1", "P04",
      "A request is sent again when its ackTimer, 10 us x 2^RTE, has run out.",
      "the sender runs with a smaller RTE than was agreed: its own, or the one from before"},
     resent_after_ack_timer},
    {{"ecp-resend-late", Severity::kShould, "43.3.6.1", "P06",
      "A request is sent again soon after its ackTimer has run out, without back-off.",
      "a back-off, a larger RTE than was agreed, or a sender that stood still"},
     resent_in_time},
    {{"ecp-resend-changed", Severity::kMust, "43.3.7", "P04",
      "A resend has the same sequence and the same octets.",
      "the sender builds the PDU anew, or started again with the same sequence"},
     resent_unchanged},
    {{"ecp-resend-after-ack", Severity::kShould, "43.3.7", "P07",
      "The right acknowledgement ends the resends.",
      "the acknowledgement was lost behind the place of capture, or is matched wrongly"},
     not_resent_after_ack},
    {{"ecp-too-many-sends", Severity::kMust, "43.3.7.4", "P05",
      "A request is sent maxRetries + 1 times at most.",
      "the sender runs with a larger R than was agreed"},
     sends_within_limit},
    {{"ecp-two-outstanding", Severity::kMust, "43.3.7", "P03",
      "The next request waits for the acknowledgement of the last.",
      "a sender without stop-and-wait, or an ackTimer left running from before"},
     one_outstanding},
    {{"ecp-too-few-sends", Severity::kShould, "43.3.7.4", "P05",
      "A request without acknowledgement is sent maxRetries + 1 times.",
      "the sender counts maxRetries as sends, not as retries, or its queue was flushed"},
     tried_often_enough},
    {{"ecp-sequence", Severity::kShould, "43.3.7", "P09",
      "Each new request has the next sequence number.",
      "the sender started again, its link was down, or the capture lost frames"},
     sequence_goes_on},
};

// ---- Acknowledgements ------------------------------------------------------------------------

}  // namespace

Judgement ack_is_of_a_request(const EcpAckFact& fact) {
  if (fact.kind == Ack::kMatches) return held();
  if (fact.kind != Ack::kUnknown) return silent();
  return broken(fmt::format("the sequence of a request, {}", fact.request->sequence),
                fmt::format("{}", fact.sequence));
}

Judgement ack_comes_once(const EcpAckFact& fact) {
  if (fact.kind == Ack::kMatches) return held();
  if (fact.kind != Ack::kRepeats) return silent();
  return broken(fmt::format("{} acknowledgements for as many sends", fact.request->sends),
                fmt::format("one more of {}", fact.request->sequence));
}

Judgement ack_comes_in_time(const EcpAckFact& fact) {
  if (fact.kind == Ack::kMatches && fact.in_force) {
    const auto after = fact.moment.at - fact.request->last.at;
    if (after <= ack_time(*fact.in_force)) return held();
    return broken(fmt::format("within {}", time_text(ack_time(*fact.in_force))), time_text(after));
  }
  if (fact.kind != Ack::kLate) return silent();
  return broken(fmt::format("an acknowledgement of {}", fact.request->sequence),
                fmt::format("one of {}, which is over", fact.sequence));
}

namespace {

constexpr Rule<EcpAckFact> kAckRules[] = {
    {{"ecp-ack-unknown", Severity::kMust, "43.3.8", "P10",
      "An acknowledgement repeats the sequence of a request.",
      "the sequence is read or written wrongly, or belongs to another port's request"},
     ack_is_of_a_request},
    {{"ecp-ack-repeated", Severity::kShould, "43.3.8", "P10",
      "Each request that is received is acknowledged once.",
      "two receivers on one link, or a capture that sees frames twice"},
     ack_comes_once},
    {{"ecp-ack-late", Severity::kNote, "43.3.6.1", "P08",
      "An acknowledgement comes before the ackTimer runs out.",
      "RTE is too small for this peer, or the peer stood still"},
     ack_comes_in_time},
};

// ---- Whole exchanges -------------------------------------------------------------------------

}  // namespace

Judgement request_is_acknowledged(const ExchangeFact& fact) {
  const auto& request = *fact.request;
  if (request.acked.frame != 0 || request.acks > 0) return held();
  if (fact.peer == nullptr || fact.peer->first.frame > request.last.frame) return silent();
  if (!fact.complete && fact.in_force && request.sends < 1U + fact.in_force->max_retries) {
    return silent();  // the capture ended in between
  }
  if (!fact.complete && !fact.in_force) return silent();
  return broken(fmt::format("an acknowledgement of {}", request.sequence),
                fmt::format("none to {} sends", request.sends));
}

Judgement every_send_is_acknowledged(const ExchangeFact& fact) {
  const auto& request = *fact.request;
  if (request.acked.frame == 0) return silent();
  if (request.sends < 2) return held();
  return broken("an acknowledgement of the first send",
                fmt::format("one after {} sends", request.sends));
}

namespace {

constexpr Rule<ExchangeFact> kExchangeRules[] = {
    {{"ecp-not-acknowledged", Severity::kMust, "43.3.8", "P10",
      "Each request that is received is acknowledged.",
      "the peer stood still, does not receive this address, refuses the PDU, or frames were lost"},
     request_is_acknowledged},
    {{"ecp-retried", Severity::kNote, "43.3.7", "P04",
      "On a sound link the first send is acknowledged.",
      "frames were lost, the peer stood still, or RTE is too small for it"},
     every_send_is_acknowledged},
};

}  // namespace

std::span<const Rule<EcpRequestFact>> ecp_request_rules() { return kRequestRules; }
std::span<const Rule<EcpAckFact>> ecp_ack_rules() { return kAckRules; }
std::span<const Rule<ExchangeFact>> exchange_rules() { return kExchangeRules; }

}  // namespace agent::replay
