// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"

namespace lldp {

enum class EvbMode : std::uint8_t { kNotSupported = 0, kEvbBridge = 1, kEvbStation = 2 };

/// RRSTAT, what the station believes of the reflective relay; 2 and 3 both mean unknown.
enum class RelayStatus : std::uint8_t { kOff = 0, kOn = 1, kUnknown2 = 2, kUnknown = 3 };

/// The EVB TLV of D.2.12 (type 127, OUI 00-80-C2, subtype 0x0D): nine octets with OUI and subtype.
/// Times are exponents: 10 us x 2^n.
struct EvbTlv {
  // EVB bridge status
  bool bridge_group_ids = false;  ///< BGID: the bridge wants GroupIDs in VDP
  bool relay_capable = false;     ///< RRCAP: the bridge port can do reflective relay
  bool relay_control = false;     ///< RRCTR: the bridge port does reflective relay now
  // EVB station status
  bool station_group_ids = false;  ///< SGID: the station supports GroupIDs in VDP
  bool relay_request = false;      ///< RRREQ: the station asks for reflective relay
  RelayStatus relay_status = RelayStatus::kUnknown;  ///< RRSTAT

  std::uint8_t max_retries = 3;           ///< R, 0..7
  std::uint8_t retransmit_exponent = 14;  ///< RTE, 0..31
  EvbMode mode = EvbMode::kNotSupported;  ///< of the sender
  bool remote_rwd = false;                ///< ROL: the sender runs with the value we proposed
  std::uint8_t resource_wait_delay = 20;  ///< RWD exponent, 0..31
  bool remote_rka = false;                ///< ROL
  std::uint8_t reinit_keep_alive = 20;    ///< RKA exponent, 0..31
  friend bool operator==(const EvbTlv&, const EvbTlv&) = default;
};

/// Reads the octets after OUI and subtype (five; a longer TLV's tail is ignored, as later revisions
/// may add to it). Refuses: fewer than five (kTruncated), mode 3 (kReservedValue at octet 3).
base::Result<EvbTlv> decode_evb_tlv(base::Bytes information);
/// The five octets after OUI and subtype.
base::Octets encode(const EvbTlv& tlv);
/// Every field by the standard's name, for people.
std::string print(const EvbTlv& tlv);

}  // namespace lldp
