// SPDX-License-Identifier: Apache-2.0
// The half of a bridge's PortDriver that follows VSI types which change under VSIs that have them.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "agent/evbd/port_driver.hpp"

namespace agent {
namespace {

/// Why the port cannot change a VSI's VLAN from untagged to tagged, or back, under its guest, who
/// sends as it did; empty: it need not. Where no VLANs are filtered a tag makes no difference.
std::string retagging(const TypeChange& change, const vdp::FilterInfo& filters) {
  for (const auto& entry : filters.entries) {
    const bool before = change.in_force->untagged == entry.vid;
    const bool now = change.now->untagged == entry.vid;
    if (before == now) continue;
    return fmt::format(
        "the type has VLAN {} {} now, and its guest's frames there are {}: that takes a new "
        "association, and a guest that does likewise",
        entry.vid, now ? "untagged" : "tagged", now ? "tagged" : "untagged");
  }
  return {};
}

}  // namespace

std::optional<TypeChange> PortDriver::type_change(const vdp::VsiId& vsi) const {
  if (!settings_.is_bridge()) return std::nullopt;
  const auto report = core_.vsi(vsi);
  // A reservation has nothing on the port: its associate is resolved anew.
  if (!report || report->state != vdp::VsiState::kAssociated) return std::nullopt;
  return services_.policy.change(asker(), vsi);
}

/// In the order of their ids.
std::vector<std::pair<vdp::VsiReport, TypeChange>> PortDriver::outdated() const {
  std::vector<std::pair<vdp::VsiReport, TypeChange>> outdated;
  if (!settings_.is_bridge()) return outdated;
  for (auto& [vsi, change] : services_.policy.changes(asker())) {
    auto report = core_.vsi(vsi);
    if (!report || report->state != vdp::VsiState::kAssociated) continue;
    outdated.emplace_back(std::move(*report), std::move(change));
  }
  std::ranges::sort(outdated, {}, [](const auto& each) { return each.first.id; });
  return outdated;
}

void PortDriver::tell_changed_types() {
  ChangedTypes changed;
  for (auto& [vsi, change] : outdated()) {
    auto& type = changed[{change.manager, change.type}];
    type.now = std::move(change.now);
    ++type.vsis;
  }
  const auto told = std::exchange(told_types_, std::move(changed));
  for (const auto& type : told_types_) {
    const auto before = told.find(type.first);
    const bool same = before != told.end() && before->second.vsis == type.second.vsis &&
                      before->second.now == type.second.now;
    if (!same) tell_type(type);
  }
  for (const auto& [name, before] : told) {
    if (!told_types_.contains(name)) tell_type({name, {before.now, 0}});
  }
}

void PortDriver::tell_type(const ChangedTypes::value_type& type) const {
  const auto& [name, changed] = type;
  const bool gone = changed.vsis > 0 && changed.now == nullptr;
  const auto subject = fmt::format("{}: VSI type {} version {} of manager {}", settings_.name,
                                   name.second.id, name.second.version, vdp::to_string(name.first));
  if (changed.vsis == 0) {
    services_.log.notice("{}: no VSI has it as it was before any more", subject);
  } else {
    services_.log.notice(
        "{} {}; {} VSI(s) keep what they were granted until 'evbctl type apply', or until they are "
        "associated anew",
        subject, gone ? "is gone" : "has changed", changed.vsis);
  }
  services_.type_changed(settings_.name, {name.first, name.second, gone, changed.vsis});
}

std::vector<TypeApplied> PortDriver::apply_types(const TypeSelection& which, bool deassociate) {
  std::vector<TypeApplied> results;
  for (auto& [vsi, change] : outdated()) {
    if (!which.matches(change)) continue;
    results.push_back(TypeApplied{settings_.name, vsi.id, std::move(change)});
    apply_type(vsi, results.back());
  }
  settle_types(results);
  if (deassociate) end_kept(results);
  if (!results.empty()) tell_changed_types();
  return results;
}

/// What the bridge port has to say to it comes with settle_types().
void PortDriver::apply_type(const vdp::VsiReport& vsi, TypeApplied& result) {
  auto verdict = services_.policy.judge(asker(), vsi.id, vsi.filters);
  result.reason = verdict.reason;
  result.trouble = std::move(verdict.trouble);
  if (result.reason == vdp::Reason::kSuccess && bridge_ && bridge_->original().filters_vlans) {
    result.trouble = retagging(result.change, vsi.filters);
    if (!result.trouble.empty()) result.reason = vdp::Reason::kOtherFailure;
  }
  if (result.reason != vdp::Reason::kSuccess) {
    result.outcome = TypeApplied::Outcome::kKept;
  } else if (bridge_ && settings_.enforce) {
    const vdp::AdmitVsi order{{vsi.id, 0}, vsi.id, vsi.manager, vsi.vsi_type, vsi.filters};
    const auto admission = services_.policy.admission(asker(), order);
    bridge_->admit(order.question, admission.macs, admission.limits);
  }
}

void PortDriver::settle_types(std::vector<TypeApplied>& results) {
  std::unordered_map<vdp::VsiId, net::Admission> failed;
  if (bridge_) {
    for (auto& answer : bridge_->flush()) {
      if (answer.reason == vdp::Reason::kSuccess) continue;
      const auto vsi = answer.question.vsi;
      failed.emplace(vsi, std::move(answer));
    }
  }
  for (auto& result : results) {
    if (result.outcome != TypeApplied::Outcome::kApplied) continue;
    if (const auto found = failed.find(result.vsi); found != failed.end()) {
      result.outcome = TypeApplied::Outcome::kKept;
      result.reason = found->second.reason;
      result.trouble = std::move(found->second.trouble);
    } else {
      services_.policy.grant_anew(asker(), result.vsi);
    }
  }
}

void PortDriver::end_kept(std::vector<TypeApplied>& results) {
  std::vector<vdp::Input> ends;
  for (auto& result : results) {
    if (result.outcome != TypeApplied::Outcome::kKept) continue;
    result.outcome = TypeApplied::Outcome::kDeassociated;
    ends.emplace_back(vdp::BridgeDeassociated{result.vsi, result.reason});
  }
  if (!ends.empty()) feed(ends);
}

}  // namespace agent
