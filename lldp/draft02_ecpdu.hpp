// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"
#include "lldp/ecpdu.hpp"

namespace lldp {

/// Draft 0.2's ECP is an OUI-extended protocol (00-1B-3F, subtype 0) below this Ethertype.
inline constexpr std::uint16_t kDraft02EcpEthertype = 0x88B7;
inline constexpr std::size_t kDraft02EcpHeaderSize = 9;

/// An ECPDU of draft 0.2, the payload of its Ethertype. An acknowledgement is as long as the
/// request that it answers, and zero behind the header.
struct Draft02Ecpdu {
  EcpOperation operation = EcpOperation::kRequest;  ///< the draft calls it mode
  std::uint16_t sequence = 0;
  base::Bytes ulpdu;  ///< VDP TLVs; points into the frame it came from, may be empty
};

/// Refuses: fewer than 9 octets (kTruncated), another OUI (kWrongSubtype, octet 0) or subtype
/// (kWrongSubtype, octet 4) than ECP's, a mode above 1 (kWrongOperation, octet 6).
base::Result<Draft02Ecpdu> decode_draft02_ecpdu(base::Bytes payload);
base::Octets encode(const Draft02Ecpdu& ecpdu);
/// The header's fields by the draft's names, for people.
std::string print(const Draft02Ecpdu& ecpdu);

}  // namespace lldp
