// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "lldp/cdcp_tlv.hpp"
#include "lldp/draft02_evb_tlv.hpp"
#include "lldp/evb_negotiation.hpp"
#include "lldp/evb_tlv.hpp"
#include "lldp/lldp_agent.hpp"

namespace lldp {

/// OUI of the IEEE 802.1 organisationally specific TLVs (802.1Q annex D).
inline constexpr std::array<std::uint8_t, 3> kIeee8021Oui{0x00, 0x80, 0xC2};
inline constexpr std::uint8_t kEvbSubtype = 0x0D;
inline constexpr std::uint8_t kCdcpSubtype = 0x0E;

/// Whether OUI and subtype are those of the EVB TLV (D.2.12), of the CDCP TLV (D.2.13).
bool is_evb_tlv(const OrganizationalTlv& tlv);
bool is_cdcp_tlv(const OrganizationalTlv& tlv);
/// Whether it is the EVB TLV of draft 0.2.
bool is_draft02_evb_tlv(const OrganizationalTlv& tlv);

OrganizationalTlv to_organizational(const EvbTlv& tlv);
OrganizationalTlv to_organizational(const CdcpTlv& tlv);
OrganizationalTlv to_organizational(const Draft02EvbTlv& tlv);

/// The neighbour's EVB TLV; nullopt when it has none or none that can be read.
std::optional<EvbTlv> find_evb_tlv(const SystemInformation& information);
std::optional<CdcpTlv> find_cdcp_tlv(const SystemInformation& information);
std::optional<Draft02EvbTlv> find_draft02_evb_tlv(const SystemInformation& information);

/// The EVB TLV that counts on a port where `role` is ours. The standard leaves several EVB
/// neighbours open: the first one heard that has the other role counts, and if there is none, the
/// first one with an EVB TLV at all, so that it can be shown.
std::optional<EvbTlv> find_evb_tlv(const std::vector<Neighbor>& neighbors, EvbRole role);

}  // namespace lldp
