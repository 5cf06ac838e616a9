// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "lldp/base/table.hpp"
#include "profiles/vsi_types.hpp"
#include "vdp/vsi.hpp"

namespace profiles {

/// Knows which VSIs hold an instance of which VSI type: for the types' limits, and for what the
/// type was when it was granted. A VSI that moves between two ports is counted at both as long as
/// it is at both.
class Instances {
 public:
  struct Type {
    vdp::ManagerId manager;
    vdp::VsiType type;
    friend bool operator==(const Type&, const Type&) = default;
  };

  /// What a VSI was granted.
  struct Grant {
    Type type;
    TypeBody body;             ///< what the type was at that time
    bool vlan_chosen = false;  ///< the station left the VLAN to the bridge
  };

  /// Lets the VSI hold an instance of the grant's type in place of what it held before. False, and
  /// nothing changes, when `limit` VSIs hold one already.
  bool hold(std::uint32_t port, const vdp::VsiId& vsi, Grant grant,
            std::optional<std::size_t> limit);
  void release(std::uint32_t port, const vdp::VsiId& vsi);
  /// nullopt when the VSI holds nothing.
  std::optional<Grant> held(std::uint32_t port, const vdp::VsiId& vsi) const;
  /// What VSIs of the port hold, in no order; `each` must not change it.
  template <class Each>
  void for_each(std::uint32_t port, Each&& each) const {
    holders_.for_each([&](const Holder& holder) {
      if (holder.key.port == port) each(holder.key.vsi, holder.grant());
    });
  }
  std::size_t count(const Type& type) const;

 private:
  struct HashType {
    std::size_t operator()(const Type& type) const noexcept;
  };
  using Counts = std::unordered_map<Type, std::size_t, HashType>;
  struct Key {
    std::uint32_t port;
    vdp::VsiId vsi;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct HashKey {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<vdp::VsiId>()(key.vsi) ^ key.port * std::size_t{0x9E3779B9};
    }
  };
  struct Holder {
    Holder(const Key& its_key, Counts::value_type& of) : key(its_key), held(&of) {}
    const Key& id() const { return key; }
    Grant grant() const { return {held->first, body, vlan_chosen}; }

    Key key;
    Counts::value_type* held;  // where its type is counted
    TypeBody body;
    bool vlan_chosen = false;
  };
  void forget_one(Counts::value_type& of);

  base::Table<Key, Holder, HashKey> holders_;
  Counts counts_;
};

}  // namespace profiles
