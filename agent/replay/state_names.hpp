// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/replay/facts.hpp"

namespace agent::replay {

/// The states of both ends' machines by their dialect's names: those of figures 41-5 and 41-6, or
/// lldpad's for draft 0.2.
std::string_view station_state(const VsiMoment& moment);
std::string_view bridge_state(const VsiMoment& moment);

/// The manager as its dialect writes it: 16 octets, or a number.
std::string manager_text(const VsiLife& life);

}  // namespace agent::replay
