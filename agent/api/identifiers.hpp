// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/api/names.hpp"
#include "lldp/lldp_agent.hpp"

// What an LLDPDU says of its sender, as text. All of it came from the wire: text is made safe for a
// terminal and valid UTF-8, which protobuf's strings must be.

namespace agent::api {

/// 802.1AB 8.5.2: by subtype as MAC address, network address or text.
std::string chassis_id_text(const lldp::Identifier& id);
/// 802.1AB 8.5.3, likewise.
std::string port_id_text(const lldp::Identifier& id);
/// IPv4, IPv6 or MAC address by its family, else hexadecimal.
std::string address_text(std::uint8_t family, base::Bytes address);

/// Fills the fields of the message that stem from the LLDPDU's TLVs, the EVB TLV included.
void describe(const lldp::SystemInformation& information, pb::Neighbor& to);

}  // namespace agent::api
