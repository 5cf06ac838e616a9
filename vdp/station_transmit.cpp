// SPDX-License-Identifier: Apache-2.0
// The sending side of Station: what waits, what shares an ECPDU, and when it may leave.
#include <utility>

#include "vdp/station_entry.hpp"

namespace vdp {

bool Station::ready(base::Instant now) const {
  return !queue_.empty() && (bridge_packs_ || unanswered_ == 0 || now >= pace_until_);
}

std::optional<base::Instant> Station::ready_at() const {
  if (queue_.empty() || unanswered_ == 0 || bridge_packs_) return std::nullopt;
  return pace_until_;
}

base::Octets Station::next_vdpdu(base::Instant now) {
  const ManagerId manager = queue_.next_manager();
  VdpduBuilder builder(rules_->format, manager, room_);
  ++ecpdu_;
  last_sent_.clear();
  unanswered_ = 0;
  bool only_keep_alives = true;
  for (Vsi* vsi = next_queued(manager); vsi != nullptr; vsi = next_queued(manager)) {
    // Organisational TLVs speak of the ECPDU they are in: their VSI travels alone.
    const bool alone = !vsi->want.organizational.empty();
    // What outgrew a lowered MTU leaves alone as well: the link says no, and the client hears of
    // it.
    const bool fits = builder.fits(encoded_size(vsi->machine.filters_to_transmit()));
    if (!last_sent_.empty() && (alone || !fits)) break;
    only_keep_alives =
        only_keep_alives && vsi->machine.state() == StationVsi::State::kTransmitKeepalive;
    dequeue(*vsi);
    queue_.pass_on(manager);
    add(now, *vsi, builder);
    if (alone) {
      only_keep_alives = false;
      break;
    }
  }
  if (last_sent_.empty()) return {};
  if (only_keep_alives) add_due_soon(now, manager, builder);
  pace_until_ = now + kResponsePace;
  return std::move(builder).finish();
}

/// Drops what was queued and is no longer wanted, and re-sorts what changed its manager.
Station::Vsi* Station::next_queued(const ManagerId& manager) {
  while (auto* const line = queue_.find(manager)) {
    Vsi& vsi = *line->first()->owner;
    const bool wants = vsi.machine.wants_to_transmit();
    if (wants && vsi.machine.manager() == manager) return &vsi;
    dequeue(vsi);
    if (wants) enqueue(vsi);
  }
  return nullptr;
}

/// Fills what room is left with the keep-alives of this manager that are due soon.
void Station::add_due_soon(base::Instant now, const ManagerId& manager, VdpduBuilder& builder) {
  const auto horizon = now + waits_.keep_alive / kKeepAliveGathering;
  while (auto* const line = keep_alives_.find(manager)) {
    Vsi* const vsi = line->due(horizon);
    if (vsi == nullptr || !builder.fits(encoded_size(vsi->machine.oper_command().filters))) return;
    vsi->machine.hasten_keep_alive(now);
    add(now, *vsi, builder);
  }
}

void Station::add(base::Instant now, Vsi& vsi, VdpduBuilder& builder) {
  builder.add(vsi.machine.to_transmit());
  for (const auto& tlv : vsi.want.organizational) builder.add(tlv);
  vsi.machine.transmitted(now);
  vsi.in_ecpdu = ecpdu_;
  if (vsi.machine.state() == StationVsi::State::kStationProcessing) ++vsi.tries;
  ++unanswered_;
  ++counters_.tlvs_sent;
  last_sent_.push_back(vsi.id());
  arm(vsi);
}

void Station::arm(Vsi& vsi) {
  const auto wait = vsi.machine.wait_until();
  deadlines_.set(vsi, vsi.deadline, base::earlier(wait, vsi.retry_at));
  const bool gathers = vsi.machine.state() == StationVsi::State::kWaitSystemCmd && !vsi.retry_at &&
                       vsi.want.organizational.empty();
  list_keep_alive(vsi, gathers ? wait : std::nullopt);
}

void Station::list_keep_alive(Vsi& vsi, std::optional<base::Instant> at) {
  const ManagerId& manager = vsi.machine.oper_command().manager;
  if (vsi.keep_alive.is_set() && (!at || vsi.keep_alive_of != manager)) {
    keep_alives_.find(vsi.keep_alive_of)->set(vsi, vsi.keep_alive, std::nullopt);
    keep_alives_.taken_from(vsi.keep_alive_of);
  }
  if (!at) return;
  vsi.keep_alive_of = manager;
  keep_alives_.of(manager).set(vsi, vsi.keep_alive, at);
}

void Station::undelivered() {
  for (const auto& id : last_sent_) {
    if (Vsi* const vsi = vsis_.find(id)) vsi->ecp_lost = true;
  }
}

void Station::enqueue(Vsi& vsi) {
  if (vsi.queued.owner != nullptr) return;
  vsi.queued_for = vsi.machine.manager();
  queue_.of(vsi.queued_for).push_back(vsi, vsi.queued);
}

void Station::dequeue(Vsi& vsi) {
  if (vsi.queued.owner == nullptr) return;
  queue_.find(vsi.queued_for)->remove(vsi.queued);
  queue_.taken_from(vsi.queued_for);
}

void Station::answered(Vsi& vsi) {
  if (std::exchange(vsi.in_ecpdu, 0) == ecpdu_ && ecpdu_ != 0 && unanswered_ > 0) --unanswered_;
}

}  // namespace vdp
