// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lldp/base/small_vector.hpp"
#include "lldp/mac_address.hpp"

namespace vdp {

/// 41.2.2, the 16 octets that name the VSI manager: an IPv6 address, an IPv4 address mapped into
/// one
/// (::ffff:a.b.c.d), or any octets the network's operator chose. All zero: the bridge's own
/// default.
struct ManagerId {
  std::array<std::uint8_t, 16> octets{};
  friend auto operator<=>(const ManagerId&, const ManagerId&) = default;
};

/// 41.2.6.
enum class VsiIdFormat : std::uint8_t { kIpv4 = 1, kIpv6 = 2, kMac = 3, kLocal = 4, kUuid = 5 };

/// 41.2.6 and 41.2.7: what identifies a VSI on a port. Shorter ids than 16 octets stand at the
/// right.
struct VsiId {
  VsiIdFormat format = VsiIdFormat::kUuid;
  std::array<std::uint8_t, 16> octets{};
  friend auto operator<=>(const VsiId&, const VsiId&) = default;
};

/// 41.2.4 and 41.2.5.
struct VsiType {
  std::uint32_t id = 0;  ///< 24 bits
  std::uint8_t version = 0;
  friend auto operator<=>(const VsiType&, const VsiType&) = default;
};

/// 41.2.8.
enum class FilterFormat : std::uint8_t { kVid = 1, kMacVid = 2, kGroupVid = 3, kGroupMacVid = 4 };

constexpr bool has_group(FilterFormat format) {
  return format == FilterFormat::kGroupVid || format == FilterFormat::kGroupMacVid;
}
constexpr bool has_mac(FilterFormat format) {
  return format == FilterFormat::kMacVid || format == FilterFormat::kGroupMacVid;
}
/// Octets of one entry on the wire.
constexpr std::size_t entry_size(FilterFormat format) {
  return 2U + (has_mac(format) ? 6U : 0U) + (has_group(format) ? 4U : 0U);
}

/// 41.2.9, one entry; which fields count follows from the format.
struct FilterEntry {
  std::uint32_t group = 0;
  lldp::MacAddress mac;
  bool ps = false;        ///< PS: the PCP field means something (in responses)
  std::uint8_t pcp = 0;   ///< default priority, 0..7
  std::uint16_t vid = 0;  ///< 0..4095; 0 in a request: the bridge chooses
  friend bool operator==(const FilterEntry&, const FilterEntry&) = default;
};

struct FilterInfo {
  FilterFormat format = FilterFormat::kMacVid;
  base::SmallVector<FilterEntry, 1> entries;
  friend bool operator==(const FilterInfo&, const FilterInfo&) = default;
};

/// The four association types are TLV types (41.2.1).
enum class AssociationType : std::uint8_t {
  kPreAssociate = 1,
  kPreAssociateWithReservation = 2,
  kAssociate = 3,
  kDeAssociate = 4,
};

/// The reasons of the status octet (41.2.3); 6..15 are reserved and kept as received.
enum class Reason : std::uint8_t {
  kSuccess = 0,
  kInvalidFormat = 1,
  kInsufficientResources = 2,
  kUnreachableManager = 3,
  kOtherFailure = 4,
  kInvalidFilter = 5,  ///< VID, GroupID or MAC address not acceptable
  // Draft 0.2 has four of its own; their numbers never stand on the wire.
  kUnusedType = 0x13,        ///< nobody knows the VSI type
  kTypeViolation = 0x14,     ///< the VSI type is not allowed here
  kVersionViolation = 0x15,  ///< its version is not allowed here
  kOutOfSync = 0x16,         ///< station and bridge disagree about what is associated
};

/// M and S bits of a request (41.2.3): what the client knows of a migration.
struct MigrationHint {
  bool to_here = false;    ///< M: the user of the VSI is migrating to this station
  bool from_here = false;  ///< S: the user of the VSI is suspended here
  friend bool operator==(const MigrationHint&, const MigrationHint&) = default;
};

/// Type 0x7F in VDP: kept and passed on, never interpreted here.
struct OrganizationalTlv {
  std::array<std::uint8_t, 3> oui{};
  std::vector<std::uint8_t> information;
  friend bool operator==(const OrganizationalTlv&, const OrganizationalTlv&) = default;
};

/// vsiState (41.5.5.14).
enum class VsiState : std::uint8_t {
  kDeassociated,
  kPreassociated,
  kPreassociatedWithReservation,
  kAssociated,
};

std::string_view to_string(VsiIdFormat format);
std::string_view to_string(FilterFormat format);
std::string_view to_string(AssociationType type);
std::string_view to_string(Reason reason);
std::string_view to_string(VsiState state);

/// UUIDs as 8-4-4-4-12, addresses as such, local ids as 32 hexadecimal digits.
std::string to_string(const VsiId& id);
/// "::ffff:192.0.2.20" as "192.0.2.20", IPv6 addresses, a lone first octet as its number, otherwise
/// text or 32 hexadecimal digits; all zero is "none".
std::string to_string(const ManagerId& manager);

/// 8-4-4-4-12 hexadecimal digits, with or without '-'; nullopt when it is anything else.
std::optional<VsiId> parse_uuid(std::string_view text);

}  // namespace vdp

template <>
struct std::hash<vdp::VsiId> {
  std::size_t operator()(const vdp::VsiId& id) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, id.octets.data(), sizeof halves);
    // Ids of one host often differ in a few octets only; every bit of the hash has to feel them.
    auto mixed = (halves[0] ^ static_cast<unsigned>(id.format)) * 0x9E3779B97F4A7C15U + halves[1];
    mixed = (mixed ^ mixed >> 33U) * 0xFF51AFD7ED558CCDU;
    mixed = (mixed ^ mixed >> 33U) * 0xC4CEB9FE1A85EC53U;
    return static_cast<std::size_t>(mixed ^ mixed >> 33U);
  }
};
