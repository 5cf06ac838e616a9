// SPDX-License-Identifier: Apache-2.0
#include "agent/api/past_failures.hpp"

#include "agent/api/names.hpp"

namespace agent::api {

void PastFailures::changed(std::string_view port, const vdp::VsiChanged& change) {
  const bool succeeded = change.cause == vdp::VsiCause::kConfirmed;
  if (!change.failure && (!succeeded || entries_.empty())) return;
  std::erase_if(entries_,
                [&](const Entry& entry) { return entry.id == change.id && entry.port == port; });
  if (!change.failure) return;
  if (entries_.size() == kKept) entries_.pop_front();
  entries_.push_back(Entry{std::string(port), change.id, *change.failure});
}

std::vector<const PastFailures::Entry*> PastFailures::find(std::string_view port,
                                                           const std::string& id_prefix) const {
  std::vector<const Entry*> found;
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    const bool there = port.empty() || entry->port == port;
    if (there && bare_id(vdp::to_string(entry->id)).starts_with(id_prefix)) {
      found.push_back(&*entry);
    }
  }
  return found;
}

}  // namespace agent::api
