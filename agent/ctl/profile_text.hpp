// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "profiles/store.hpp"

// Port profiles and VSI types as evbctl prints them for people.

namespace agent::ctl {

std::string profile_table(std::span<const profiles::PortProfile> profiles);
std::string type_table(std::span<const profiles::VsiTypeEntry> types);
/// All of one entry.
std::string profile_text(const profiles::PortProfile& profile);
std::string type_text(const profiles::VsiTypeEntry& type);

}  // namespace agent::ctl
