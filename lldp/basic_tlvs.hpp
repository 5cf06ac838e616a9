// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"
#include "lldp/lldp_agent.hpp"

namespace lldp {

/// TLV types of 802.1AB table 8-1; 9..126 are reserved.
enum class TlvType : std::uint8_t {
  kEnd = 0,
  kChassisId = 1,
  kPortId = 2,
  kTimeToLive = 3,
  kPortDescription = 4,
  kSystemName = 5,
  kSystemDescription = 6,
  kSystemCapabilities = 7,
  kManagementAddress = 8,
  kOrganizational = 127,
};

// The information strings of the basic TLVs. A refusal's octet counts from the start of the string.

/// Chassis ID and port ID: 2..256 octets, else kTruncated or kWrongLength.
base::Result<Identifier> decode_identifier(base::Bytes value);
base::Octets encode(const Identifier& identifier);

/// At least two octets, else kTruncated; the standard lets a receiver ignore more.
base::Result<std::uint16_t> decode_ttl(base::Bytes value);
base::Octets encode_ttl(std::uint16_t ttl);

/// Port description, system name and system description: at most 255 octets, else kWrongLength.
base::Result<std::string> decode_text(base::Bytes value);
/// Cut after 255 octets.
base::Octets encode_text(const std::string& text);

/// Exactly four octets, else kTruncated or kWrongLength.
base::Result<Capabilities> decode_capabilities(base::Bytes value);
base::Octets encode(const Capabilities& capabilities);

/// An address string of 2..32 octets with its family and an object id of at most 128, else
/// kWrongLength at the length that is wrong; kTruncated, and kWrongLength when octets are left
/// over.
base::Result<ManagementAddress> decode_management_address(base::Bytes value);
base::Octets encode(const ManagementAddress& address);

/// OUI, subtype and 0..507 octets; fewer than four are kTruncated.
base::Result<OrganizationalTlv> decode_organizational(base::Bytes value);
base::Octets encode(const OrganizationalTlv& tlv);

/// "MAC address 02:00:00:00:a0:01", "interface name eth0", "local 6f6e65".
std::string print_chassis_id(const Identifier& id);
std::string print_port_id(const Identifier& id);
/// "bridge router (enabled: bridge)".
std::string print(const Capabilities& capabilities);
/// "192.0.2.1, ifIndex 2".
std::string print(const ManagementAddress& address);

}  // namespace lldp
