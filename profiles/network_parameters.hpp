// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lldp/mac_address.hpp"

namespace profiles {

/// A limit on bandwidth.
struct Rate {
  std::uint64_t bits_per_second = 0;
  std::uint64_t burst_octets = 0;  ///< 0: burst() chooses
  friend bool operator==(const Rate&, const Rate&) = default;

  /// What may pass at once: burst_octets, else what 20 ms carry, but no less than 128 KiB, since a
  /// host hands frames on in segments of up to 64 KiB.
  std::uint64_t burst() const;
};

/// Where a macvtap delivers what a guest sends (the modes of `<source mode=...>`).
enum class DeliveryMode : std::uint8_t { kVepa, kBridge, kPrivate, kPassthrough };
inline constexpr DeliveryMode kDeliveryModes[] = {
    DeliveryMode::kVepa, DeliveryMode::kBridge, DeliveryMode::kPrivate, DeliveryMode::kPassthrough};

/// "vepa", "bridge", "private", "passthrough", as libvirt writes them.
std::string_view to_string(DeliveryMode mode);
std::optional<DeliveryMode> parse_delivery_mode(std::string_view text);

/// The modes in which something may be attached. Empty: it is not restricted.
class DeliveryModes {
 public:
  constexpr DeliveryModes() = default;
  constexpr DeliveryModes(std::initializer_list<DeliveryMode> modes) {
    for (const auto mode : modes) insert(mode);
  }
  constexpr void insert(DeliveryMode mode) { bits_ |= bit(mode); }
  constexpr bool contains(DeliveryMode mode) const { return (bits_ & bit(mode)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool allows(DeliveryMode mode) const { return empty() || contains(mode); }
  friend constexpr bool operator==(DeliveryModes, DeliveryModes) = default;

 private:
  static constexpr unsigned bit(DeliveryMode mode) { return 1U << static_cast<unsigned>(mode); }
  unsigned bits_ = 0;
};

/// Which MAC addresses a guest may use: the one that its interface was given, whichever that is,
/// or only those of a list.
enum class MacPolicy : std::uint8_t { kOwn, kListed };

/// What a port profile or a VSI type gives to the interfaces that name it: a row of the database.
struct NetworkParameters {
  std::string name;  ///< of a VSI type, for people; may be empty
  /// The VLAN whose frames leave the bridge port untagged, and which untagged frames belong to.
  std::optional<std::uint16_t> untagged;
  std::vector<std::uint16_t> tagged;
  bool any_vlan = false;                          ///< every VID that the station names is accepted
  std::optional<std::uint16_t> default_vlan;      ///< chosen for VID 0
  std::map<std::uint32_t, std::uint16_t> groups;  ///< GroupID -> VLAN
  std::optional<std::uint8_t> default_priority;   ///< PCP handed to the station
  MacPolicy mac_policy = MacPolicy::kOwn;
  std::vector<lldp::MacAddress> macs;  ///< if there are any, the only ones allowed
  std::optional<std::uint16_t> mtu;    ///< octets of payload that the interface must carry
  std::optional<Rate> transmit;        ///< what the guest sends
  std::optional<Rate> receive;         ///< what the guest receives
  DeliveryModes modes;
  std::optional<std::size_t> max_instances;  ///< interfaces at a time, all ports together
  friend bool operator==(const NetworkParameters&, const NetworkParameters&) = default;

  bool allows(std::uint16_t vid) const;
  bool allows(const lldp::MacAddress& mac) const;
};

/// What default_vlan is where nobody says: the untagged VLAN, else the first tagged one.
std::optional<std::uint16_t> implied_default_vlan(const NetworkParameters& parameters);

/// Whether both mean the same on a network: a name for people does not count.
bool same_body(const NetworkParameters& one, const NetworkParameters& other);

}  // namespace profiles
