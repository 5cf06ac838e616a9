// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "profiles/network_parameters.hpp"
#include "vdp/vsi.hpp"

namespace profiles {

/// What identifies a VSI type in the database. Without a manager: that of whatever manager has
/// none of its own.
struct TypeName {
  std::optional<vdp::ManagerId> manager;
  vdp::VsiType type;
  friend auto operator<=>(const TypeName&, const TypeName&) = default;
};

/// "1193047 version 2 of 192.0.2.20", "7 version 1 of any manager"
std::string to_string(const TypeName& name);

/// PORT_PROFILE_MAX of <linux/if_link.h>, less the final zero.
inline constexpr std::size_t kMaxProfileName = 39;

/// What an 802.1Qbh profile ID names.
struct PortProfile {
  std::string name;  ///< 1 to 39 octets of UTF-8, no control characters: see name_fault()
  NetworkParameters parameters;
  /// The VSI type that the profile stands for where the switch speaks 802.1Qbg.
  std::optional<TypeName> vsi_type;
  /// Mode vepa only where the bridge has granted reflective relay.
  bool require_relay = false;
  friend bool operator==(const PortProfile&, const PortProfile&) = default;
};

/// What is wrong with a profile's name, as a sentence; empty: nothing.
std::string name_fault(std::string_view name);

/// A VSI type and what it leads to.
struct VsiTypeEntry {
  TypeName name;
  NetworkParameters parameters;
  friend bool operator==(const VsiTypeEntry&, const VsiTypeEntry&) = default;
};

}  // namespace profiles
