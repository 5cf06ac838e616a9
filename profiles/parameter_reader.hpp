// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profiles/network_parameters.hpp"
#include "profiles/toml_table.hpp"

namespace profiles {

/// Whether what is read has to lead to a VLAN: a VSI type does, a port profile need not.
enum class NeedsVlan : std::uint8_t { kNo, kYes };

/// Reads the keys of NetworkParameters, all but its name, from the table of a profile or a type.
NetworkParameters read_parameters(TomlTable& from, NeedsVlan needs_vlan);

}  // namespace profiles
