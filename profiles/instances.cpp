// SPDX-License-Identifier: Apache-2.0
#include "profiles/instances.hpp"

namespace profiles {

std::size_t Instances::HashType::operator()(const Type& type) const noexcept {
  std::size_t hash = type.type.id * std::size_t{257} + type.type.version;
  for (const auto octet : type.manager.octets) hash = hash * 31 + octet;
  return hash;
}

bool Instances::hold(std::uint32_t port, const vdp::VsiId& vsi, const Type& type,
                     std::optional<std::size_t> limit) {
  const auto holder = holders_.find({port, vsi});
  if (holder != holders_.end() && holder->second == type) return true;
  if (limit && count(type) >= *limit) return false;
  ++counts_[type];
  if (holder == holders_.end()) {
    holders_.emplace(Holder{port, vsi}, type);
  } else {
    forget_one(holder->second);
    holder->second = type;
  }
  return true;
}

void Instances::release(std::uint32_t port, const vdp::VsiId& vsi) {
  const auto holder = holders_.find({port, vsi});
  if (holder == holders_.end()) return;
  forget_one(holder->second);
  holders_.erase(holder);
}

std::optional<Instances::Type> Instances::held(std::uint32_t port, const vdp::VsiId& vsi) const {
  const auto holder = holders_.find({port, vsi});
  if (holder == holders_.end()) return std::nullopt;
  return holder->second;
}

std::size_t Instances::count(const Type& type) const {
  const auto found = counts_.find(type);
  return found == counts_.end() ? 0 : found->second;
}

void Instances::forget_one(const Type& type) {
  const auto found = counts_.find(type);
  if (--found->second == 0) counts_.erase(found);
}

}  // namespace profiles
