// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"
#include "vdp/vsi.hpp"

namespace vdp {

/// What a bridge answers in draft 0.2; a request carries 0.
enum class Draft02Response : std::uint8_t {
  kSuccess = 0,
  kInvalidFormat = 1,
  kInsufficientResources = 2,
  kUnusedType = 3,        ///< "unused VTID": nobody knows the VSI type
  kTypeViolation = 4,     ///< "VTID violation": the type is not allowed here
  kVersionViolation = 5,  ///< "VTID version violation"
  kOutOfSync = 6,         ///< the ends disagree about what is associated
};

/// One VDP TLV of draft 0.2 (type 127, OUI 00-1B-3F, subtype 2). Nothing in it tells a request from
/// a response: that follows from who sends it.
struct Draft02Tlv {
  AssociationType type = AssociationType::kAssociate;  ///< the draft's mode 0..3 plus 1
  Draft02Response response = Draft02Response::kSuccess;
  std::uint8_t manager = 0;
  VsiType vsi_type;
  VsiId id;            ///< always a UUID
  FilterInfo filters;  ///< always MAC/VID, one entry at least; PS and PCP do not exist
  friend bool operator==(const Draft02Tlv&, const Draft02Tlv&) = default;
};

/// What one ECPDU of draft 0.2 carries. None at all is lldpad's first ECPDU.
struct Draft02Vdpdu {
  std::vector<Draft02Tlv> tlvs;
  std::vector<base::DecodeError> refused;
  std::uint32_t skipped = 0;  ///< TLVs of other types or organisations
};

inline constexpr std::uint8_t kDraft02VdpSubtype = 2;
/// Octets of the information string before the entries.
inline constexpr std::size_t kDraft02HeadSize = 30;
/// The most entries that the 9-bit length of one TLV leaves room for.
inline constexpr std::size_t kDraft02MaxEntries =
    (511 - kDraft02HeadSize) / entry_size(FilterFormat::kMacVid);

/// Octets that the TLV takes in a PDU, with its header.
std::size_t encoded_size(const Draft02Tlv& tlv);

/// Reads the information string, with OUI and subtype. Refuses: too short (kTruncated), a mode
/// above 3 (kReservedValue, octet 4), a response above 6 (octet 5), a format other than MAC/VID
/// (octet 27), an entry count of zero or one that does not fit the length (kCountMismatch, octet
/// 28).
base::Result<Draft02Tlv> decode_draft02_tlv(base::Bytes information);

/// Reads a whole PDU, down to its End TLV. Refused whole: a TLV that runs past the end (kOverrun).
/// A VDP TLV that cannot be read is refused alone, all others are skipped.
base::Result<Draft02Vdpdu> decode_draft02_vdpdu(base::Bytes ulpdu);

void append_draft02(base::Octets& ulpdu, const Draft02Tlv& tlv);

std::string_view to_string(Draft02Response response);
/// Every field by the draft's name, for people.
std::string print(const Draft02Tlv& tlv);
std::string print(const Draft02Vdpdu& vdpdu);

}  // namespace vdp
