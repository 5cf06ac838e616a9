// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "lldp/ecp_framing.hpp"
#include "lldp/evb_negotiation.hpp"
#include "vdp/bridge_vsi.hpp"
#include "vdp/port_events.hpp"
#include "vdp/station_vsi.hpp"
#include "vdp/vdpdu.hpp"

namespace vdp {

/// How a dialect writes VDP into an ECPDU.
struct VdpduFormat {
  std::size_t room_lost = 0;       ///< octets that its ECP header takes more than the ratified one
  std::size_t tlv_difference = 0;  ///< octets that an association takes more than ratified
  void (*begin)(base::Octets& ulpdu, const ManagerId& manager) = nullptr;
  void (*add)(base::Octets& ulpdu, const ManagerId& manager, const AssociationTlv& tlv) = nullptr;
};

/// All that VDP does differently from dialect to dialect. Station, Bridge and the machines of a
/// VSI are the same for all: the draft's machines are the part of figures 41-5 and 41-6 that does
/// without KEEP, under other names.
struct DialectRules {
  lldp::Dialect dialect = lldp::Dialect::kRatified;
  VdpduFormat format;
  /// What an ECPDU says: one Vdpdu for each manager in turn. `role` is ours: the draft's TLVs do
  /// not say whether they ask or answer.
  base::Result<std::vector<Vdpdu>> (*read)(base::Bytes ulpdu, lldp::EvbRole role) = nullptr;
  /// kNone, or why the dialect has no words for this request.
  LocalRefusal (*unsayable)(const VsiRequest& request, const lldp::EvbOperational& evb) = nullptr;
  /// A refusal has the type of the command that it answers, and is no De-Associate.
  bool refuses_in_kind = false;
  /// The bridge can refuse a change and keep what was agreed before.
  bool can_keep = true;
  /// The machine's state by the dialect's name.
  std::string_view (*station_state)(const StationVsi& machine) = nullptr;
  std::string_view (*bridge_state)(const BridgeVsi& machine) = nullptr;
};

const DialectRules& rules_of(lldp::Dialect dialect);

}  // namespace vdp
