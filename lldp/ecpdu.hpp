// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"

namespace lldp {

enum class EcpOperation : std::uint8_t { kRequest = 0, kAck = 1 };

/// Clause 43.3.3: which upper layer an ECPDU belongs to. 2 (PE-CSP, 802.1BR) is not ours to answer.
inline constexpr std::uint16_t kEcpSubtypeVdp = 1;
inline constexpr std::size_t kEcpHeaderSize = 4;

/// An ECPDU (clause 43.3.3), that is the payload of Ethertype 0x8940: version 1, operation,
/// subtype, sequence, and in requests the upper layer's PDU, which points into the frame it came
/// from.
struct Ecpdu {
  EcpOperation operation = EcpOperation::kRequest;
  std::uint16_t subtype = kEcpSubtypeVdp;
  std::uint16_t sequence = 0;
  base::Bytes ulpdu;
};

/// Refuses: fewer than 4 octets (kTruncated), another version than 1 (kWrongVersion, octet 0), a
/// reserved operation (kWrongOperation, octet 0), another subtype than VDP (kWrongSubtype, octet
/// 1).
base::Result<Ecpdu> decode_ecpdu(base::Bytes payload);
base::Octets encode(const Ecpdu& ecpdu);
/// The header's fields by the standard's names, for people.
std::string print(const Ecpdu& ecpdu);

}  // namespace lldp
