// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lldp/base/bytes.hpp"
#include "lldp/base/fields.hpp"

namespace vdp {

/// Where each field of an association TLV's information string stands, as far as the octets go;
/// their count starts at `offset`. See lldp/trace.hpp.
void trace_association(base::Bytes information, std::size_t offset, base::Fields& to);
/// Of a VDP TLV of draft 0.2, OUI and subtype included.
void trace_draft02_tlv(base::Bytes information, std::size_t offset, base::Fields& to);

}  // namespace vdp
