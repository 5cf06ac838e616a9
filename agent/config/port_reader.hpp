// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/config/config.hpp"

namespace agent {

/// Reads one [[port]]; what is wrong with it is added to `problems`. A port without a usable name
/// has an empty one.
PortSettings read_port(const toml::table& table, const profiles::ManagerTable& managers,
                       const std::string& file, profiles::Problems& problems);

/// Reads [managers] or [port.managers] over what `to` holds already.
void read_manager_table(const toml::table& table, const std::string& name, const std::string& file,
                        profiles::Problems& problems, profiles::ManagerTable& to);

}  // namespace agent
