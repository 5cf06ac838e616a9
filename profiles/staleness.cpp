// SPDX-License-Identifier: Apache-2.0
#include "profiles/staleness.hpp"

#include <fmt/chrono.h>

namespace profiles {

bool is_stale(const MirrorState& state, std::chrono::system_clock::time_point now) {
  return now - state.contact > kStaleAfter;
}

std::string mirror_sentence(const MirrorState& state, std::chrono::system_clock::time_point now) {
  const auto contact = std::chrono::system_clock::to_time_t(state.contact);
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - state.contact);
  return fmt::format(
      "mirrors {}, cluster {}, at revision {}, {} {:%Y-%m-%d %H:%M:%S} ({} s ago){}{}",
      state.source, state.cluster, state.revision,
      is_stale(state, now) ? "stale since" : "last contact", fmt::localtime(contact), age.count(),
      state.trouble.empty() ? "" : "; ", state.trouble);
}

}  // namespace profiles
