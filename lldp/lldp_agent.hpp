// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
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
  friend bool operator==(const LldpAgentConfig&, const LldpAgentConfig&) = default;
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

/// The LLDP agent of one (port, destination address): the three machines of 802.1AB clause 9.2 and
/// the remote systems that they keep. Outputs are appended in the order in which they happened.
class LldpAgent {
 public:
  explicit LldpAgent(const LldpAgentConfig& config);
  ~LldpAgent();
  LldpAgent(LldpAgent&&) noexcept;
  LldpAgent& operator=(LldpAgent&&) noexcept;

  /// portEnabled: the MAC service came or went. What was known of the neighbours goes with it.
  void port_enabled(base::Instant now, bool enabled, LldpOutputs& out);

  /// Timers, admin status and local information; `local.organizational` is left as it is. What
  /// changes the LLDPDU is a localChange, sent at once. A new chassis or port ID first ends the
  /// old.
  void set_config(base::Instant now, const LldpAgentConfig& config, LldpOutputs& out);

  /// The organisationally specific TLVs that we send; only other ones than before are a
  /// localChange.
  void set_organizational(base::Instant now, std::vector<OrganizationalTlv> tlvs, LldpOutputs& out);

  /// A localChange of nothing: our LLDPDU leaves again, at once.
  void repeat(base::Instant now, LldpOutputs& out);

  /// An LLDPDU arrived (payload of the frame, padding allowed) on this agent's address.
  /// What a new neighbour makes us send leaves with the next call, so that the answer to
  /// NeighborsChanged, set_organizational(), goes in the same LLDPDU; `deadline()` is `now` till
  /// then.
  void receive(base::Instant now, base::Bytes lldpdu, const MacAddress& source, LldpOutputs& out);

  /// The instant of `deadline()` has come (earlier is harmless).
  void time_passed(base::Instant now, LldpOutputs& out);
  std::optional<base::Instant> deadline() const;

  /// In the order in which they were first heard.
  const std::vector<Neighbor>& neighbors() const;
  bool too_many_neighbors() const;
  const LldpCounters& counters() const;
  const LldpAgentConfig& config() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lldp
