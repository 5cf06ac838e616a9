// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lldp/base/bytes.hpp"
#include "lldp/base/fields.hpp"
#include "lldp/basic_tlvs.hpp"

// Where each field of a PDU stands, by the layout tables that decode and encode it: for tools that
// show frames, broken ones too. Each goes as far as the octets do; their count starts at `offset`.

namespace lldp {

/// The fields with a fixed place at the beginning of an information string: subtypes, TTL,
/// capabilities, OUI.
void trace_basic_tlv(TlvType type, base::Bytes value, std::size_t offset, base::Fields& to);
/// The octets after OUI and subtype.
void trace_evb_tlv(base::Bytes information, std::size_t offset, base::Fields& to);
void trace_cdcp_tlv(base::Bytes information, std::size_t offset, base::Fields& to);
void trace_ecp_header(base::Bytes payload, std::size_t offset, base::Fields& to);
// Draft 0.2.
void trace_draft02_evb_tlv(base::Bytes information, std::size_t offset, base::Fields& to);
void trace_draft02_ecp_header(base::Bytes payload, std::size_t offset, base::Fields& to);

}  // namespace lldp
