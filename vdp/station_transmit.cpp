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
  VdpduBuilder builder(manager, room_);
  ++ecpdu_;
  last_sent_.clear();
  unanswered_ = 0;
  bool only_keep_alives = true;
  for (Vsi* vsi = next_queued(manager); vsi != nullptr; vsi = next_queued(manager)) {
    const auto tlv = vsi->machine.to_transmit();
    // Organisational TLVs speak of the ECPDU they are in: their VSI travels alone.
    const bool alone = !vsi->want.organizational.empty();
    // What outgrew a lowered MTU leaves alone as well: the link says no, and the client hears of
    // it.
    if (!last_sent_.empty() && (alone || !builder.fits(encoded_size(tlv)))) break;
    only_keep_alives =
        only_keep_alives && vsi->machine.state() == StationVsi::State::kTransmitKeepalive;
    queue_.pop(manager);
    vsi->queued = false;
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
  while (const VsiId* id = queue_.front(manager)) {
    const auto found = vsis_.find(*id);
    Vsi* vsi = found == vsis_.end() ? nullptr : found->second.get();
    if (vsi != nullptr && vsi->machine.wants_to_transmit()) {
      if (vsi->machine.manager() == manager) return vsi;
      queue_.push(vsi->machine.manager(), *id);
    } else if (vsi != nullptr) {
      vsi->queued = false;
    }
    queue_.pop(manager);
  }
  return nullptr;
}

/// Fills what room is left with the keep-alives of this manager that are due soon.
void Station::add_due_soon(base::Instant now, const ManagerId& manager, VdpduBuilder& builder) {
  const auto horizon = now + waits_.keep_alive / kKeepAliveGathering;
  std::vector<Vsi*> soon;
  for (const auto& [at, vsi] : deadlines_.in_order()) {
    if (at > horizon || soon.size() > room_ / kAssociationSize) break;
    if (vsi->machine.state() == StationVsi::State::kWaitSystemCmd && !vsi->retry_at &&
        vsi->want.organizational.empty() && vsi->machine.oper_command().manager == manager) {
      soon.push_back(vsi);
    }
  }
  for (Vsi* vsi : soon) {
    if (!builder.fits(encoded_size(vsi->machine.to_transmit()))) return;
    vsi->machine.hasten_keep_alive(now);
    add(now, *vsi, builder);
  }
}

void Station::add(base::Instant now, Vsi& vsi, VdpduBuilder& builder) {
  builder.add(vsi.machine.to_transmit());
  for (const auto& tlv : vsi.want.organizational) builder.add(tlv);
  vsi.machine.transmitted(now);
  vsi.in_ecpdu = ecpdu_;
  ++vsi.tries;
  ++unanswered_;
  ++counters_.tlvs_sent;
  last_sent_.push_back(vsi.machine.id());
  deadlines_.set(vsi, vsi.deadline, base::earlier(vsi.machine.wait_until(), vsi.retry_at));
}

void Station::undelivered() {
  for (const auto& id : last_sent_) {
    if (const auto found = vsis_.find(id); found != vsis_.end()) found->second->ecp_lost = true;
  }
}

void Station::enqueue(Vsi& vsi) {
  if (std::exchange(vsi.queued, true)) return;
  queue_.push(vsi.machine.manager(), vsi.machine.id());
}

void Station::answered(Vsi& vsi) {
  if (std::exchange(vsi.in_ecpdu, 0) == ecpdu_ && ecpdu_ != 0 && unanswered_ > 0) --unanswered_;
}

}  // namespace vdp
