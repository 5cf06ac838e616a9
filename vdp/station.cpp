// SPDX-License-Identifier: Apache-2.0
#include "vdp/station.hpp"

#include <algorithm>

#include "lldp/tlv.hpp"
#include "vdp/station_entry.hpp"

namespace vdp {

Station::Station(const PortConfig& config) { configure(config); }
Station::~Station() = default;

void Station::configure(const PortConfig& config) {
  retry_ = config.retry;
  room_ = vdpdu_room(config.mtu);
  max_vsis_ = config.max_vsis;
}

namespace {

/// Octets of the PDU that carries this request alone, with its organisational TLVs; one of those
/// that is too long for its length field makes it too long for any frame.
std::size_t pdu_size(const VsiRequest& request) {
  const auto& filters = request.filters;
  std::size_t size = kManagerTlvSize + lldp::kTlvHeaderSize + kAssociationSize +
                     filters.entries.size() * entry_size(filters.format) + kEndTlvSize;
  for (const auto& tlv : request.organizational) {
    const auto value = tlv.oui.size() + tlv.information.size();
    size += lldp::kTlvHeaderSize + (value > lldp::kMaxTlvLength ? kMaxMtu : value);
  }
  return size;
}

}  // namespace

LocalRefusal Station::refusal_of(const VsiRequest& request) const {
  const auto& filters = request.filters;
  const auto size = filters.entries.size();
  if (size == 0) return LocalRefusal::kNoFilters;
  if (size > max_filter_entries(filters.format) || pdu_size(request) > room_) {
    return LocalRefusal::kTooManyFilters;
  }
  const auto reserved = [](const FilterEntry& entry) { return entry.vid >= 4095; };
  if (std::ranges::any_of(filters.entries, reserved)) return LocalRefusal::kReservedVid;
  if (evb_.on) {
    const auto unsayable = rules_->unsayable(request, evb_);
    if (unsayable != LocalRefusal::kNone) return unsayable;
  }
  if (vsis_.size() >= max_vsis_ && vsis_.find(request.id) == nullptr)
    return LocalRefusal::kTooManyVsis;
  return LocalRefusal::kNone;
}

namespace {

bool same_request(const VsiRequest& a, const VsiRequest& b) {
  return a.type == b.type && a.manager == b.manager && a.vsi_type == b.vsi_type &&
         a.filters == b.filters && a.migration == b.migration &&
         a.organizational == b.organizational;
}

}  // namespace

void Station::associate(base::Instant now, const VsiRequest& request, Outputs& out) {
  if (const auto refusal = refusal_of(request); refusal != LocalRefusal::kNone) {
    out.push_back(RequestRefused{request.id, refusal});
    return;
  }
  Vsi* const known = vsis_.find(request.id);
  const bool is_new = known == nullptr;
  Vsi& vsi = is_new ? vsis_.make(request.id, waits_) : *known;
  if (is_new) vsi.since = now;
  const bool again = !is_new && vsi.wanted && same_request(vsi.want, request);
  vsi.want = request;
  vsi.wanted = true;
  vsi.backoff = retry_.first;
  const bool under_way = vsi.machine.state() == StationVsi::State::kStationProcessing;
  const bool in_force = !under_way && vsi.machine.vsi_state() != VsiState::kDeassociated &&
                        !vsi.failure && !vsi.pending;
  if (again && in_force) {
    tell(vsi, VsiCause::kConfirmed, out);  // as agreed already: nothing to ask the bridge
    return;
  }
  if (!(again && under_way)) vsi.pending = true;
  vsi.retry_at.reset();
  tell(vsi, VsiCause::kRequested, out);
  settle(now, vsi, out);
}

void Station::deassociate(base::Instant now, const DeassociateRequested& request, Outputs& out) {
  Vsi* const found = vsis_.find(request.id);
  if (found == nullptr) {
    out.push_back(RequestRefused{request.id, LocalRefusal::kUnknownVsi});
    return;
  }
  Vsi& vsi = *found;
  vsi.wanted = false;
  vsi.pending = false;
  vsi.retry_at.reset();
  const bool unsent = vsi.machine.state() == StationVsi::State::kStationProcessing &&
                      vsi.machine.vsi_state() == VsiState::kDeassociated &&
                      vsi.machine.wants_to_transmit() && vsi.tries == 0;
  // What was sent and never answered may have been heard all the same.
  const bool maybe_held = evb_.on && vsi.failure && vsi.failure->cause == VsiCause::kNoResponse;
  if (unsent || (vsi.machine.state() == StationVsi::State::kInit && !maybe_held)) {
    remove(vsi, VsiCause::kDeassociatedByClient, out);
    return;
  }
  if (!vsi.machine.releasing()) {
    const bool agreed = vsi.machine.vsi_state() != VsiState::kDeassociated;
    Command release = agreed ? vsi.machine.oper_command() : vsi.machine.sys_command();
    release.type = AssociationType::kDeAssociate;
    release.migration = request.migration;
    vsi.machine.command(now, release);
  }
  settle(now, vsi, out);
}

void Station::evb_changed(base::Instant now, const lldp::EvbOperational& evb, Outputs& out) {
  const bool went = evb_.on && !evb.on;
  evb_ = evb;
  waits_ = {evb.response_wait_time(), evb.keep_alive_time()};
  if (went) {
    last_sent_.clear();
    unanswered_ = 0;
    bridge_packs_ = false;
  }
  for (Vsi* const vsi : in_order()) {
    if (went) {
      dequeue(*vsi);
      vsi->in_ecpdu = 0;
      vsi->machine.end(now);
      vsi->retry_at.reset();
      vsi->pending = vsi->wanted;
    }
    settle(now, *vsi, out);
  }
}

void Station::confirm_all(base::Instant now, Outputs& out) {
  for (Vsi* const vsi : in_order()) {
    vsi->machine.hasten_keep_alive(now);
    settle(now, *vsi, out);
  }
}

void Station::receive(base::Instant now, const Vdpdu& vdpdu, Outputs& out) {
  counters_.tlvs_received += vdpdu.associations.size() + vdpdu.refused.size();
  counters_.tlvs_refused += vdpdu.refused.size();
  bridge_packs_ = bridge_packs_ || vdpdu.associations.size() > 1;
  for (const auto& tlv : vdpdu.associations) {
    Vsi* const found = vsis_.find(tlv.id);
    if (found == nullptr || !found->machine.receive(now, tlv)) {
      ++counters_.tlvs_refused;
      continue;
    }
    answered(*found);
    settle(now, *found, out);
  }
}

void Station::time_passed(base::Instant now, Outputs& out) {
  while (Vsi* vsi = deadlines_.due(now)) {
    if (vsi->retry_at && *vsi->retry_at <= now) {
      vsi->retry_at.reset();
      vsi->pending = true;
    }
    vsi->machine.time_passed(now);
    settle(now, *vsi, out);
  }
}

std::optional<base::Instant> Station::deadline() const { return deadlines_.next(); }

void Station::settle(base::Instant now, Vsi& vsi, Outputs& out) {
  follow(now, vsi, out);
  if (vsi.pending && evb_.on && vsi.machine.at_rest()) command(now, vsi, out);
  if (vsi.machine.state() == StationVsi::State::kInit && !vsi.wanted) {
    remove(vsi, VsiCause::kDeassociatedByClient, out);
    return;
  }
  if (vsi.machine.wants_to_transmit()) enqueue(vsi);
  arm(vsi);
}

/// Turns what the machine reports into what the client is told.
void Station::follow(base::Instant now, Vsi& vsi, Outputs& out) {
  const auto outcome = vsi.machine.take_outcome();
  if (!outcome) return;
  if (outcome->cause == VsiCause::kConfirmed) {
    succeeded(now, vsi, outcome->keep_alive, out);
  } else if (vsi.wanted && outcome->cause != VsiCause::kDeassociatedByClient) {
    failed(now, vsi,
           Failure{.cause = outcome->cause,
                   .command = outcome->command,
                   .reason = outcome->reason,
                   .hard = outcome->hard,
                   .keep = outcome->keep,
                   .ecp_unacknowledged = vsi.ecp_lost,
                   .since = now},
           out);
  }
}

void Station::succeeded(base::Instant now, Vsi& vsi, bool keep_alive, Outputs& out) {
  vsi.ecp_lost = false;
  if (keep_alive) {
    // Only what has held for a while counts as mended; else a bridge that says yes and ends the
    // association at once would be asked again without pause.
    if (!vsi.retry_at) vsi.backoff = retry_.first;
    return;
  }
  vsi.tries = 0;
  vsi.failure.reset();
  if (vsi.told != vsi.machine.vsi_state()) vsi.since = now;
  vsi.told = vsi.machine.vsi_state();
  tell(vsi, VsiCause::kConfirmed, out);
}

void Station::failed(base::Instant now, Vsi& vsi, const Failure& failure, Outputs& out) {
  vsi.failure = failure;
  vsi.ecp_lost = false;
  if (vsi.told != vsi.machine.vsi_state()) vsi.since = now;
  vsi.told = vsi.machine.vsi_state();
  // The return of EVB is the next try of what EVB's loss ended; a local refusal waits for it, too.
  const bool by_time = !failure.hard && failure.cause != VsiCause::kEvbLost &&
                       failure.cause != VsiCause::kRefusedLocally && !vsi.pending;
  if (by_time) {
    vsi.retry_at = now + vsi.backoff;
    vsi.backoff = std::min(vsi.backoff * 2, retry_.longest);
  }
  tell(vsi, failure.cause, out);
}

/// Hands the client's latest wish to a machine at rest.
void Station::command(base::Instant now, Vsi& vsi, Outputs& out) {
  vsi.pending = false;
  if (const auto refusal = rules_->unsayable(vsi.want, evb_); refusal != LocalRefusal::kNone) {
    failed(now, vsi,
           Failure{.cause = VsiCause::kRefusedLocally,
                   .command = vsi.want.type,
                   .local = refusal,
                   .since = now},
           out);
    vsi.pending = true;  // looked at again when EVB changes
    return;
  }
  vsi.machine.command(now, Command{vsi.want.type, vsi.want.manager, vsi.want.vsi_type,
                                   vsi.want.filters, vsi.want.migration});
}

void Station::tell(const Vsi& vsi, VsiCause cause, Outputs& out) const {
  const bool failure = cause != VsiCause::kConfirmed && cause != VsiCause::kRequested;
  out.push_back(VsiChanged{vsi.machine.id(), vsi.machine.vsi_state(), cause,
                           failure ? vsi.failure : std::nullopt, false});
}

void Station::remove(Vsi& vsi, VsiCause cause, Outputs& out) {
  answered(vsi);
  const VsiId id = vsi.machine.id();
  deadlines_.set(vsi, vsi.deadline, std::nullopt);
  list_keep_alive(vsi, std::nullopt);
  dequeue(vsi);
  vsis_.erase(vsi);
  out.push_back(VsiChanged{id, VsiState::kDeassociated, cause, std::nullopt, true});
}

std::vector<Station::Vsi*> Station::in_order() const {
  std::vector<Vsi*> all;
  all.reserve(vsis_.size());
  vsis_.for_each([&](Vsi& vsi) { all.push_back(&vsi); });
  std::ranges::sort(all, {}, [](const Vsi* vsi) { return vsi->id(); });
  return all;
}

bool Station::holds(const VsiId& id) const { return vsis_.find(id) != nullptr; }

std::optional<VsiReport> Station::report(const VsiId& id) const {
  const Vsi* const found = vsis_.find(id);
  if (found == nullptr) return std::nullopt;
  return report_of(*found);
}

std::vector<VsiReport> Station::reports() const {
  std::vector<VsiReport> reports;
  reports.reserve(vsis_.size());
  for (const Vsi* const vsi : in_order()) reports.push_back(report_of(*vsi));
  return reports;
}

VsiReport Station::report_of(const Vsi& vsi) const {
  const auto& machine = vsi.machine;
  VsiReport report{.id = machine.id(),
                   .manager = vsi.want.manager,
                   .vsi_type = vsi.want.vsi_type,
                   .filters = vsi.want.filters,
                   .migration = vsi.want.migration,
                   .state = machine.vsi_state(),
                   .machine_state = rules_->station_state(machine),
                   .wanted = vsi.wanted ? vsi.want.type : AssociationType::kDeAssociate,
                   .waiting_for_evb = vsi.pending && !evb_.on,
                   .since = vsi.since,
                   .timer = machine.timer(),
                   .timer_ends = machine.wait_until(),
                   .last_failure = vsi.failure,
                   .next_try = vsi.retry_at,
                   .tries = vsi.tries};
  if (machine.vsi_state() != VsiState::kDeassociated) {
    report.manager = machine.oper_command().manager;
    report.vsi_type = machine.oper_command().vsi_type;
    report.filters = machine.granted();
  }
  return report;
}

}  // namespace vdp
