// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "profiles/network_parameters.hpp"
#include "vdp/vsi.hpp"

namespace profiles {

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
