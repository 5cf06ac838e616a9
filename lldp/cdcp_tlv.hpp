// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"

namespace lldp {

/// The coding of the wire; the MIB counts from 1.
enum class CdcpRole : std::uint8_t { kBridge = 0, kStation = 1 };

/// An S-channel: its identifier and the S-VID that the bridge gave it.
struct SChannel {
  std::uint16_t scid = 1;  ///< 1..4095
  std::uint16_t svid = 1;  ///< 1..4094; from a station 0: "assign me one"
  friend bool operator==(const SChannel&, const SChannel&) = default;
};

/// The CDCP TLV of D.2.13 (type 127, OUI 00-80-C2, subtype 0x0E). The default S-channel (1,1) is
/// always listed, and listed first.
struct CdcpTlv {
  CdcpRole role = CdcpRole::kBridge;
  bool s_component = true;               ///< SComp: the sender can do S-channels
  std::uint16_t channel_capacity = 167;  ///< ChnCap: S-channels that the sender supports
  std::vector<SChannel> channels;        ///< at most kMaxSChannels
  friend bool operator==(const CdcpTlv&, const CdcpTlv&) = default;
};

/// As many as one TLV can hold.
inline constexpr std::size_t kMaxSChannels = 167;

/// Reads the octets after OUI and subtype. Refuses: no channel or a cut one (kTruncated), octets
/// left over (kWrongLength), SCID 0 or S-VID 4095 (kReservedValue), an SCID twice (kDuplicate).
base::Result<CdcpTlv> decode_cdcp_tlv(base::Bytes information);
/// The octets after OUI and subtype.
base::Octets encode(const CdcpTlv& tlv);
/// Every field by the standard's name, for people.
std::string print(const CdcpTlv& tlv);

}  // namespace lldp
