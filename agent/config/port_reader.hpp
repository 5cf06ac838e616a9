// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/config/config.hpp"
#include "profiles/toml_table.hpp"

namespace agent {

/// Reads one [[port]]; what is wrong with it is added to `problems`. A port without a usable name
/// has an empty one.
PortSettings read_port(const toml::table& table, const profiles::ManagerTable& managers,
                       const std::string& file, profiles::Problems& problems);

/// Reads a group address or one of its names.
void read_destination(profiles::TomlTable& table, std::string_view key, lldp::MacAddress& to);

/// Reads [port.cdcp]; the port's name and role are known.
void read_cdcp(profiles::TomlTable& port, PortSettings& to);
/// No port may have the name of an S-channel's device.
void check_s_channels(profiles::TomlTable& root, const std::vector<PortSettings>& ports);

/// Reads [managers] or [port.managers] over what `to` holds already.
void read_manager_table(const toml::table& table, const std::string& name, const std::string& file,
                        profiles::Problems& problems, profiles::ManagerTable& to);

}  // namespace agent
