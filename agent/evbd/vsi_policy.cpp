// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/vsi_policy.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace agent {
namespace {

/// Whether a VSI would have the same on its port. Neither delivery modes nor the limit of instances
/// are anything that it has there.
bool same_in_force(const profiles::NetworkParameters& one,
                   const profiles::NetworkParameters& other) {
  auto like_one = other;
  like_one.name = one.name;
  like_one.modes = one.modes;
  like_one.max_instances = one.max_instances;
  return like_one == one;
}

bool leaves_vlan_open(const vdp::FilterInfo& wanted) {
  return std::ranges::any_of(wanted.entries, [](const auto& entry) { return entry.vid == 0; });
}

std::string mtu_trouble(const profiles::NetworkParameters& type, std::size_t mtu) {
  return type.mtu && *type.mtu > mtu
             ? fmt::format("mtu: the type wants {}, and the port carries {}", *type.mtu, mtu)
             : std::string();
}

/// What the station asked for, as far as what it was granted tells.
vdp::FilterInfo as_asked(vdp::FilterInfo granted, const profiles::Instances::Grant& grant) {
  if (!grant.vlan_chosen) return granted;
  const bool by_group = vdp::has_group(granted.format) && !grant.body->groups.empty();
  for (auto& entry : granted.entries) {
    if (by_group || entry.vid == grant.body->default_vlan) entry.vid = 0;
  }
  return granted;
}

}  // namespace

void VsiPolicy::set_database(std::shared_ptr<const profiles::VsiTypes> types, std::string trouble) {
  database_ = std::move(types);
  database_trouble_ = std::move(trouble);
}

const vdp::ManagerId& VsiPolicy::manager_of(const Asker& asker, const vdp::ManagerId& named) const {
  return named == vdp::ManagerId{} ? asker.default_manager : named;
}

profiles::TypeBody VsiPolicy::body(const Asker& asker, const vdp::ManagerId& manager,
                                   vdp::VsiType type) const {
  return profiles::find_type(file_, *database_, manager_of(asker, manager), type);
}

VsiPolicy::Answer VsiPolicy::resolve(const Asker& asker, const vdp::ResolveVsiType& question) {
  const auto& manager = manager_of(asker, question.manager);
  const auto type = body(asker, manager, question.vsi_type);
  if (type == nullptr) return unknown(question, manager);
  auto answer = profiles::resolve(*type, question.filters);
  auto trouble = mtu_trouble(*type, asker.mtu);
  // Not hard: the port may get another MTU.
  if (!trouble.empty()) answer = {vdp::Reason::kOtherFailure, false, {}};
  const bool reserves = question.type != vdp::AssociationType::kPreAssociate;
  if (answer.reason == vdp::Reason::kSuccess && reserves && !hold(asker, question, manager, type)) {
    answer = {vdp::Reason::kInsufficientResources, false, {}};
    trouble = fmt::format("max_instances: {} of the type are in use", *type->max_instances);
  }
  return {{question.question, answer.reason, answer.hard, std::move(answer.filters)},
          std::move(trouble)};
}

/// A database that cannot be read may have known the type: it is what "unreachable" is for.
VsiPolicy::Answer VsiPolicy::unknown(const vdp::ResolveVsiType& question,
                                     const vdp::ManagerId& manager) const {
  const bool known =
      database_trouble_.empty() && (file_.knows(manager) || database_->knows(manager));
  const auto answer = profiles::unknown_type(known);
  return {{question.question, answer.reason, answer.hard, {}}, database_trouble_};
}

bool VsiPolicy::hold(const Asker& asker, const vdp::ResolveVsiType& question,
                     const vdp::ManagerId& manager, profiles::TypeBody type) {
  auto before = instances_.held(asker.port, question.id);
  const auto limit = type->max_instances;
  if (!instances_.hold(
          asker.port, question.id,
          {{manager, question.vsi_type}, std::move(type), leaves_vlan_open(question.filters)},
          limit)) {
    return false;
  }
  const bool admission_follows = question.type == vdp::AssociationType::kAssociate;
  if (before && admission_follows) before_[asker.port][question.id] = std::move(*before);
  return true;
}

VsiPolicy::Admission VsiPolicy::admission(const Asker& asker, const vdp::AdmitVsi& order) {
  // A type that a reload took away meanwhile leaves its VLANs tagged, the safe way round.
  const auto type = body(asker, order.manager, order.vsi_type);
  Admission admission;
  admission.macs.reserve(order.filters.entries.size());
  for (const auto& entry : order.filters.entries) {
    admission.macs.push_back(
        {entry.mac, entry.vid, type != nullptr && type->untagged == entry.vid});
  }
  if (type != nullptr) admission.limits = {type->transmit, type->receive};
  return admission;
}

void VsiPolicy::admitted(std::uint32_t port, const vdp::VsiId& vsi) { forget_before(port, vsi); }

void VsiPolicy::not_admitted(std::uint32_t port, const vdp::VsiId& vsi) {
  if (auto before = forget_before(port, vsi)) {
    instances_.hold(port, vsi, std::move(*before), std::nullopt);
  } else {
    instances_.release(port, vsi);
  }
}

void VsiPolicy::release(std::uint32_t port, const vdp::VsiId& vsi) {
  forget_before(port, vsi);
  instances_.release(port, vsi);
}

std::optional<TypeChange> VsiPolicy::change_of(const Asker& asker, const Grant& grant) const {
  const auto& [manager, type] = grant.type;
  auto now = body(asker, manager, type);
  const bool same = now == grant.body || (now && same_in_force(*now, *grant.body));
  if (same) return std::nullopt;
  return TypeChange{manager, type, grant.body, std::move(now)};
}

std::optional<TypeChange> VsiPolicy::change(const Asker& asker, const vdp::VsiId& vsi) const {
  const auto grant = instances_.held(asker.port, vsi);
  return grant ? change_of(asker, *grant) : std::nullopt;
}

std::vector<std::pair<vdp::VsiId, TypeChange>> VsiPolicy::changes(const Asker& asker) const {
  std::vector<std::pair<vdp::VsiId, TypeChange>> changes;
  instances_.for_each(asker.port, [&](const vdp::VsiId& vsi, const Grant& grant) {
    if (auto change = change_of(asker, grant)) changes.emplace_back(vsi, std::move(*change));
  });
  return changes;
}

VsiPolicy::Verdict VsiPolicy::judge(const Asker& asker, const vdp::VsiId& vsi,
                                    const vdp::FilterInfo& granted) const {
  const auto grant = instances_.held(asker.port, vsi);
  if (!grant) return {vdp::Reason::kOtherFailure, "it holds no type"};
  const auto& [manager, type] = grant->type;
  const auto now = body(asker, manager, type);
  if (now == nullptr) {
    const auto answer = unknown({.manager = manager, .vsi_type = type}, manager);
    return {answer.resolved.reason, answer.trouble.empty() ? "the type is gone" : answer.trouble};
  }
  const auto answer = profiles::resolve(*now, as_asked(granted, *grant));
  if (answer.reason != vdp::Reason::kSuccess) {
    return {answer.reason, "the type does not allow its VLANs or MAC addresses any more"};
  }
  if (auto trouble = mtu_trouble(*now, asker.mtu); !trouble.empty()) {
    return {vdp::Reason::kOtherFailure, std::move(trouble)};
  }
  if (answer.filters != granted) {
    return {vdp::Reason::kOtherFailure,
            "the type gives it another VLAN or priority, which its station learns by a new "
            "association only"};
  }
  return {};
}

void VsiPolicy::grant_anew(const Asker& asker, const vdp::VsiId& vsi) {
  auto grant = instances_.held(asker.port, vsi);
  if (!grant) return;
  grant->body = body(asker, grant->type.manager, grant->type.type);
  // A limit of instances that was lowered takes nothing from those that are there.
  instances_.hold(asker.port, vsi, std::move(*grant), std::nullopt);
}

std::optional<VsiPolicy::Grant> VsiPolicy::forget_before(std::uint32_t port,
                                                         const vdp::VsiId& vsi) {
  const auto of_port = before_.find(port);
  if (of_port == before_.end()) return std::nullopt;
  const auto found = of_port->second.find(vsi);
  if (found == of_port->second.end()) return std::nullopt;
  const auto before = found->second;
  of_port->second.erase(found);
  if (of_port->second.empty()) before_.erase(of_port);
  return before;
}

}  // namespace agent
