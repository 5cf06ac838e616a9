// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/profile_mirror.hpp"

#include <utility>

#include "profiles/staleness.hpp"

namespace agent {

std::optional<Finding> mirror_finding(const std::string& database,
                                      const profiles::MirrorState& state,
                                      std::chrono::system_clock::time_point now) {
  if (!profiles::is_stale(state, now) && state.trouble.empty()) return std::nullopt;
  return Finding{database, "It " + profiles::mirror_sentence(state, now) + ".",
                 state.trouble.empty() ? "Is evb-profile-sync running?"
                                       : "Guests go on with the profiles as they are here; "
                                         "evb-profile-sync's log says more."};
}

std::function<std::vector<Finding>()> with_mirror(
    std::function<std::vector<Finding>()> doctor, std::string database,
    std::function<std::optional<profiles::MirrorState>()> mirror) {
  return [doctor = std::move(doctor), database = std::move(database), mirror = std::move(mirror)] {
    auto findings = doctor ? doctor() : std::vector<Finding>();
    const auto state = mirror();
    auto finding =
        state ? mirror_finding(database, *state, std::chrono::system_clock::now()) : std::nullopt;
    if (finding) findings.push_back(std::move(*finding));
    return findings;
  };
}

}  // namespace agent
