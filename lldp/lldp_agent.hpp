// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"
#include "lldp/base/time.hpp"
#include "lldp/mac_address.hpp"

namespace lldp {

/// An organisationally specific TLV (type 127): OUI, subtype and the octets after them.
struct OrganizationalTlv {
  std::array<std::uint8_t, 3> oui{};
  std::uint8_t subtype = 0;
  base::Octets information;
  friend bool operator==(const OrganizationalTlv&, const OrganizationalTlv&) = default;
};

/// Chassis ID or port ID: subtype and 1..255 octets (802.1AB 8.5.2, 8.5.3).
struct Identifier {
  std::uint8_t subtype = 0;
  base::Octets octets;
  friend auto operator<=>(const Identifier&, const Identifier&) = default;
};

/// Management address TLV (8.5.9): address with its IANA family, interface number, object id.
struct ManagementAddress {
  std::uint8_t family = 0;             ///< IANA address family: 1 IPv4, 2 IPv6, 6 MAC
  base::Octets address;                ///< 1..31 octets
  std::uint8_t interface_subtype = 2;  ///< 1 unknown, 2 ifIndex, 3 system port number
  std::uint32_t interface_number = 0;
  base::Octets object_id;
  friend bool operator==(const ManagementAddress&, const ManagementAddress&) = default;
};

struct Capabilities {
  std::uint16_t supported = 0;
  std::uint16_t enabled = 0;
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

/// What an LLDPDU says of its sender, beside the TTL (802.1AB clause 8.5).
struct SystemInformation {
  Identifier chassis_id;
  Identifier port_id;
  std::optional<std::string> port_description;    ///< 0..255 octets
  std::optional<std::string> system_name;         ///< 0..255 octets
  std::optional<std::string> system_description;  ///< 0..255 octets
  std::optional<Capabilities> capabilities;
  std::vector<ManagementAddress> management_addresses;
  std::vector<OrganizationalTlv> organizational;
  friend bool operator==(const SystemInformation&, const SystemInformation&) = default;
};

/// 802.1AB-2016 9.2.5: the parameters, in seconds where they are times.
struct LldpTimers {
  unsigned msg_tx_interval = 30;  ///< 1..32768
  unsigned msg_tx_hold = 4;       ///< 1..100; TTL = min(65535, interval x hold + 1)
  unsigned reinit_delay = 2;      ///< 1..10
  unsigned tx_credit_max = 5;     ///< 1..100
  unsigned msg_fast_tx = 1;       ///< 1..3600
  unsigned tx_fast_init = 4;      ///< 1..8
  friend bool operator==(const LldpTimers&, const LldpTimers&) = default;
};

enum class AdminStatus : std::uint8_t { kDisabled, kTxOnly, kRxOnly, kTxAndRx };

struct LldpAgentConfig {
  LldpTimers timers;
  AdminStatus admin_status = AdminStatus::kTxAndRx;
  std::size_t max_neighbors = 8;
  SystemInformation local;
};

/// One remote MSAP (chassis ID + port ID) as its last LLDPDU described it.
struct Neighbor {
  MacAddress source;  ///< source address of the frame that carried the LLDPDU
  SystemInformation information;
  std::uint16_t ttl = 0;  ///< seconds, as received
  base::Instant expires;  ///< when rxInfoTTL runs out
  base::Instant first_heard;
  base::Instant last_changed;
  std::uint32_t unrecognized_tlvs = 0;  ///< of the last LLDPDU
};

/// 802.1AB-2016 9.2.6.
struct LldpCounters {
  std::uint64_t frames_out = 0;
  std::uint64_t frames_in = 0;
  std::uint64_t frames_in_errors = 0;
  std::uint64_t frames_discarded = 0;
  std::uint64_t tlvs_discarded = 0;
  std::uint64_t tlvs_unrecognized = 0;
  std::uint64_t ageouts = 0;
  std::uint64_t inserts = 0;
  std::uint64_t drops = 0;
  std::uint64_t deletes = 0;
  std::uint64_t length_errors = 0;
};

/// Order: send this LLDPDU (without Ethernet header) to the agent's destination address.
struct SendLldpdu {
  base::Octets lldpdu;
};
/// Fact: a neighbour came, changed or went.
struct NeighborsChanged {};
/// Fact: an LLDPDU was discarded whole; the octet counts from the start of the LLDPDU.
struct LldpduRefused {
  base::DecodeError error;
};
using LldpOutput = std::variant<SendLldpdu, NeighborsChanged, LldpduRefused>;
using LldpOutputs = std::vector<LldpOutput>;

}  // namespace lldp
