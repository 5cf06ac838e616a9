// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace agent::ctl {

struct TapUser {
  std::uint32_t pid = 0;
  std::string command;
};

/// Processes that have the tap of a macvtap open, as far as the caller may see that; one without a
/// tap has none. They are found by the number of the device: a VMM with a /dev of its own has it
/// under another path.
std::vector<TapUser> tap_users(const std::string& interface, std::uint32_t index);

}  // namespace agent::ctl
