// SPDX-License-Identifier: Apache-2.0
#include "lldp/receive_machine.hpp"

#include "lldp/base/deadlines.hpp"

namespace lldp {

// clang-format off
// The first two arrows stand before the open one because what is left of a dead port's neighbours
// has to go while the open arrow holds the machine.
constexpr base::Arrow<ReceiveMachine> ReceiveMachine::kDiagram[] = {
  // from                            when                              to
  {State::kLldpWaitPortOperational,  &ReceiveMachine::port_left_info,  State::kDeleteAgedInfo},
  {State::kDeleteAgedInfo,           &ReceiveMachine::always,          State::kLldpWaitPortOperational},
  {std::nullopt,                     &ReceiveMachine::port_disabled,   State::kLldpWaitPortOperational},
  {State::kLldpWaitPortOperational,  &ReceiveMachine::port_enabled,    State::kRxLldpInitialize},
  {State::kRxLldpInitialize,         &ReceiveMachine::rx_enabled,      State::kRxWaitForFrame},
  {State::kRxWaitForFrame,           &ReceiveMachine::rx_disabled,     State::kRxLldpInitialize},
  {State::kRxWaitForFrame,           &ReceiveMachine::rcv_frame,       State::kRxFrame},
  {State::kRxWaitForFrame,           &ReceiveMachine::rx_info_age,     State::kDeleteInfo},
  {State::kRxFrame,                  &ReceiveMachine::shutdown,        State::kDeleteInfo},
  {State::kRxFrame,                  &ReceiveMachine::rx_changes,      State::kUpdateInfo},
  {State::kRxFrame,                  &ReceiveMachine::always,          State::kRxWaitForFrame},  // badFrame, or nothing new
  {State::kDeleteInfo,               &ReceiveMachine::always,          State::kRxWaitForFrame},
  {State::kUpdateInfo,               &ReceiveMachine::always,          State::kRxWaitForFrame},
};
// clang-format on

void ReceiveMachine::run(base::Instant now, LldpOutputs& out) {
  now_ = now;
  out_ = &out;
  if (too_many_until_ && *too_many_until_ <= now) too_many_until_.reset();
  base::run<kDiagram>(*this);
  out_ = nullptr;
}

void ReceiveMachine::receive(base::Instant now, base::Bytes lldpdu, const MacAddress& source,
                             LldpOutputs& out) {
  if (state_ != State::kRxWaitForFrame) return;
  received_ = Received{lldpdu, source};
  run(now, out);
  received_.reset();
}

std::optional<base::Instant> ReceiveMachine::deadline() const {
  return base::earlier(remote_.next_age(), too_many_until_);
}

void ReceiveMachine::enter(State state) {
  const State left = std::exchange(state_, state);
  switch (state) {
    case State::kLldpWaitPortOperational: break;
    case State::kDeleteAgedInfo: delete_all(); break;
    case State::kRxLldpInitialize:
      delete_all();
      too_many_until_.reset();
      break;
    case State::kRxWaitForFrame: break;
    case State::kRxFrame: verdict_ = process_frame(); break;
    case State::kDeleteInfo: delete_info(left); break;
    case State::kUpdateInfo: update_info(); break;
  }
}

/// rxProcessFrame() (9.2.7.7).
ReceiveMachine::Verdict ReceiveMachine::process_frame() {
  const auto received = *std::exchange(received_, std::nullopt);
  ++v_.counters.frames_in;
  auto decoded = decode_lldpdu(received.lldpdu);
  if (!decoded) {
    ++v_.counters.frames_in_errors;
    return refuse(decoded.error());
  }
  lldpdu_ = *std::move(decoded);
  source_ = received.source;
  v_.counters.tlvs_discarded += lldpdu_.tlvs_discarded;
  v_.counters.tlvs_unrecognized += lldpdu_.tlvs_unrecognized;
  if (lldpdu_.overrun) ++v_.counters.frames_in_errors;
  return judge();
}

ReceiveMachine::Verdict ReceiveMachine::judge() {
  if (same_msap(lldpdu_.information, v_.config.local)) {
    return refuse({base::Fault::kOwnFrame, 0});  // looped back: the standard leaves it open
  }
  if (lldpdu_.ttl == 0) return Verdict::kShutdown;
  auto* known = remote_.find(lldpdu_.information);
  if (known == nullptr) {
    if (remote_.size() < v_.config.max_neighbors) return Verdict::kChanged;
    note_too_many();
    return Verdict::kUnchanged;
  }
  if (known->information != lldpdu_.information) return Verdict::kChanged;
  known->source = source_;
  known->ttl = lldpdu_.ttl;
  known->expires = now_ + std::chrono::seconds(lldpdu_.ttl);
  known->unrecognized_tlvs = lldpdu_.tlvs_unrecognized;
  return Verdict::kUnchanged;
}

ReceiveMachine::Verdict ReceiveMachine::refuse(base::DecodeError error) {
  ++v_.counters.frames_discarded;
  out_->push_back(LldpduRefused{error});
  return Verdict::kBadFrame;
}

/// 9.2.7.7.5: the new one is refused, and the flag stays until the longest TTL refused has run out.
void ReceiveMachine::note_too_many() {
  ++v_.counters.drops;
  const auto until = now_ + std::chrono::seconds(lldpdu_.ttl);
  too_many_until_ = std::max(too_many_until_.value_or(until), until);
}

/// mibDeleteObjects(): the sender of a shutdown LLDPDU, or whatever has aged.
void ReceiveMachine::delete_info(State from) {
  std::size_t deleted = 0;
  if (from == State::kRxFrame) {
    deleted = remote_.erase(lldpdu_.information) ? 1 : 0;
  } else {
    deleted = remote_.erase_aged(now_);
    v_.counters.ageouts += deleted;
  }
  v_.counters.deletes += deleted;
  if (deleted > 0) out_->push_back(NeighborsChanged{});
}

/// Neither a port without link nor an agent that does not receive has neighbours.
void ReceiveMachine::delete_all() {
  if (remote_.empty()) return;
  v_.counters.deletes += remote_.size();
  remote_.clear();
  out_->push_back(NeighborsChanged{});
}

/// mibUpdateObjects(): the LLDPDU replaces all that its MSAP had said before.
void ReceiveMachine::update_info() {
  auto* known = remote_.find(lldpdu_.information);
  Neighbor neighbor;
  neighbor.source = source_;
  neighbor.ttl = lldpdu_.ttl;
  neighbor.expires = now_ + std::chrono::seconds(lldpdu_.ttl);
  neighbor.first_heard = known != nullptr ? known->first_heard : now_;
  neighbor.last_changed = now_;
  neighbor.unrecognized_tlvs = lldpdu_.tlvs_unrecognized;
  neighbor.information = std::move(lldpdu_.information);
  if (known != nullptr) {
    *known = std::move(neighbor);
  } else {
    remote_.insert(std::move(neighbor));
    ++v_.counters.inserts;
    v_.new_neighbor = true;
  }
  out_->push_back(NeighborsChanged{});
}

std::string_view to_string(ReceiveMachine::State state) {
  switch (state) {
    using enum ReceiveMachine::State;
    case kLldpWaitPortOperational: return "LLDP_WAIT_PORT_OPERATIONAL";
    case kDeleteAgedInfo: return "DELETE_AGED_INFO";
    case kRxLldpInitialize: return "RX_LLDP_INITIALIZE";
    case kRxWaitForFrame: return "RX_WAIT_FOR_FRAME";
    case kRxFrame: return "RX_FRAME";
    case kDeleteInfo: return "DELETE_INFO";
    case kUpdateInfo: return "UPDATE_INFO";
  }
  return "?";
}

}  // namespace lldp
