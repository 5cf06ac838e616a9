// SPDX-License-Identifier: Apache-2.0
#include "lldp/remote_table.hpp"

#include <algorithm>

#include "lldp/base/deadlines.hpp"

namespace lldp {

bool same_msap(const SystemInformation& a, const SystemInformation& b) {
  return a.chassis_id == b.chassis_id && a.port_id == b.port_id;
}

Neighbor* RemoteTable::find(const SystemInformation& information) {
  const auto found = std::find_if(neighbors_.begin(), neighbors_.end(), [&](const auto& neighbor) {
    return same_msap(neighbor.information, information);
  });
  return found == neighbors_.end() ? nullptr : &*found;
}

void RemoteTable::insert(Neighbor neighbor) { neighbors_.push_back(std::move(neighbor)); }

bool RemoteTable::erase(const SystemInformation& information) {
  return std::erase_if(neighbors_, [&](const auto& neighbor) {
           return same_msap(neighbor.information, information);
         }) > 0;
}

std::size_t RemoteTable::erase_aged(base::Instant now) {
  return std::erase_if(neighbors_, [&](const auto& neighbor) { return neighbor.expires <= now; });
}

std::optional<base::Instant> RemoteTable::next_age() const {
  std::optional<base::Instant> next;
  for (const auto& neighbor : neighbors_) next = base::earlier(next, neighbor.expires);
  return next;
}

}  // namespace lldp
