// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "agent/replay/conversation.hpp"

namespace agent::replay {
namespace {

constexpr Nanoseconds kNanosecondsPerMicrosecond = 1000;

/// Three sends in all.
constexpr unsigned kDraft02Retries = 2;

/// How far behind the last sequence an acknowledgement may be to be a late one.
constexpr std::uint16_t kLateWindow = 16;

Nanoseconds nanoseconds(base::Duration duration) {
  return duration.count() * kNanosecondsPerMicrosecond;
}

lldp::Dialect dialect_of(const DecodedFrame& frame) {
  return frame.draft_ecpdu ? lldp::Dialect::kDraft02 : lldp::Dialect::kRatified;
}

std::uint16_t sequence_of(const DecodedFrame& frame) {
  return frame.draft_ecpdu ? frame.draft_ecpdu->sequence : frame.ecpdu->sequence;
}

base::Bytes ulpdu_of(const DecodedFrame& frame) {
  return frame.draft_ecpdu ? frame.draft_ecpdu->ulpdu : frame.ecpdu->ulpdu;
}

/// lldpad gives each send of a request of draft 0.2 the next sequence number.
bool is_renumbered_resend(const Outstanding& request, const DecodedFrame& frame, Nanoseconds now) {
  constexpr Nanoseconds kLongest = 2 * std::chrono::nanoseconds(lldp::kDraft02AckTime).count();
  if (!request.open || request.sends > kDraft02Retries || !frame.draft_ecpdu) return false;
  const auto next = static_cast<std::uint16_t>(request.sequence + 1);
  const auto ulpdu = ulpdu_of(frame);
  return frame.draft_ecpdu->sequence == next && !ulpdu.empty() &&
         now - request.last.at <= kLongest &&
         std::ranges::equal(base::Bytes(request.octets).subspan(lldp::kDraft02EcpHeaderSize),
                            ulpdu);
}

}  // namespace

void Conversation::take_ecp(std::size_t end, const DecodedFrame& frame) {
  if (!frame.ecpdu && !frame.draft_ecpdu) return;
  const auto operation = frame.draft_ecpdu ? frame.draft_ecpdu->operation : frame.ecpdu->operation;
  if (operation == lldp::EcpOperation::kAck) {
    take_ack(end, frame);
  } else {
    take_request(end, frame);
  }
}

/// Of two dialects the second begins anew.
EcpRequestFact::Kind Conversation::kind_of(const End& end, const DecodedFrame& frame) const {
  if (!end.request || end.request->dialect != dialect_of(frame)) {
    return EcpRequestFact::Kind::kFirst;
  }
  const bool resend = end.request->sequence == sequence_of(frame) ||
                      is_renumbered_resend(*end.request, frame, last_.at);
  return resend ? EcpRequestFact::Kind::kResend : EcpRequestFact::Kind::kNew;
}

void Conversation::take_request(std::size_t end, const DecodedFrame& frame) {
  auto& one = ends_[end];
  EcpRequestFact fact{scene(end, &frame, dialect_of(frame))};
  fact.kind = kind_of(one, frame);
  fact.sequence = sequence_of(frame);
  fact.previous = one.request ? &*one.request : nullptr;
  fact.previous_in_force = fact.in_force;
  const auto payload = frame.payload();
  if (fact.kind == EcpRequestFact::Kind::kResend) {
    const auto header = payload.size() - ulpdu_of(frame).size();
    const auto before = base::Bytes(one.request->octets);
    fact.same_octets = std::ranges::equal(before.subspan(std::min(header, before.size())),
                                          payload.subspan(header));
  }
  listener_->on(fact);
  if (fact.kind == EcpRequestFact::Kind::kResend) {
    auto& request = *one.request;
    if (fact.in_force) {
      const auto time = nanoseconds(fact.in_force->ack_time());
      measured({TimerKind::kAck, static_cast<std::uint32_t>(end), request.last, last_,
                last_.at - request.last.at, time, time, false, std::nullopt});
    }
    ++request.sends;
    request.last = last_;
    const bool renumbered = std::exchange(request.sequence, fact.sequence) != fact.sequence;
    if (renumbered && frame.draft_vdpdu) take_draft02_vdp(end, frame, true);
    return;
  }
  if (one.request) end_exchange(end, &frame, fact.kind == EcpRequestFact::Kind::kNew);
  begin_exchange(one, frame);
  if (frame.vdpdu) take_vdp(end, frame);
  if (frame.draft_vdpdu) take_draft02_vdp(end, frame, false);
}

void Conversation::begin_exchange(End& end, const DecodedFrame& frame) {
  if (!end.request) end.request.emplace();
  auto& request = *end.request;
  const auto payload = frame.payload();
  request.dialect = dialect_of(frame);
  request.sequence = sequence_of(frame);
  request.sends = 1;
  request.acks = 0;
  request.first = request.last = last_;
  request.acked = {};
  request.octets.assign(payload.begin(), payload.end());
  request.exchange = acknowledged_.size();
  request.first_sequence = request.sequence;
  request.round_trip = 0;
  request.open = true;
  acknowledged_.push_back(false);
  if (details_ == Details::kEach) exchanges_.emplace_back();  // filled in when it is over
}

void Conversation::end_exchange(std::size_t end, const DecodedFrame* frame, bool complete) {
  auto& one = ends_[end];
  ExchangeFact fact{scene(end, frame, one.request->dialect)};
  fact.request = &*one.request;
  fact.complete = complete;
  listener_->on(fact);
  auto& request = *one.request;
  note({static_cast<std::uint32_t>(end), request.first_sequence,
        static_cast<std::uint8_t>(std::min(request.sends, 255U)), request.open && complete,
        request.first, request.acked.frame, request.round_trip, request.dialect},
       request.exchange);
  request.open = false;
}

void Conversation::note(const Exchange& exchange, std::size_t number) {
  if (details_ == Details::kEach) exchanges_[number] = exchange;
  auto& summary = summaries_[exchange.end];
  ++summary.requests;
  summary.resends += exchange.sends - 1U;
  if (exchange.given_up) ++summary.given_up;
  if (exchange.acked_frame == 0) return;
  ++summary.acknowledged;
  summary.sum += exchange.round_trip;
  summary.slowest = std::max<std::uint64_t>(summary.slowest, exchange.round_trip);
}

/// With more than two ends on a link, who acknowledges whom is learned from the sequence.
void Conversation::adopt_requester(std::size_t acker, std::uint16_t sequence) {
  const auto waits = [&](const End& end) {
    return end.request && end.request->open && end.request->sequence == sequence;
  };
  const auto& one = ends_[acker];
  if (one.peer && waits(ends_[*one.peer])) return;
  std::optional<std::size_t> found;
  for (std::size_t other = 0; other < ends_.size(); ++other) {
    const auto& end = ends_[other];
    if (other == acker || end.interface != one.interface || !waits(end) ||
        end.service_vid != one.service_vid) {
      continue;
    }
    if (found) return;  // two wait for it: nobody can tell
    found = other;
  }
  if (found) pair(acker, *found);
}

EcpAckFact::Kind Conversation::match_ack(std::size_t end, lldp::Dialect dialect,
                                         std::uint16_t sequence) {
  using Kind = EcpAckFact::Kind;
  if (ends_.size() > 2) adopt_requester(end, sequence);
  if (!ends_[end].peer) return Kind::kUnknowable;
  const auto& request = ends_[*ends_[end].peer].request;
  if (!request || request->dialect != dialect) return Kind::kUnknowable;
  if (request->sequence == sequence) {
    return request->acks < request->sends ? Kind::kMatches : Kind::kRepeats;
  }
  const auto behind = static_cast<std::uint16_t>(request->sequence - sequence);
  return behind < kLateWindow ? Kind::kLate : Kind::kUnknown;
}

void Conversation::take_ack(std::size_t end, const DecodedFrame& frame) {
  const auto sequence = sequence_of(frame);
  const auto kind = match_ack(end, dialect_of(frame), sequence);  // it may find the peer
  EcpAckFact fact{scene(end, &frame, dialect_of(frame)), kind, sequence};
  fact.request = fact.peer != nullptr && fact.peer->request ? &*fact.peer->request : nullptr;
  listener_->on(fact);
  if (fact.kind != EcpAckFact::Kind::kMatches && fact.kind != EcpAckFact::Kind::kRepeats) return;
  auto& request = *ends_[*ends_[end].peer].request;
  ++request.acks;
  if (!request.open) return;
  request.open = false;
  request.acked = last_;
  acknowledged_[request.exchange] = true;
  request.round_trip = static_cast<std::uint32_t>(std::clamp<Nanoseconds>(
      (last_.at - request.last.at) / kNanosecondsPerMicrosecond, 0, UINT32_MAX));
}

}  // namespace agent::replay
