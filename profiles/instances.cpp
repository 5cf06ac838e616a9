// SPDX-License-Identifier: Apache-2.0
#include "profiles/instances.hpp"

#include <cstring>
#include <utility>

namespace profiles {

std::size_t Instances::HashType::operator()(const Type& type) const noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, type.manager.octets.data(), sizeof halves);
  const auto name = type.type.id * std::uint64_t{257} + type.type.version;
  return std::hash<std::uint64_t>()((halves[0] * 31 + halves[1]) * 31 + name);
}

bool Instances::hold(std::uint32_t port, const vdp::VsiId& vsi, Grant grant,
                     std::optional<std::size_t> limit) {
  Holder* holder = holders_.find({port, vsi});
  if (holder == nullptr || holder->held->first != grant.type) {
    if (limit && count(grant.type) >= *limit) return false;
    auto& of = *counts_.try_emplace(grant.type, 0).first;
    ++of.second;
    if (holder == nullptr) {
      holder = &holders_.make(Key{port, vsi}, of);
    } else {
      forget_one(*std::exchange(holder->held, &of));
    }
  }
  holder->body = std::move(grant.body);
  holder->vlan_chosen = grant.vlan_chosen;
  return true;
}

void Instances::release(std::uint32_t port, const vdp::VsiId& vsi) {
  Holder* const holder = holders_.find({port, vsi});
  if (holder == nullptr) return;
  forget_one(*holder->held);
  holders_.erase(*holder);
}

std::optional<Instances::Grant> Instances::held(std::uint32_t port, const vdp::VsiId& vsi) const {
  const Holder* const holder = holders_.find({port, vsi});
  if (holder == nullptr) return std::nullopt;
  return holder->grant();
}

std::size_t Instances::count(const Type& type) const {
  const auto found = counts_.find(type);
  return found == counts_.end() ? 0 : found->second;
}

void Instances::forget_one(Counts::value_type& of) {
  if (--of.second == 0) counts_.erase(counts_.find(of.first));
}

}  // namespace profiles
