// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/interface/interfaces.hpp"
#include "profiles/port_profile.hpp"

namespace agent {

/// What a port profile means for an interface.
interface::journal::Parameters interface_parameters(const profiles::PortProfile& profile);

/// Looks profiles up in the database as it is at the time of each question; without a file there
/// are none.
decltype(interface::Surroundings::find_profile) profiles_of(std::string database);
interface::FindTypeModes type_modes_of(std::string database);

}  // namespace agent
