// SPDX-License-Identifier: Apache-2.0
#include "profiles/network_parameters.hpp"

#include <algorithm>

namespace profiles {

std::uint64_t Rate::burst() const {
  constexpr std::uint64_t kLeast = 128 * 1024;
  return burst_octets != 0 ? burst_octets : std::max(bits_per_second / 8 / 50, kLeast);
}

std::string_view to_string(DeliveryMode mode) {
  switch (mode) {
    case DeliveryMode::kVepa: return "vepa";
    case DeliveryMode::kBridge: return "bridge";
    case DeliveryMode::kPrivate: return "private";
    case DeliveryMode::kPassthrough: return "passthrough";
  }
  return "unknown";
}

std::optional<DeliveryMode> parse_delivery_mode(std::string_view text) {
  for (const auto mode : kDeliveryModes) {
    if (to_string(mode) == text) return mode;
  }
  return std::nullopt;
}

bool NetworkParameters::allows(std::uint16_t vid) const {
  if (vid == 0 || vid > 4094) return false;
  return any_vlan || untagged == vid ||
         std::find(tagged.begin(), tagged.end(), vid) != tagged.end() ||
         std::any_of(groups.begin(), groups.end(),
                     [vid](const auto& group) { return group.second == vid; });
}

bool NetworkParameters::allows(const lldp::MacAddress& mac) const {
  if (mac.is_group() || mac == lldp::MacAddress{}) return false;
  if (mac_policy == MacPolicy::kOwn && macs.empty()) return true;
  return std::find(macs.begin(), macs.end(), mac) != macs.end();
}

std::optional<std::uint16_t> implied_default_vlan(const NetworkParameters& parameters) {
  if (parameters.untagged || parameters.tagged.empty()) return parameters.untagged;
  return parameters.tagged.front();
}

bool same_body(const NetworkParameters& one, const NetworkParameters& other) {
  if (one.name == other.name) return one == other;
  auto renamed = one;
  renamed.name = other.name;
  return renamed == other;
}

}  // namespace profiles
