// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/vsi_policy.hpp"

namespace agent {
namespace {

const vdp::ManagerId& effective(const vdp::ManagerId& named, const vdp::ManagerId& standby) {
  return named == vdp::ManagerId{} ? standby : named;
}

}  // namespace

vdp::VsiTypeResolved VsiPolicy::resolve(std::uint32_t port, const vdp::ManagerId& default_manager,
                                        const vdp::ResolveVsiType& question) {
  const auto& manager = effective(question.manager, default_manager);
  auto answer = types_.resolve(manager, question.vsi_type, question.filters);
  const bool reserves = question.type != vdp::AssociationType::kPreAssociate;
  if (answer.reason == vdp::Reason::kSuccess && reserves) {
    const auto before = instances_.held(port, question.id);
    const auto limit = types_.find(manager, question.vsi_type)->max_instances;
    if (instances_.hold(port, question.id, {manager, question.vsi_type}, limit)) {
      const bool admission_follows = question.type == vdp::AssociationType::kAssociate;
      if (before && admission_follows) before_[port][question.id] = *before;
    } else {
      answer = {vdp::Reason::kInsufficientResources, false, {}};
    }
  }
  return {question.question, answer.reason, answer.hard, std::move(answer.filters)};
}

std::vector<net::AdmittedMac> VsiPolicy::macs(const vdp::ManagerId& default_manager,
                                              const vdp::AdmitVsi& order) const {
  // A type that a reload took away meanwhile leaves its VLANs tagged, the safe way round.
  const auto* const type = types_.find(effective(order.manager, default_manager), order.vsi_type);
  std::vector<net::AdmittedMac> macs;
  macs.reserve(order.filters.entries.size());
  for (const auto& entry : order.filters.entries) {
    macs.push_back({entry.mac, entry.vid, type != nullptr && type->untagged == entry.vid});
  }
  return macs;
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
