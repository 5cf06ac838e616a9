// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"
#include "lldp/lldp_agent.hpp"

namespace lldp {

/// Octets of Ethernet payload that an LLDPDU may fill.
inline constexpr std::size_t kMaxLldpduSize = 1500;

/// A received LLDPDU that passed the checks of 802.1AB 9.2.7.7.
struct Lldpdu {
  SystemInformation information;
  std::uint16_t ttl = 0;                ///< seconds; 0 is a shutdown LLDPDU
  std::uint32_t tlvs_discarded = 0;     ///< malformed or repeated optional TLVs, left out
  std::uint32_t tlvs_unrecognized = 0;  ///< of the reserved types 9..126, left out
  bool overrun = false;                 ///< the last TLV led past the end: an error, but usable
  friend bool operator==(const Lldpdu&, const Lldpdu&) = default;
};

/// Takes an LLDPDU apart. It is refused whole, at the TLV's header or the octet within its value,
/// when chassis ID, port ID and TTL do not come first in this order (kMissing), one of them is
/// malformed (kTruncated, kWrongLength) or leads past the end (kOverrun), or stands a second time
/// (kDuplicate). A fault in any other TLV costs that TLV only. Parsing stops at the End TLV; what
/// follows is padding, and an LLDPDU without one is accepted.
base::Result<Lldpdu> decode_lldpdu(base::Bytes octets);

struct EncodedLldpdu {
  base::Octets octets;
  unsigned tlvs_left_out = 0;  ///< optional TLVs for which there was no room
};

/// An LLDPDU of at most `limit` octets. Room is given to the organisationally specific TLVs first,
/// because protocols depend on them, then to the others in the order of their types.
EncodedLldpdu encode_lldpdu(const SystemInformation& information, std::uint16_t ttl,
                            std::size_t limit = kMaxLldpduSize);

/// The shutdown LLDPDU (9.1.2.2): chassis ID, port ID, TTL 0, End.
base::Octets encode_shutdown_lldpdu(const SystemInformation& information);

/// One line for each TLV, for people.
std::string print(const Lldpdu& lldpdu);

}  // namespace lldp
