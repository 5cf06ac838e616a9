// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "agent/replay/conversation.hpp"

namespace agent::replay {
namespace {

using Station = vdp::StationVsi::State;
using Bridge = vdp::BridgeVsi::State;
using vdp::AssociationType;
using vdp::VsiCause;
using vdp::VsiState;

constexpr Nanoseconds kNanosecondsPerMicrosecond = 1000;
/// A time-out counts only when it is past by this part more: clocks and captures are not exact.
constexpr Nanoseconds kGraceDivisor = 20;

Nanoseconds nanoseconds(base::Duration duration) {
  return duration.count() * kNanosecondsPerMicrosecond;
}

bool repeats_agreed(const VsiLife& life, const vdp::AssociationTlv& tlv) {
  return life.state != VsiState::kDeassociated && tlv.type == life.agreed.type &&
         tlv.vsi_type == life.agreed.vsi_type && same_but_zeroes(tlv.filters, life.agreed.filters);
}

/// Whether a response or De-Associate ends the wait of `life`.
bool is_answer(const VsiLife& life, const vdp::AssociationTlv& tlv) {
  return life.pending && tlv.response &&
         (tlv.type == life.request.type || tlv.type == AssociationType::kDeAssociate);
}

}  // namespace

void Conversation::take_vdp(std::size_t end, const DecodedFrame& frame) {
  const auto& vdpdu = *frame.vdpdu;
  learn_role(end, vdpdu);
  const auto& one = ends_[end];
  const bool from_station =
      one.role == Role::kStation || (one.role == Role::kUnknown && !vdpdu.associations.empty() &&
                                     !vdpdu.associations.front().response);
  const Delivery delivery{end, from_station, one.request->exchange};
  for (const auto& tlv : vdpdu.associations) {
    take_association(delivery, &frame, vdpdu.manager, tlv);
  }
}

void Conversation::take_association(const Delivery& delivery, const DecodedFrame* frame,
                                    const vdp::ManagerId& manager, const vdp::AssociationTlv& tlv) {
  const auto end = delivery.end;
  const auto station = delivery.from_station ? end : ends_[end].peer.value_or(end);
  auto& life = life_of(static_cast<std::uint32_t>(station), tlv);
  settle(life, last_.at);
  if (life.dialect != delivery.dialect) change_over(life, delivery.dialect);
  VsiFact fact{scene(end, frame, delivery.dialect)};
  fact.manager = &manager;
  fact.from_station = delivery.from_station;
  fact.watched = delivery.watched;
  fact.tlv = &tlv;
  fact.life = &life;
  fact.answers = !delivery.from_station && is_answer(life, tlv);
  listener_->on(fact);
  if (delivery.from_station && !tlv.response) take_command(life, delivery, tlv, manager);
  const bool of_bridge = tlv.response || tlv.type == AssociationType::kDeAssociate;
  if (!delivery.from_station && of_bridge) take_response(life, tlv);
}

/// What was agreed in the other dialect is over, whether the EVB TLVs were seen to change or not.
void Conversation::change_over(VsiLife& life, lldp::Dialect dialect) {
  if (life.pending || life.state != VsiState::kDeassociated) {
    life.pending = false;
    move(life, Station::kInit, Bridge::kReleaseAll, VsiState::kDeassociated, VsiCause::kEvbLost);
  }
  life.dialect = dialect;
  life.requested = life.confirmed = life.deassociated_by_bridge = {};
  life.requested_under = life.confirmed_under = std::nullopt;
  life.refused_hard = life.must_deassociate = false;
}

void Conversation::learn_role(std::size_t end, const vdp::Vdpdu& vdpdu) {
  auto role = Role::kUnknown;
  for (const auto& tlv : vdpdu.associations) {
    if (role != Role::kUnknown) break;
    if (tlv.response) role = Role::kBridge;
    if (!tlv.response && tlv.type != AssociationType::kDeAssociate) role = Role::kStation;
  }
  set_role(end, role);
}

/// Mostly it is the VSI of the TLV before, which is answered, or the one after it, whose turn it
/// is.
VsiLife& Conversation::life_of(std::uint32_t station, const vdp::AssociationTlv& tlv) {
  for (const auto guess : {last_vsi_, last_vsi_ + 1}) {
    if (guess >= vsis_.size()) break;
    auto& life = vsis_[guess];
    if (life.id != tlv.id || life.station != station) continue;
    last_vsi_ = guess;
    return life;
  }
  const auto [found, added] = vsi_index_.try_emplace({tlv.id, station}, vsis_.size());
  if (added) {
    vsis_.emplace_back();
    vsis_.back().id = tlv.id;
    vsis_.back().station = station;
  }
  last_vsi_ = found->second;
  return vsis_[last_vsi_];
}

void Conversation::take_keep_alive(VsiLife& life, const InForce& values) {
  ++life.keep_alives;
  if (!values || !life.confirmed_under) return;
  const auto a = nanoseconds(values->keep_alive_time());
  const auto b = nanoseconds(life.confirmed_under->keep_alive_time());
  const TimerFact timer{
      TimerKind::kKeepAlive, life.station,   life.confirmed, last_,  last_.at - life.confirmed.at,
      std::min(a, b),        std::max(a, b), false,          life.id};
  measured(timer);
  const bool early = timer.measured < timer.earliest * 3 / 4;  // those close by leave together
  life.early_keep_alives = early ? life.early_keep_alives + 1 : 0;
  VsiTimerFact fact{scene(life.station, nullptr, life.dialect)};
  fact.timer = &timer;
  fact.life = &life;
  listener_->on(fact);
}

void Conversation::take_command(VsiLife& life, const Delivery& delivery,
                                const vdp::AssociationTlv& tlv, const vdp::ManagerId& manager) {
  const auto values = values_at(life.station, delivery.dialect);
  life.keep_alive = repeats_agreed(life, tlv) && life.confirmed.frame != 0;
  if (life.keep_alive && !life.pending && !delivery.repeated) take_keep_alive(life, values);
  life.manager = manager;
  life.request = tlv;
  life.requested = last_;
  life.requested_under = values;
  life.exchange = delivery.exchange;
  life.pending = true;
  life.refused_hard = false;
  life.must_deassociate = false;
  move(life, life.keep_alive ? Station::kTransmitKeepalive : Station::kStationProcessing,
       life.keep_alive ? Bridge::kProcessKeepalive : Bridge::kBridgeProcessing, life.state,
       VsiCause::kRequested);
}

void Conversation::take_response(VsiLife& life, const vdp::AssociationTlv& tlv) {
  const bool answer = is_answer(life, tlv);
  if (answer && life.requested_under) {
    const auto limit = nanoseconds(life.requested_under->response_wait_time());
    const TimerFact timer{TimerKind::kResponse,
                          life.station,
                          life.requested,
                          last_,
                          last_.at - life.requested.at,
                          0,
                          limit,
                          false,
                          life.id};
    measured(timer);
    const auto bridge = ends_[life.station].peer.value_or(life.station);
    VsiTimerFact fact{scene(bridge, nullptr, life.dialect)};
    fact.timer = &timer;
    fact.life = &life;
    listener_->on(fact);
  }
  life.responded = last_;
  const bool asked_to_end = life.pending && life.request.type == AssociationType::kDeAssociate;
  if (tlv.type == AssociationType::kDeAssociate) {
    if (!asked_to_end) end_by_bridge(life);
    life.refused_hard = answer && !asked_to_end && tlv.hard_or_m;
    life.pending = false;
    const auto cause = asked_to_end ? VsiCause::kDeassociatedByClient
                       : answer     ? VsiCause::kRefusedByBridge
                                    : VsiCause::kDeassociatedByBridge;
    move(life, Station::kInit, Bridge::kReleaseAll, VsiState::kDeassociated, cause);
    return;
  }
  if (life.pending && !answer) return;
  if (!life.pending && life.requested.frame != 0) return;
  tlv.reason == vdp::Reason::kSuccess ? confirm(life, tlv) : refuse(life, tlv);
  life.pending = false;
}

void Conversation::confirm(VsiLife& life, const vdp::AssociationTlv& tlv) {
  life.agreed = tlv;
  life.confirmed = last_;
  life.confirmed_under = values_at(life.station, life.dialect);
  move(life, Station::kWaitSystemCmd, Bridge::kWaitStationCmd, vdp::state_after(tlv.type),
       VsiCause::kConfirmed);
}

void Conversation::refuse(VsiLife& life, const vdp::AssociationTlv& tlv) {
  life.refused_hard = tlv.hard_or_m;
  const bool keeps = tlv.keep_or_s && life.state == VsiState::kAssociated;
  if (keeps && life.keep_alive) {
    life.must_deassociate = true;
    move(life, Station::kTransmitDeassoc, Bridge::kWaitStationCmd, life.state,
         VsiCause::kRefusedByBridge);
  } else if (keeps) {
    life.confirmed = last_;  // the old association goes on, and is kept alive from now
    life.confirmed_under = values_at(life.station, life.dialect);
    move(life, Station::kWaitSystemCmd, Bridge::kWaitStationCmd, life.state,
         VsiCause::kRefusedByBridge);
  } else {
    move(life, Station::kInit, Bridge::kReleaseAll, VsiState::kDeassociated,
         VsiCause::kRefusedByBridge);
  }
}

/// Until when silence says something: not after one of the ends forgot the other.
Nanoseconds Conversation::known_until(const VsiLife& life, Nanoseconds now) const {
  const auto& station = ends_[life.station];
  if (station.lldp && station.lldp->ttl != 0) now = std::min(now, station.lldp->until());
  if (!station.peer) return now;
  const auto& bridge = ends_[*station.peer];
  if (bridge.lldp && bridge.lldp->ttl != 0) now = std::min(now, bridge.lldp->until());
  return now;
}

/// Draws the conclusions from time that has passed since this VSI was last spoken of.
void Conversation::settle(VsiLife& life, Nanoseconds now) {
  const auto until = known_until(life, now);
  if (life.pending && life.requested_under) {
    overdue(life, TimerKind::kResponse, life.requested, *life.requested_under, until);
  } else if (!life.pending && life.state != VsiState::kDeassociated && life.confirmed_under) {
    overdue(life, TimerKind::kKeepAlive, life.confirmed, *life.confirmed_under, until);
  }
}

void Conversation::overdue(VsiLife& life, TimerKind kind, Moment started,
                           const lldp::EvbOperational& values, Nanoseconds now) {
  const bool response = kind == TimerKind::kResponse;
  const auto latest =
      nanoseconds(response ? values.response_wait_time() : values.keep_alive_timeout());
  if (now - started.at <= latest + latest / kGraceDivisor) return;
  tell_overdue(life, kind, started, latest, now);
  life.pending = false;
  move(life, Station::kInit, response ? life.bridge_state : Bridge::kReleaseAll,
       VsiState::kDeassociated, response ? VsiCause::kNoResponse : VsiCause::kNoKeepAlive);
}

void Conversation::tell_overdue(const VsiLife& life, TimerKind kind, Moment started,
                                Nanoseconds latest, Nanoseconds now) {
  const auto& station = ends_[life.station];
  if (station.role != Role::kStation || !station.peer) return;
  const TimerFact timer{kind, life.station, started, {},     now - started.at,
                        0,    latest,       true,    life.id};
  measured(timer);
  const auto whose = kind == TimerKind::kResponse ? *station.peer : life.station;
  VsiTimerFact fact{scene(whose, nullptr, life.dialect)};
  fact.moment = started;
  fact.timer = &timer;
  fact.life = &life;
  fact.acknowledged = acknowledged_[life.exchange];
  listener_->on(fact);
}

/// The bridge ends it unasked. By its clock toutKeepAlive may just have run out.
void Conversation::end_by_bridge(VsiLife& life) {
  life.deassociated_by_bridge = last_;
  const bool held = !life.pending && life.state != VsiState::kDeassociated;
  if (!held || !life.confirmed_under) return;
  const auto latest = nanoseconds(life.confirmed_under->keep_alive_timeout());
  if (last_.at - life.confirmed.at < latest - latest / kGraceDivisor) return;
  tell_overdue(life, TimerKind::kKeepAlive, life.confirmed, latest, last_.at);
}

/// EVB is gone at one end: every VSI between it and its peer ends, with what is known until `now`.
void Conversation::settle_all(std::size_t end, Nanoseconds now) {
  const auto peer = ends_[end].peer;
  for (auto& life : vsis_) {
    if (life.station != end && (!peer || life.station != *peer)) continue;
    settle(life, now);
    const bool idle = !life.pending && life.state == VsiState::kDeassociated;
    life.pending = false;
    if (!idle) {
      move(life, Station::kInit, Bridge::kReleaseAll, VsiState::kDeassociated, VsiCause::kEvbLost);
    }
  }
}

void Conversation::move(VsiLife& life, Station station, Bridge bridge, VsiState state,
                        VsiCause cause) {
  const bool keep_alive =
      life.station_state == Station::kTransmitKeepalive || station == Station::kTransmitKeepalive;
  const bool plain = keep_alive && state == life.state && cause != VsiCause::kRefusedByBridge;
  const bool same = station == life.station_state && bridge == life.bridge_state;
  life.station_state = station;
  life.bridge_state = bridge;
  life.state = state;
  if (plain || same) return;
  if (timeline_entries_ >= kDetailLimit) {
    ++left_out_;
    return;
  }
  ++timeline_entries_;
  life.timeline.push_back({last_, station, bridge, state, cause, life.request.type, life.dialect});
}

}  // namespace agent::replay
