// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profiles/managers.hpp"
#include "profiles/toml_table.hpp"
#include "profiles/vsi_types.hpp"

namespace profiles {

/// Reads the `[[vsi_type]]` tables of `from` into `types`; problems go where `from` writes them.
/// A manager given as a number is looked up in `managers`.
void read_vsi_types(TomlTable& from, const ManagerTable& managers, VsiTypes& types);

/// A manager as it stands in TOML: a number 0..255 (in quotes or not) by way of `managers`, else as
/// parse_manager.
std::optional<vdp::ManagerId> read_manager(TomlTable& in, const toml::node& node,
                                           const ManagerTable& managers);

}  // namespace profiles
