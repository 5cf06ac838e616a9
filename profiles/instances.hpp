// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "vdp/vsi.hpp"

namespace profiles {

/// Counts which VSIs hold an instance of which VSI type, for the types' limits. A VSI that moves
/// between two ports is counted at both as long as it is at both.
class Instances {
 public:
  struct Type {
    vdp::ManagerId manager;
    vdp::VsiType type;
    friend bool operator==(const Type&, const Type&) = default;
  };

  /// Lets the VSI hold an instance of `type` in place of what it held before. False, and nothing
  /// changes, when `limit` VSIs hold one already.
  bool hold(std::uint32_t port, const vdp::VsiId& vsi, const Type& type,
            std::optional<std::size_t> limit);
  void release(std::uint32_t port, const vdp::VsiId& vsi);
  /// nullopt when the VSI holds nothing.
  std::optional<Type> held(std::uint32_t port, const vdp::VsiId& vsi) const;
  std::size_t count(const Type& type) const;

 private:
  struct Holder {
    std::uint32_t port;
    vdp::VsiId vsi;
    friend bool operator==(const Holder&, const Holder&) = default;
  };
  struct HashHolder {
    std::size_t operator()(const Holder& holder) const noexcept {
      return std::hash<vdp::VsiId>()(holder.vsi) ^ holder.port * std::size_t{0x9E3779B9};
    }
  };
  struct HashType {
    std::size_t operator()(const Type& type) const noexcept;
  };
  void forget_one(const Type& type);

  std::unordered_map<Holder, Type, HashHolder> holders_;
  std::unordered_map<Type, std::size_t, HashType> counts_;
};

}  // namespace profiles
