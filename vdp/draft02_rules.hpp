// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vdp/dialect.hpp"
#include "vdp/draft02_vdpdu.hpp"

namespace vdp {

/// Draft 0.2, by what lldpad does; see README.md for what it cannot say.
const DialectRules& draft02_rules();

/// The TLV as the end in `role` receives it: a response at the station, and a command at the
/// bridge.
AssociationTlv association_of(const Draft02Tlv& tlv, lldp::EvbRole role);

/// The manager that a number of the draft stands for, and back; nullopt: no number stands for it.
ManagerId manager_of(std::uint8_t number);
std::optional<std::uint8_t> number_of(const ManagerId& manager);

/// The draft's responses 3 to 6 are reasons of their own (Reason::kUnusedType and so on); what a
/// bridge of ours refuses with is said by the response that comes closest.
Reason reason_of(Draft02Response response);
Draft02Response response_of(Reason reason);

}  // namespace vdp
