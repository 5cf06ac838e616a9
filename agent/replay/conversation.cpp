// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/conversation.hpp"

#include <algorithm>

#include "lldp/draft02_negotiation.hpp"

namespace agent::replay {
namespace {

std::uint64_t packed(const lldp::MacAddress& address, std::uint16_t vid) {
  std::uint64_t key = vid;
  for (const auto octet : address.octets) key = key << 8U | octet;
  return key;
}

bool same_link(const End& a, const End& b) {
  return a.interface == b.interface && a.service_vid == b.service_vid;
}

/// What makes a sender one end of a conversation: an EVB TLV, or ECP. LLDP alone does not.
bool takes_part(const DecodedFrame& frame, bool known) {
  const auto& scan = frame.scan;
  return frame.protocol == Protocol::kEcp || frame.protocol == Protocol::kDraftEcp ||
         (frame.protocol == Protocol::kLldp && (known || scan.evb || scan.draft_evb || scan.cdcp));
}

lldp::EvbOperational negotiated(const lldp::EvbTlv& ours, const lldp::EvbTlv& theirs) {
  lldp::EvbOperational values;
  values.on = ours.mode != theirs.mode && ours.mode != lldp::EvbMode::kNotSupported &&
              theirs.mode != lldp::EvbMode::kNotSupported;
  values.max_retries = std::max(ours.max_retries, theirs.max_retries);
  values.retransmit_exponent = std::max(ours.retransmit_exponent, theirs.retransmit_exponent);
  values.resource_wait_delay = std::max(ours.resource_wait_delay, theirs.resource_wait_delay);
  values.reinit_keep_alive = std::max(ours.reinit_keep_alive, theirs.reinit_keep_alive);
  const auto& bridge = ours.mode == lldp::EvbMode::kEvbBridge ? ours : theirs;
  const auto& station = ours.mode == lldp::EvbMode::kEvbBridge ? theirs : ours;
  values.group_ids = bridge.bridge_group_ids && station.station_group_ids;
  values.relay_status = bridge.relay_control ? lldp::RelayStatus::kOn : lldp::RelayStatus::kOff;
  return values;
}

/// The draft's times are fixed; RTE is exchanged all the same. Reflective relay is on where both
/// have chosen it.
lldp::EvbOperational negotiated(const lldp::Draft02EvbTlv& ours,
                                const lldp::Draft02EvbTlv& theirs) {
  lldp::EvbProposal proposal;
  proposal.retransmit_exponent = ours.retransmit_exponent;
  lldp::Draft02Negotiation negotiation(proposal);
  negotiation.set_remote(theirs);
  auto values = negotiation.operational();
  values.on = values.on && ours.supported.ecp && ours.supported.vdp;
  const bool relay = ours.configured.reflective_relay && theirs.configured.reflective_relay;
  values.relay_status = relay ? lldp::RelayStatus::kOn : lldp::RelayStatus::kOff;
  return values;
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kUnknown: return "unknown";
    case Role::kStation: return "station";
    case Role::kBridge: return "bridge";
  }
  return "?";
}

std::string_view to_string(TimerKind kind) {
  switch (kind) {
    case TimerKind::kAck: return "ackTimer";
    case TimerKind::kResponse: return "respWaitDelay";
    case TimerKind::kKeepAlive: return "reinitKeepAlive";
  }
  return "?";
}

const TimerStatistics& Conversation::statistics(std::size_t end, TimerKind kind) const {
  return statistics_[end][static_cast<std::size_t>(kind)];
}

void Conversation::take(const DecodedFrame& frame) {
  last_ = {frame.captured.number, frame.captured.nanoseconds};
  if (first_.frame == 0) first_ = last_;
  condition_.take(frame);
  const EndKey key{packed(frame.link.source, frame.link.service_vid()), frame.link.interface};
  const auto known = end_index_.find(key);
  if (!takes_part(frame, known != end_index_.end())) {
    if (frame.protocol == Protocol::kLldp) newcomer_ = last_;
    FrameFact fact;
    fact.frame = &frame;
    fact.moment = last_;
    listener_->on(fact);
    return;
  }
  const auto end = known != end_index_.end() ? known->second : end_of(frame);
  ends_[end].last = last_;
  ++ends_[end].frames;
  expire(end);
  if (ends_[end].peer) expire(*ends_[end].peer);
  FrameFact fact{scene(end, &frame)};
  fact.uplink = cdcp_of_uplink(frame);
  listener_->on(fact);
  if (frame.protocol == Protocol::kLldp) {
    take_lldp(end, frame);
  } else {
    take_ecp(end, frame);
  }
}

void Conversation::finish() {
  deliver_kept(draft02_roles_.take_all());
  for (std::size_t end = 0; end < ends_.size(); ++end) {
    expire(end);
    if (ends_[end].request) end_exchange(end, nullptr, false);
  }
  for (auto& life : vsis_) settle(life, last_.at);
}

std::size_t Conversation::end_of(const DecodedFrame& frame) {
  End end;
  end.address = frame.link.source;
  end.interface = frame.link.interface;
  end.service_vid = frame.link.service_vid();
  end.first = last_;
  const auto index = ends_.size();
  ends_.push_back(std::move(end));
  statistics_.emplace_back();
  summaries_.emplace_back();
  end_index_[{packed(frame.link.source, frame.link.service_vid()), frame.link.interface}] = index;
  find_peer(index);
  return index;
}

const lldp::CdcpTlv* Conversation::cdcp_of_uplink(const DecodedFrame& frame) const {
  if (frame.link.service_vid() == 0) return nullptr;
  const auto uplink = end_index_.find({packed(frame.link.source, 0), frame.link.interface});
  if (uplink == end_index_.end() || !ends_[uplink->second].cdcp) return nullptr;
  return &*ends_[uplink->second].cdcp;
}

/// The one other end of the same link that has no peer yet. With more than two, acknowledgements
/// tell who answers whom, see adopt_requester.
void Conversation::find_peer(std::size_t end) {
  for (std::size_t other = 0; other < ends_.size(); ++other) {
    if (other != end && !ends_[other].peer && same_link(ends_[end], ends_[other])) {
      pair(end, other);
      return;
    }
  }
}

void Conversation::pair(std::size_t one, std::size_t other) {
  for (const auto index : {one, other}) {
    if (const auto former = ends_[index].peer) {
      ends_[*former].peer.reset();
      ends_[*former].in_force.reset();
    }
  }
  ends_[one].peer = other;
  ends_[other].peer = one;
  negotiate(ends_[one]);
  negotiate(ends_[other]);
}

Scene Conversation::scene(std::size_t end, const DecodedFrame* frame, lldp::Dialect dialect) const {
  const auto& one = ends_[end];
  return {frame, &one,    one.peer ? &ends_[*one.peer] : nullptr,
          last_, dialect, values_at(end, dialect)};
}

/// The values in force there, if they are of this dialect.
InForce Conversation::values_at(std::size_t end, lldp::Dialect dialect) const {
  const auto& values = ends_[end].in_force;
  return values && values->dialect == dialect ? values : std::nullopt;
}

/// What an end is, and so what its peer is.
void Conversation::set_role(std::size_t end, Role role) {
  auto& one = ends_[end];
  if (one.role == Role::kUnknown) one.role = role;
  if (one.role == Role::kUnknown || !one.peer) return;
  auto& peer = ends_[*one.peer];
  if (peer.role == Role::kUnknown) {
    peer.role = one.role == Role::kStation ? Role::kBridge : Role::kStation;
  }
}

/// The values in force at `end`, after its or its peer's EVB TLVs changed: those of the ratified
/// dialect where both speak it.
void Conversation::negotiate(End& end) const {
  end.in_force.reset();
  if (!end.peer || !end.lldp) return;
  const auto& peer = ends_[*end.peer];
  if (!peer.lldp) return;
  if (end.lldp->evb && peer.lldp->evb) {
    end.in_force = negotiated(*end.lldp->evb, *peer.lldp->evb);
  } else if (end.lldp->draft_evb && peer.lldp->draft_evb) {
    end.in_force = negotiated(*end.lldp->draft_evb, *peer.lldp->draft_evb);
  }
}

/// Forgets what an end said by LLDP once its TTL has run out.
void Conversation::expire(std::size_t end) {
  const auto& state = ends_[end].lldp;
  if (state && state->speaks_evb() && state->until() < last_.at) evb_lost(end);
}

void Conversation::measured(const TimerFact& timer) {
  if (!timer.overdue) {
    auto& all = statistics_[timer.end][static_cast<std::size_t>(timer.kind)];
    all.shortest = all.count == 0 ? timer.measured : std::min(all.shortest, timer.measured);
    all.longest = std::max(all.longest, timer.measured);
    all.sum += static_cast<double>(timer.measured);
    ++all.count;
  }
  if (details_ == Details::kNone) return;
  if (timers_.size() < kDetailLimit) {
    timers_.push_back(timer);
  } else {
    ++left_out_;
  }
}

}  // namespace agent::replay
