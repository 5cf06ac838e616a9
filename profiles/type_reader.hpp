// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "profiles/managers.hpp"
#include "profiles/port_profile.hpp"
#include "profiles/toml_table.hpp"
#include "profiles/vsi_types.hpp"

namespace profiles {

/// Reads the `[[vsi_type]]` tables of `from` into `types`; problems go where `from` writes them.
/// A manager given as a number is looked up in `managers`. What a bridge port does not enforce
/// (modes) is a problem.
void read_vsi_types(TomlTable& from, const ManagerTable& managers, VsiTypes& types);

/// Takes an entry and the line where it stands; false: there already is one of that name.
using TypeSink = std::function<bool(VsiTypeEntry, unsigned)>;
void read_vsi_types(TomlTable& from, const ManagerTable& managers, const TypeSink& sink);

/// The keys manager, id and version.
std::optional<TypeName> read_type_name(TomlTable& from, const ManagerTable& managers);

/// A manager as it stands in TOML: a number 0..255 (in quotes or not) by way of `managers`, else as
/// parse_manager.
std::optional<vdp::ManagerId> read_manager(TomlTable& in, const toml::node& node,
                                           const ManagerTable& managers);

}  // namespace profiles
