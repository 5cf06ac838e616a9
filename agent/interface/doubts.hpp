// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/interface/plan.hpp"

namespace agent::interface {

/// Whether the bridge at the device reflects.
enum class Relay : std::uint8_t {
  kGranted,
  kNotGranted,  ///< EVB is agreed, reflective relay is not on
  kNoBridge,    ///< no EVB bridge is heard (yet)
  kNoPort,      ///< the device is no port of evbd: nobody can tell
};
Relay relay(const Ports& ports, std::string_view device);
/// nullopt when it is granted; otherwise what that means for mode vepa.
std::optional<std::string> relay_doubt(const Ports& ports, std::string_view device);

/// What the mode does not give here, in sentences: for people, when it is asked for and later.
/// `filtered`: the filter of filter_for() is in force.
std::vector<std::string> doubts(pb::InterfaceMode mode, const std::string& device,
                                const std::vector<net::Link>& siblings, const Ports& ports,
                                bool filtered);

}  // namespace agent::interface
