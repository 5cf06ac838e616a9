// SPDX-License-Identifier: Apache-2.0
#include "vdp/bridge.hpp"

#include <algorithm>
#include <utility>

namespace vdp {

struct Bridge::Vsi {
  Vsi(const VsiId& vsi_id, const BridgeVsi::Rules& rules) : name(vsi_id), machine(rules) {}
  const VsiId& id() const { return name; }

  VsiId name;
  BridgeVsi machine;
  std::uint64_t question = 0;  // open question, 0: none
  FilterInfo resolved;         // between VsiTypeResolved and VsiAdmitted
  bool held = false;           // something was reserved or admitted: ReleaseVsi is owed
  std::optional<Failure> failure;
  base::Instant since{};
  VsiState told = VsiState::kDeassociated;
  base::Deadlines<Vsi>::Handle deadline;
};

Bridge::Bridge(const PortConfig& config) { configure(config); }
Bridge::~Bridge() = default;

void Bridge::configure(const PortConfig& config) {
  room_ = vdpdu_room(config.mtu);
  max_vsis_ = config.max_vsis;
}

void Bridge::speak(const DialectRules& rules) {
  rules_ = &rules;
  machine_rules_.can_keep = rules.can_keep;
}

void Bridge::evb_changed(base::Instant /*now*/, const lldp::EvbOperational& evb, Outputs& out) {
  machine_rules_.resources = evb.resource_wait_time();
  machine_rules_.keep_alive = evb.keep_alive_timeout();
  if (on_ && !evb.on) {
    queue_.clear();
    queued_ = 0;
    for (Vsi* const vsi : in_order()) {
      if (vsi->held) out.push_back(ReleaseVsi{vsi->id()});
      out.push_back(VsiChanged{vsi->id(), VsiState::kDeassociated, VsiCause::kEvbLost, {}, true});
      remove(*vsi);
    }
  }
  on_ = evb.on;
}

void Bridge::receive(base::Instant now, const Vdpdu& vdpdu, Outputs& out) {
  counters_.tlvs_received += vdpdu.associations.size() + vdpdu.refused.size();
  if (queued_ > 2 * max_vsis_ + kSpareResponses) {
    // A station that takes no answers gets no more questions answered, or the queue has no end.
    counters_.tlvs_refused += vdpdu.associations.size() + vdpdu.refused.size();
    return;
  }
  if (queue_.empty()) gather_until_ = now + kResponseGathering;
  for (const auto& tlv : vdpdu.associations) receive(now, tlv, vdpdu, out);
  for (const auto& refused : vdpdu.refused) refuse(refused, vdpdu.manager);
}

void Bridge::receive(base::Instant now, const AssociationTlv& tlv, const Vdpdu& vdpdu,
                     Outputs& out) {
  if (tlv.response) {  // a response is a bridge's to send
    ++counters_.tlvs_refused;
    return;
  }
  Vsi* vsi = vsis_.find(tlv.id);
  if (vsi == nullptr) {
    if (tlv.type == AssociationType::kDeAssociate) {
      respond_alone(tlv, vdpdu.manager, tlv.type, Reason::kSuccess, false);
      return;
    }
    if (vsis_.size() >= max_vsis_) {
      respond_alone(tlv, vdpdu.manager,
                    rules_->refuses_in_kind ? tlv.type : AssociationType::kDeAssociate,
                    Reason::kInsufficientResources, false);
      return;
    }
    vsi = &vsis_.make(tlv.id, machine_rules_);
    vsi->since = now;
  }
  vsi->machine.receive(now, tlv, vdpdu.manager);
  settle(now, *vsi, &vdpdu, out);
}

/// A TLV that names its VSI and cannot be read further is answered with reason 1.
void Bridge::refuse(const RefusedTlv& refused, const ManagerId& manager) {
  ++counters_.tlvs_refused;
  if (!refused.identified || refused.identified->response) return;
  const bool known = vsis_.find(refused.identified->id) != nullptr;
  respond_alone(*refused.identified, manager, refused.identified->type, Reason::kInvalidFormat,
                known);
}

void Bridge::respond_alone(const AssociationTlv& request, const ManagerId& manager,
                           AssociationType type, Reason reason, bool keep) {
  AssociationTlv response = request;
  response.type = type;
  response.response = true;
  response.keep_or_s = keep;
  response.hard_or_m = false;
  response.reason = reason;
  respond(manager, std::move(response));
}

void Bridge::respond(const ManagerId& manager, AssociationTlv response) {
  queue_.of(manager).push_back(std::move(response));
  ++queued_;
}

/// Follows up on anything that happened to a VSI; it may be gone afterwards.
void Bridge::settle(base::Instant now, Vsi& vsi, const Vdpdu* vdpdu, Outputs& out) {
  auto& machine = vsi.machine;
  if (machine.take_question()) ask(vsi, vdpdu, out);
  if (auto response = machine.take_response()) {
    if (rules_->refuses_in_kind) response->tlv.type = response->command;
    respond(response->manager, std::move(response->tlv));
  }
  if (machine.ended() && vsi.held) out.push_back(ReleaseVsi{vsi.id()});
  if (const auto event = machine.take_event()) tell(now, vsi, *event, out);
  if (machine.ended()) {
    remove(vsi);
  } else {
    deadlines_.set(vsi, vsi.deadline, machine.wait_until());
  }
}

void Bridge::ask(Vsi& vsi, const Vdpdu* vdpdu, Outputs& out) {
  close_question(vsi);
  const auto& command = vsi.machine.command();
  const bool steps_down = command.type != AssociationType::kAssociate &&
                          vsi.machine.vsi_state() == VsiState::kAssociated;
  if (steps_down && std::exchange(vsi.held, false)) out.push_back(ReleaseVsi{vsi.id()});
  // A reservation may be made before its answer reaches us, and the VSI may have ended by then.
  vsi.held |= command.type == AssociationType::kPreAssociateWithReservation;
  out.push_back(
      ResolveVsiType{open_question(vsi), vsi.id(), command.type, vsi.machine.manager(),
                     command.vsi_type, command.filters,
                     vdpdu == nullptr ? std::vector<OrganizationalTlv>{} : vdpdu->organizational});
}

void Bridge::close_question(Vsi& vsi) {
  if (std::exchange(vsi.question, 0) != 0) --open_questions_;
}

Question Bridge::open_question(Vsi& vsi) {
  vsi.question = ++last_question_;
  ++open_questions_;
  return {vsi.id(), vsi.question};
}

/// The VSI that waits for the answer to this question, unless it was overtaken.
Bridge::Vsi* Bridge::asked(const Question& question) {
  Vsi* const found = vsis_.find(question.vsi);
  if (found == nullptr || found->question != question.number) return nullptr;
  return question.number == 0 ? nullptr : found;
}

void Bridge::resolved(base::Instant now, const VsiTypeResolved& answer, Outputs& out) {
  Vsi* const vsi = asked(answer.question);
  if (vsi == nullptr) return;  // asked for a command that has been overtaken
  close_question(*vsi);
  const auto& command = vsi->machine.command();
  const bool granted = answer.reason == Reason::kSuccess;
  vsi->held = vsi->held || granted;
  if (!granted || command.type != AssociationType::kAssociate) {
    this->answer(now, *vsi, {answer.reason, answer.hard, answer.filters}, out);
    return;
  }
  vsi->resolved = answer.filters;
  out.push_back(AdmitVsi{open_question(*vsi), vsi->id(), vsi->machine.manager(), command.vsi_type,
                         answer.filters});
}

void Bridge::admitted(base::Instant now, const VsiAdmitted& answer, Outputs& out) {
  Vsi* const vsi = asked(answer.question);
  if (vsi == nullptr) return;
  close_question(*vsi);
  this->answer(now, *vsi, {answer.reason, false, std::exchange(vsi->resolved, {})}, out);
}

void Bridge::answer(base::Instant now, Vsi& vsi, const ResourceAnswer& answer, Outputs& out) {
  vsi.machine.resources(now, answer);
  settle(now, vsi, nullptr, out);
}

void Bridge::deassociate(base::Instant now, const BridgeDeassociated& order, Outputs& out) {
  Vsi* const found = vsis_.find(order.id);
  if (found == nullptr) {
    out.push_back(RequestRefused{order.id, LocalRefusal::kUnknownVsi});
    return;
  }
  found->machine.end(now, order.reason);
  settle(now, *found, nullptr, out);
}

void Bridge::time_passed(base::Instant now, Outputs& out) {
  while (Vsi* vsi = deadlines_.due(now)) {
    vsi->machine.time_passed(now);
    settle(now, *vsi, nullptr, out);
  }
}

std::optional<base::Instant> Bridge::deadline() const { return deadlines_.next(); }

std::optional<base::Instant> Bridge::ready_at() const {
  if (queue_.empty() || open_questions_ == 0) return std::nullopt;
  return gather_until_;
}

bool Bridge::ready(base::Instant now) const {
  return !queue_.empty() && (open_questions_ == 0 || now >= gather_until_);
}

base::Octets Bridge::next_vdpdu(base::Instant /*now*/) {
  const ManagerId manager = queue_.next_manager();
  VdpduBuilder builder(rules_->format, manager, room_);
  bool empty = true;
  auto& line = queue_.of(manager);
  while (!line.empty()) {
    // What outgrew a lowered MTU leaves alone: the link says no, and the queue moves on.
    if (!empty && !builder.fits(encoded_size(line.front()))) break;
    empty = false;
    builder.add(line.front());
    ++counters_.tlvs_sent;
    line.pop_front();
    --queued_;
  }
  queue_.taken_from(manager);
  queue_.pass_on(manager);
  return std::move(builder).finish();
}

void Bridge::tell(base::Instant now, Vsi& vsi, VsiCause cause, Outputs& out) {
  const auto& machine = vsi.machine;
  const bool failed = cause != VsiCause::kRequested && cause != VsiCause::kConfirmed &&
                      cause != VsiCause::kDeassociatedByClient;
  if (failed) {
    vsi.failure = Failure{.cause = cause,
                          .command = machine.command().type,
                          .reason = machine.answer().reason,
                          .hard = machine.answer().hard,
                          .keep = !machine.ended(),
                          .since = now};
  } else if (cause == VsiCause::kConfirmed) {
    vsi.failure.reset();
  }
  if (machine.vsi_state() != vsi.told) vsi.since = now;
  vsi.told = machine.vsi_state();
  out.push_back(VsiChanged{vsi.id(), machine.vsi_state(), cause,
                           failed ? vsi.failure : std::nullopt, machine.ended()});
}

void Bridge::remove(Vsi& vsi) {
  close_question(vsi);
  deadlines_.set(vsi, vsi.deadline, std::nullopt);
  vsis_.erase(vsi);
}

std::vector<Bridge::Vsi*> Bridge::in_order() const {
  std::vector<Vsi*> all;
  all.reserve(vsis_.size());
  vsis_.for_each([&](Vsi& vsi) { all.push_back(&vsi); });
  std::ranges::sort(all, {}, [](const Vsi* vsi) { return vsi->id(); });
  return all;
}

bool Bridge::holds(const VsiId& id) const { return vsis_.find(id) != nullptr; }

std::optional<VsiReport> Bridge::report(const VsiId& id) const {
  const Vsi* const found = vsis_.find(id);
  if (found == nullptr) return std::nullopt;
  return report_of(*found);
}

std::vector<VsiReport> Bridge::reports() const {
  std::vector<VsiReport> reports;
  reports.reserve(vsis_.size());
  for (const Vsi* const vsi : in_order()) reports.push_back(report_of(*vsi));
  return reports;
}

VsiReport Bridge::report_of(const Vsi& vsi) const {
  const auto& machine = vsi.machine;
  const bool agreed = machine.vsi_state() != VsiState::kDeassociated;
  const auto& command = agreed ? machine.oper_command() : machine.command();
  return VsiReport{.id = vsi.id(),
                   .manager = agreed ? machine.oper_manager() : machine.manager(),
                   .vsi_type = command.vsi_type,
                   .filters = command.filters,
                   .migration = {.to_here = machine.command().hard_or_m,
                                 .from_here = machine.command().keep_or_s},
                   .state = machine.vsi_state(),
                   .machine_state = rules_->bridge_state(machine),
                   .since = vsi.since,
                   .timer = machine.timer(),
                   .timer_ends = machine.wait_until(),
                   .last_failure = vsi.failure};
}

}  // namespace vdp
