// SPDX-License-Identifier: Apache-2.0
#include "profiles/vsi_types.hpp"

#include <algorithm>
#include <utility>

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

Resolution unknown_type(bool manager_known) {
  return refused(manager_known ? vdp::Reason::kOtherFailure : vdp::Reason::kUnreachableManager,
                 false);
}

bool VsiTypes::add(const std::optional<vdp::ManagerId>& manager, vdp::VsiType type,
                   NetworkParameters parameters) {
  const TypeName name{manager, type};
  if (types_.contains(name)) return false;
  put(name, std::move(parameters));
  return true;
}

void VsiTypes::put(const TypeName& name, NetworkParameters parameters) {
  auto& body = types_[name];
  if (body == nullptr) ++managers_[name.manager];
  body = std::make_shared<const NetworkParameters>(std::move(parameters));
}

void VsiTypes::remove(const TypeName& name) {
  if (types_.erase(name) == 0) return;
  const auto manager = managers_.find(name.manager);
  if (--manager->second == 0) managers_.erase(manager);
}

TypeBody VsiTypes::find(const TypeName& name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : found->second;
}

bool VsiTypes::knows(const vdp::ManagerId& manager) const {
  return managers_.contains(manager) || managers_.contains(std::nullopt);
}

bool operator==(const VsiTypes& one, const VsiTypes& other) {
  return std::ranges::equal(one.types_, other.types_, [](const auto& mine, const auto& theirs) {
    return mine.first == theirs.first && *mine.second == *theirs.second;
  });
}

TypeBody find_type(const VsiTypes& file, const VsiTypes& database, const vdp::ManagerId& manager,
                   vdp::VsiType type) {
  for (const auto& owner : {std::optional(manager), std::optional<vdp::ManagerId>()}) {
    for (const auto* const source : {&file, &database}) {
      if (auto body = source->find({owner, type})) return body;
    }
  }
  return nullptr;
}

}  // namespace profiles
