// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "profiles/store.hpp"

namespace profiles {

/// evb-profile-sync writes a contact down every ten seconds while it follows.
inline constexpr std::chrono::seconds kStaleAfter{30};

bool is_stale(const MirrorState& state, std::chrono::system_clock::time_point now);

/// For people: what is mirrored, at which revision, and when it was last heard of or since when the
/// database is stale (local time), and what is in the way.
std::string mirror_sentence(const MirrorState& state, std::chrono::system_clock::time_point now);

}  // namespace profiles
