// SPDX-License-Identifier: Apache-2.0
#include "lldp/lldpdu.hpp"

#include <algorithm>

#include "lldp/basic_tlvs.hpp"
#include "lldp/organizational.hpp"
#include "lldp/tlv.hpp"

namespace lldp {
namespace {

using base::DecodeError;
using base::Fault;

constexpr std::size_t kEndTlvSize = kTlvHeaderSize;

/// Organisational TLVs of which a port has one, and how many octets after OUI and subtype one that
/// deserves the name has.
struct SingleTlv {
  bool (*matches)(const OrganizationalTlv&);
  std::size_t least;
};
constexpr SingleTlv kSingleTlvs[] = {{is_evb_tlv, 5}, {is_cdcp_tlv, 4}, {is_draft02_evb_tlv, 9}};

/// The TLV that has to stand here, decoded; the octet of a fault counts from the start of the PDU.
template <class T>
base::Result<T> decode_mandatory(TlvWalker& walker, base::Bytes octets, TlvType type,
                                 base::Result<T> (*decode)(base::Bytes)) {
  const auto tlv = walker.next();
  if (!tlv) return tl::unexpected(tlv.error());
  if (!*tlv) return tl::unexpected(DecodeError{Fault::kMissing, octets.size()});
  const auto& [found, value, offset] = **tlv;
  if (found != static_cast<std::uint8_t>(type)) {
    return tl::unexpected(DecodeError{Fault::kMissing, offset});
  }
  auto decoded = decode(value);
  if (!decoded) {
    const auto [fault, octet] = decoded.error();
    return tl::unexpected(DecodeError{fault, offset + kTlvHeaderSize + octet});
  }
  return decoded;
}

/// Stores what may stand once. False: malformed, or there already.
template <class T>
bool keep_once(std::optional<T>& slot, base::Result<T> decoded) {
  if (slot || !decoded) return false;
  slot = *std::move(decoded);
  return true;
}

bool keep_management_address(SystemInformation& information, base::Bytes value) {
  auto address = decode_management_address(value);
  if (!address) return false;
  information.management_addresses.push_back(*std::move(address));
  return true;
}

/// Organisational TLVs may repeat, except kSingleTlvs: of those the first counts.
bool keep_organizational(SystemInformation& information, base::Bytes value) {
  auto tlv = decode_organizational(value);
  if (!tlv) return false;
  auto& kept = information.organizational;
  for (const auto& [matches, least] : kSingleTlvs) {
    if (!matches(*tlv)) continue;
    if (tlv->information.size() < least) return false;
    if (std::any_of(kept.begin(), kept.end(), matches)) return false;
  }
  kept.push_back(*std::move(tlv));
  return true;
}

bool is_mandatory(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(TlvType::kChassisId) &&
         type <= static_cast<std::uint8_t>(TlvType::kTimeToLive);
}

void take_optional(Lldpdu& lldpdu, const Tlv& tlv) {
  auto& into = lldpdu.information;
  bool kept = true;
  switch (static_cast<TlvType>(tlv.type)) {
    case TlvType::kPortDescription:
      kept = keep_once(into.port_description, decode_text(tlv.value));
      break;
    case TlvType::kSystemName: kept = keep_once(into.system_name, decode_text(tlv.value)); break;
    case TlvType::kSystemDescription:
      kept = keep_once(into.system_description, decode_text(tlv.value));
      break;
    case TlvType::kSystemCapabilities:
      kept = keep_once(into.capabilities, decode_capabilities(tlv.value));
      break;
    case TlvType::kManagementAddress: kept = keep_management_address(into, tlv.value); break;
    case TlvType::kOrganizational: kept = keep_organizational(into, tlv.value); break;
    default: ++lldpdu.tlvs_unrecognized; break;
  }
  if (!kept) ++lldpdu.tlvs_discarded;
}

std::vector<base::Octets> encode_basic_optional(const SystemInformation& information) {
  std::vector<base::Octets> tlvs;
  const auto add = [&](TlvType type, base::Bytes value) {
    base::Octets tlv;
    append_tlv(tlv, static_cast<std::uint8_t>(type), value);
    tlvs.push_back(std::move(tlv));
  };
  if (const auto& text = information.port_description) {
    add(TlvType::kPortDescription, encode_text(*text));
  }
  if (const auto& text = information.system_name) add(TlvType::kSystemName, encode_text(*text));
  if (const auto& text = information.system_description) {
    add(TlvType::kSystemDescription, encode_text(*text));
  }
  if (const auto& bits = information.capabilities) add(TlvType::kSystemCapabilities, encode(*bits));
  for (const auto& address : information.management_addresses) {
    add(TlvType::kManagementAddress, encode(address));
  }
  return tlvs;
}

/// Encodes the organisational TLVs that fit into `room` octets; counts the others.
base::Octets encode_organizational(const std::vector<OrganizationalTlv>& tlvs, std::size_t room,
                                   unsigned& left_out) {
  base::Octets octets;
  for (const auto& tlv : tlvs) {
    const auto value = encode(tlv);
    if (value.size() > kMaxTlvLength || value.size() + kTlvHeaderSize > room - octets.size()) {
      ++left_out;
    } else {
      append_tlv(octets, static_cast<std::uint8_t>(TlvType::kOrganizational), value);
    }
  }
  return octets;
}

base::Octets encode_mandatory(const SystemInformation& information, std::uint16_t ttl) {
  base::Octets octets;
  octets.reserve(kMaxLldpduSize);
  append_tlv(octets, static_cast<std::uint8_t>(TlvType::kChassisId),
             encode(information.chassis_id));
  append_tlv(octets, static_cast<std::uint8_t>(TlvType::kPortId), encode(information.port_id));
  append_tlv(octets, static_cast<std::uint8_t>(TlvType::kTimeToLive), encode_ttl(ttl));
  return octets;
}

void append_end(base::Octets& octets) {
  append_tlv(octets, static_cast<std::uint8_t>(TlvType::kEnd), {});
}

}  // namespace

base::Result<Lldpdu> decode_lldpdu(base::Bytes octets) {
  Lldpdu lldpdu;
  TlvWalker walker(octets);
  auto chassis = decode_mandatory(walker, octets, TlvType::kChassisId, decode_identifier);
  if (!chassis) return tl::unexpected(chassis.error());
  auto port = decode_mandatory(walker, octets, TlvType::kPortId, decode_identifier);
  if (!port) return tl::unexpected(port.error());
  const auto ttl = decode_mandatory(walker, octets, TlvType::kTimeToLive, decode_ttl);
  if (!ttl) return tl::unexpected(ttl.error());
  lldpdu.information.chassis_id = *std::move(chassis);
  lldpdu.information.port_id = *std::move(port);
  lldpdu.ttl = *ttl;

  while (true) {
    const auto tlv = walker.next();
    if (!tlv) {
      lldpdu.overrun = true;
      ++lldpdu.tlvs_discarded;
      return lldpdu;
    }
    if (!*tlv || (*tlv)->type == static_cast<std::uint8_t>(TlvType::kEnd)) return lldpdu;
    if (is_mandatory((*tlv)->type)) {
      return tl::unexpected(DecodeError{Fault::kDuplicate, (*tlv)->offset});
    }
    take_optional(lldpdu, **tlv);
  }
}

EncodedLldpdu encode_lldpdu(const SystemInformation& information, std::uint16_t ttl,
                            std::size_t limit) {
  EncodedLldpdu encoded;
  auto& octets = encoded.octets;
  octets = encode_mandatory(information, ttl);
  const auto used = octets.size() + kEndTlvSize;
  std::size_t room = limit > used ? limit - used : 0;
  const auto organizational =
      encode_organizational(information.organizational, room, encoded.tlvs_left_out);
  room -= organizational.size();
  for (const auto& tlv : encode_basic_optional(information)) {
    if (tlv.size() > room) {
      ++encoded.tlvs_left_out;
      continue;
    }
    base::append(octets, tlv);
    room -= tlv.size();
  }
  base::append(octets, organizational);
  append_end(octets);
  return encoded;
}

base::Octets encode_shutdown_lldpdu(const SystemInformation& information) {
  auto octets = encode_mandatory(information, 0);
  append_end(octets);
  return octets;
}

}  // namespace lldp
