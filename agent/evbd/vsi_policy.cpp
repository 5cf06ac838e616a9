// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/vsi_policy.hpp"

#include <fmt/format.h>

namespace agent {

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
  std::string trouble;
  if (type->mtu && *type->mtu > asker.mtu) {
    // Not hard: the port may get another MTU.
    answer = {vdp::Reason::kOtherFailure, false, {}};
    trouble = fmt::format("mtu: the type wants {}, and the port carries {}", *type->mtu, asker.mtu);
  }
  const bool reserves = question.type != vdp::AssociationType::kPreAssociate;
  if (answer.reason == vdp::Reason::kSuccess && reserves &&
      !hold(asker, question, manager, *type)) {
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
                     const vdp::ManagerId& manager, const profiles::NetworkParameters& parameters) {
  const auto before = instances_.held(asker.port, question.id);
  if (!instances_.hold(asker.port, question.id, {manager, question.vsi_type},
                       parameters.max_instances)) {
    return false;
  }
  const bool admission_follows = question.type == vdp::AssociationType::kAssociate;
  if (before && admission_follows) before_[asker.port][question.id] = *before;
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
  if (const auto before = forget_before(port, vsi)) {
    instances_.hold(port, vsi, *before, std::nullopt);
  } else {
    instances_.release(port, vsi);
  }
}

void VsiPolicy::release(std::uint32_t port, const vdp::VsiId& vsi) {
  forget_before(port, vsi);
  instances_.release(port, vsi);
}

std::optional<profiles::Instances::Type> VsiPolicy::forget_before(std::uint32_t port,
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
