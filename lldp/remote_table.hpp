// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "lldp/lldp_agent.hpp"

namespace lldp {

/// The remote systems of one agent, one entry for each MSAP, in the order in which they came. They
/// are few (max_neighbors), so finding one is a walk.
class RemoteTable {
 public:
  const std::vector<Neighbor>& neighbors() const { return neighbors_; }
  bool empty() const { return neighbors_.empty(); }
  std::size_t size() const { return neighbors_.size(); }

  /// The entry of the MSAP that `information` names, or nullptr.
  Neighbor* find(const SystemInformation& information);
  void insert(Neighbor neighbor);
  /// False when the MSAP is not there.
  bool erase(const SystemInformation& information);
  /// Removes what has aged; returns how many entries that was.
  std::size_t erase_aged(base::Instant now);
  void clear() { neighbors_.clear(); }

  /// When the next entry ages.
  std::optional<base::Instant> next_age() const;

 private:
  std::vector<Neighbor> neighbors_;
};

/// Whether both name the same MSAP: chassis ID and port ID with their subtypes.
bool same_msap(const SystemInformation& a, const SystemInformation& b);

}  // namespace lldp
