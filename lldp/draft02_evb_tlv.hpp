// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"

namespace lldp {

/// OUI of everything in the draft 0.2 that became 802.1Qbg: EVB TLV, ECP header, VDP TLVs.
inline constexpr std::array<std::uint8_t, 3> kDraft02Oui{0x00, 0x1B, 0x3F};
inline constexpr std::uint8_t kDraft02EvbSubtype = 0;

/// Two octets that the EVB TLV of draft 0.2 has twice: what an end can do, and what it has chosen.
struct Draft02Abilities {
  bool standard_bridging = false;  ///< forwards as a bridge does
  bool reflective_relay = false;   ///< may send a frame back to the port it came from
  bool rte = false;                ///< the RTE octet means something
  bool ecp = false;
  bool vdp = false;
  friend bool operator==(const Draft02Abilities&, const Draft02Abilities&) = default;
};

/// The EVB TLV of draft 0.2 (type 127, OUI 00-1B-3F, subtype 0): 13 octets with OUI and subtype. It
/// does not say which end is the bridge.
struct Draft02EvbTlv {
  Draft02Abilities supported;
  Draft02Abilities configured;
  std::uint16_t supported_vsis = 3295;  ///< as many MAC/VID pairs as known switches announce
  std::uint16_t configured_vsis = 0;
  std::uint8_t retransmit_exponent = 15;  ///< RTE, 0..31: 10 us x 2^RTE
  friend bool operator==(const Draft02EvbTlv&, const Draft02EvbTlv&) = default;
};

/// Reads the octets after OUI and subtype (nine; a longer TLV's tail is ignored). Refuses: fewer
/// than nine (kTruncated), an RTE above 31 (kReservedValue, octet 8).
base::Result<Draft02EvbTlv> decode_draft02_evb_tlv(base::Bytes information);
/// The nine octets after OUI and subtype.
base::Octets encode(const Draft02EvbTlv& tlv);
/// Every field by the draft's name, for people.
std::string print(const Draft02EvbTlv& tlv);

}  // namespace lldp
