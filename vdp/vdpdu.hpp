// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"
#include "vdp/vsi.hpp"

namespace vdp {

/// One association TLV (41.2), a request or a response.
struct AssociationTlv {
  AssociationType type = AssociationType::kAssociate;
  bool response = false;   ///< 0x40: a response to a request of the station
  bool keep_or_s = false;  ///< 0x20: S-bit of a request, KEEP of a response
  bool hard_or_m = false;  ///< 0x10: M-bit of a request, HARD-ERROR of a response
  Reason reason = Reason::kSuccess;
  VsiType vsi_type;
  VsiId id;
  FilterInfo filters;
  friend bool operator==(const AssociationTlv&, const AssociationTlv&) = default;
};

/// An association TLV that was not used. `identified` is the part before the fault when the VSI
/// that it speaks of could be read, so that a bridge can answer it.
struct RefusedTlv {
  base::DecodeError error;
  std::optional<AssociationTlv> identified;
};

/// What one ECPDU carries for VDP (41.2): the manager TLV, association TLVs of that manager, and
/// organisationally defined TLVs.
struct Vdpdu {
  ManagerId manager;
  std::vector<AssociationTlv> associations;
  std::vector<OrganizationalTlv> organizational;
  std::vector<RefusedTlv> refused;
  std::uint32_t skipped = 0;  ///< TLVs of types that 41.2 does not define
};

/// Octets of an association TLV without filter info, and with an entry count.
inline constexpr std::size_t kAssociationHeadSize = 23;
inline constexpr std::size_t kAssociationSize = kAssociationHeadSize + 2;
/// Octets of the VSI Manager ID TLV with its header.
inline constexpr std::size_t kManagerTlvSize = 18;
/// Octets of the End TLV that closes a PDU.
inline constexpr std::size_t kEndTlvSize = 2;

/// The most entries that the 9-bit length of one TLV leaves room for: 243, 60, 81, 40.
constexpr std::size_t max_filter_entries(FilterFormat format) {
  return (511 - kAssociationSize) / entry_size(format);
}
/// Octets that the TLV with these filters takes in a PDU, with its header.
inline std::size_t encoded_size(const FilterInfo& filters) {
  return 2 + kAssociationSize + filters.entries.size() * entry_size(filters.format);
}
inline std::size_t encoded_size(const AssociationTlv& tlv) { return encoded_size(tlv.filters); }

/// Reads the information string of an association TLV. A De-Associate may end after the filter
/// format (23 octets). Refuses: too short (kTruncated), id format 0 or above 5 (kReservedValue,
/// octet 5), filter format 0 or above 4 (kReservedValue, octet 22), an entry count that does not
/// fit the length (kCountMismatch, octet 23).
base::Result<AssociationTlv> decode_association(AssociationType type, base::Bytes information);

/// Reads a whole PDU. Refused whole: the first TLV is not the manager ID (kMissing), its length is
/// not 16 (kWrongLength), a second one (kDuplicate), a TLV that runs past the end (kOverrun). An
/// association TLV that cannot be read is refused alone; unknown types are skipped; a zero type
/// ends the PDU, since short frames are padded.
base::Result<Vdpdu> decode_vdpdu(base::Bytes ulpdu);

void append_manager(base::Octets& ulpdu, const ManagerId& manager);
void append_association(base::Octets& ulpdu, const AssociationTlv& tlv);
void append_organizational(base::Octets& ulpdu, const OrganizationalTlv& tlv);
/// Two zero octets: some receivers take what an earlier, longer PDU left behind for more TLVs.
void append_end(base::Octets& ulpdu);

/// Every field by the standard's name, for people.
std::string print(const AssociationTlv& tlv);
std::string print(const Vdpdu& vdpdu);

/// Whether two filter lists mean the same, a zero VID or GroupID on either side matching any (the
/// bridge fills them in), and PS/PCP aside.
bool same_but_zeroes(const FilterInfo& a, const FilterInfo& b);

}  // namespace vdp
