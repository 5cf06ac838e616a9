// SPDX-License-Identifier: Apache-2.0
#include "profiles/vsi_types.hpp"

namespace profiles {
namespace {

Resolution refused(vdp::Reason reason, bool hard) { return {reason, hard, {}}; }

/// The VLAN of one entry, or nullopt when the type does not allow what it asks for.
std::optional<std::uint16_t> vlan_of(const NetworkParameters& parameters, vdp::FilterFormat format,
                                     const vdp::FilterEntry& entry) {
  auto chosen = parameters.default_vlan;
  if (vdp::has_group(format) && !parameters.groups.empty()) {
    const auto group = parameters.groups.find(entry.group);
    if (group == parameters.groups.end()) return std::nullopt;
    chosen = group->second;
    if (entry.vid != 0 && entry.vid != *chosen) return std::nullopt;
  }
  if (entry.vid == 0) return chosen;
  if (!parameters.allows(entry.vid)) return std::nullopt;
  return entry.vid;
}

}  // namespace

Resolution resolve(const NetworkParameters& parameters, const vdp::FilterInfo& wanted) {
  Resolution answer{vdp::Reason::kSuccess, false, wanted};
  for (auto& entry : answer.filters.entries) {
    if (vdp::has_mac(wanted.format) && !parameters.allows(entry.mac)) {
      return refused(vdp::Reason::kInvalidFilter, true);
    }
    const auto vid = vlan_of(parameters, wanted.format, entry);
    if (!vid) return refused(vdp::Reason::kInvalidFilter, true);
    entry.vid = *vid;
    entry.ps = parameters.default_priority.has_value();
    entry.pcp = parameters.default_priority.value_or(0);
  }
  return answer;
}

bool VsiTypes::add(const std::optional<vdp::ManagerId>& manager, vdp::VsiType type,
                   NetworkParameters parameters) {
  managers_.insert(manager);
  return types_.emplace(Key{manager, type}, std::move(parameters)).second;
}

const NetworkParameters* VsiTypes::find(const vdp::ManagerId& manager, vdp::VsiType type) const {
  auto found = types_.find(Key{manager, type});
  if (found == types_.end()) found = types_.find(Key{std::nullopt, type});
  return found == types_.end() ? nullptr : &found->second;
}

Resolution VsiTypes::resolve(const vdp::ManagerId& manager, vdp::VsiType type,
                             const vdp::FilterInfo& wanted) const {
  if (const auto* const parameters = find(manager, type)) {
    return profiles::resolve(*parameters, wanted);
  }
  const bool manager_known = managers_.contains(manager) || managers_.contains(std::nullopt);
  return refused(manager_known ? vdp::Reason::kOtherFailure : vdp::Reason::kUnreachableManager,
                 false);
}

}  // namespace profiles
