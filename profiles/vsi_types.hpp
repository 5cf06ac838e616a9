// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "vdp/vsi.hpp"

namespace profiles {

/// What a VSI type gives to the VSIs that name it: a row of the VSI manager's database.
struct NetworkParameters {
  std::string name;  ///< for people; may be empty
  /// The VLAN whose frames leave the bridge port untagged, and which untagged frames belong to.
  std::optional<std::uint16_t> untagged;
  std::vector<std::uint16_t> tagged;
  bool any_vlan = false;                          ///< every VID that the station names is accepted
  std::optional<std::uint16_t> default_vlan;      ///< chosen for VID 0
  std::map<std::uint32_t, std::uint16_t> groups;  ///< GroupID -> VLAN
  std::optional<std::uint8_t> default_priority;   ///< PCP handed to the station
  std::vector<lldp::MacAddress> macs;             ///< the only ones allowed; empty: any individual
  std::optional<std::size_t> max_instances;       ///< VSIs at a time, all ports together
  friend bool operator==(const NetworkParameters&, const NetworkParameters&) = default;

  bool allows(std::uint16_t vid) const;
  bool allows(const lldp::MacAddress& mac) const;
};

/// The answer to one request: the request's filters with VIDs and priorities filled in, or the
/// standard's reason. `hard` means that the same request will always be refused.
struct Resolution {
  vdp::Reason reason = vdp::Reason::kSuccess;
  bool hard = false;
  vdp::FilterInfo filters;
};

/// Holds the filters of a request against one type.
Resolution resolve(const NetworkParameters& parameters, const vdp::FilterInfo& wanted);

/// The VSI type database: (manager or any manager, type id, version) -> network parameters. A
/// version's body never changes while VSIs use it; a change is a new version.
class VsiTypes {
 public:
  /// `manager` without value: the type of whatever manager has none of its own. False when there
  /// already is such a type.
  bool add(const std::optional<vdp::ManagerId>& manager, vdp::VsiType type,
           NetworkParameters parameters);
  /// The manager's own type first, then that of any manager; nullptr when neither exists.
  const NetworkParameters* find(const vdp::ManagerId& manager, vdp::VsiType type) const;
  /// Unknown manager: reason 3; unknown type or version: reason 4; neither is hard, as the
  /// database may learn it.
  Resolution resolve(const vdp::ManagerId& manager, vdp::VsiType type,
                     const vdp::FilterInfo& wanted) const;
  std::size_t size() const { return types_.size(); }
  friend bool operator==(const VsiTypes&, const VsiTypes&) = default;

 private:
  using Key = std::pair<std::optional<vdp::ManagerId>, vdp::VsiType>;
  std::map<Key, NetworkParameters> types_;
  std::set<std::optional<vdp::ManagerId>> managers_;
};

}  // namespace profiles
