// SPDX-License-Identifier: Apache-2.0
#include "vdp/vsi.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lldp/base/bytes.hpp"
#include "lldp/base/hex.hpp"
#include "lldp/printable.hpp"
#include "vdp/port_events.hpp"

namespace vdp {
namespace {

using Octets16 = std::array<std::uint8_t, 16>;

/// 8-4-4-4-12; written in place, since a large answer has thousands of them.
std::string uuid_of(const Octets16& octets) {
  std::string text(36, '-');
  auto to = text.begin();
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++to;
    to = base::put_hex(octets[i], to);
  }
  return text;
}

std::string ipv4_of(const Octets16& octets) {
  return fmt::format("{}.{}.{}.{}", octets[12], octets[13], octets[14], octets[15]);
}

/// RFC 5952: the longest run of two or more zero groups becomes "::".
std::string ipv6_of(const Octets16& octets) {
  std::size_t run_at = 8;
  std::size_t run_length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t end = i;
    while (end < 8 && base::u16_at(octets, end * 2) == 0) ++end;
    if (end - i > run_length) {
      run_at = i;
      run_length = end - i;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == run_at) {
      text += "::";
      i += run_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", base::u16_at(octets, i * 2));
  }
  return text;
}

bool all_zero(base::Bytes octets) {
  return std::ranges::all_of(octets, [](auto octet) { return octet == 0; });
}

bool is_mapped_ipv4(const Octets16& octets) {
  return all_zero(base::Bytes(octets).first(10)) && octets[10] == 0xFF && octets[11] == 0xFF;
}

/// The printable characters before the zero padding; empty when it is no text.
std::string text_of(const Octets16& octets) {
  const auto end = std::ranges::find(octets, 0);
  if (!all_zero({end, octets.end()})) return {};
  const bool printable = std::all_of(octets.begin(), end, [](auto c) { return c > 32 && c < 127; });
  return printable ? std::string(octets.begin(), end) : std::string();
}

}  // namespace

std::string_view to_string(VsiIdFormat format) {
  switch (format) {
    case VsiIdFormat::kIpv4: return "IPv4";
    case VsiIdFormat::kIpv6: return "IPv6";
    case VsiIdFormat::kMac: return "MAC";
    case VsiIdFormat::kLocal: return "local";
    case VsiIdFormat::kUuid: return "UUID";
  }
  return "?";
}

std::string_view to_string(FilterFormat format) {
  switch (format) {
    case FilterFormat::kVid: return "VID";
    case FilterFormat::kMacVid: return "MAC/VID";
    case FilterFormat::kGroupVid: return "GroupID/VID";
    case FilterFormat::kGroupMacVid: return "GroupID/MAC/VID";
  }
  return "?";
}

std::string_view to_string(AssociationType type) {
  switch (type) {
    case AssociationType::kPreAssociate: return "Pre-Associate";
    case AssociationType::kPreAssociateWithReservation:
      return "Pre-Associate with Resource Reservation";
    case AssociationType::kAssociate: return "Associate";
    case AssociationType::kDeAssociate: return "De-Associate";
  }
  return "?";
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::kSuccess: return "success";
    case Reason::kInvalidFormat: return "invalid format";
    case Reason::kInsufficientResources: return "insufficient resources";
    case Reason::kUnreachableManager: return "unable to contact VSI manager";
    case Reason::kOtherFailure: return "other failure";
    case Reason::kInvalidFilter: return "invalid VID, GroupID or MAC address";
    case Reason::kUnusedType: return "VSI type unknown (draft 0.2)";
    case Reason::kTypeViolation: return "VSI type not allowed here (draft 0.2)";
    case Reason::kVersionViolation: return "VSI type version not allowed here (draft 0.2)";
    case Reason::kOutOfSync: return "station and bridge out of sync (draft 0.2)";
  }
  return "reserved reason";
}

std::string_view to_string(VsiState state) {
  switch (state) {
    case VsiState::kDeassociated: return "de-associated";
    case VsiState::kPreassociated: return "pre-associated";
    case VsiState::kPreassociatedWithReservation: return "pre-associated with reservation";
    case VsiState::kAssociated: return "associated";
  }
  return "?";
}

std::string_view to_string(VsiCause cause) {
  switch (cause) {
    case VsiCause::kRequested: return "requested";
    case VsiCause::kConfirmed: return "confirmed";
    case VsiCause::kRefusedByBridge: return "refused by the bridge";
    case VsiCause::kRefusedLocally: return "refused locally";
    case VsiCause::kNoResponse: return "no response from the bridge";
    case VsiCause::kNoKeepAlive: return "no keep-alive from the station";
    case VsiCause::kNoResources: return "no answer from the VSI manager in time";
    case VsiCause::kDeassociatedByClient: return "de-associated by the client";
    case VsiCause::kDeassociatedByBridge: return "de-associated by the bridge";
    case VsiCause::kEvbLost: return "EVB neighbour or link lost";
  }
  return "?";
}

std::string_view to_string(LocalRefusal refusal) {
  switch (refusal) {
    case LocalRefusal::kNone: return "none";
    case LocalRefusal::kGroupIdNotNegotiated:
      return "GroupIDs are not negotiated with the bridge (BGID and SGID must both be 1)";
    case LocalRefusal::kTooManyFilters:
      return "more filter entries or organisational TLVs than one frame holds";
    case LocalRefusal::kNoFilters: return "no filter entry is given";
    case LocalRefusal::kTooManyVsis: return "the port holds as many VSIs as it is configured for";
    case LocalRefusal::kMissingFromBridge:
      return "this port has the bridge role: associations are the station's to ask for";
    case LocalRefusal::kUnknownVsi: return "no such VSI on this port";
    case LocalRefusal::kReservedVid: return "VID 4095 is reserved";
    case LocalRefusal::kDraft02Manager:
      return "draft 0.2, which the bridge speaks, knows managers by a number from 0 to 255 only";
    case LocalRefusal::kDraft02VsiId:
      return "draft 0.2, which the bridge speaks, identifies a VSI by a UUID only";
    case LocalRefusal::kDraft02Filter:
      return "draft 0.2, which the bridge speaks, knows filters with MAC address and VID only";
    case LocalRefusal::kDraft02Organizational:
      return "draft 0.2, which the bridge speaks, has no organisational TLVs";
  }
  return "?";
}

std::string to_string(const VsiId& id) {
  lldp::MacAddress mac;
  switch (id.format) {
    case VsiIdFormat::kUuid: return uuid_of(id.octets);
    case VsiIdFormat::kIpv4: return ipv4_of(id.octets);
    case VsiIdFormat::kIpv6: return ipv6_of(id.octets);
    case VsiIdFormat::kMac:
      std::copy_n(id.octets.begin() + 10, 6, mac.octets.begin());
      return to_string(mac);
    case VsiIdFormat::kLocal: return lldp::to_hex(id.octets);
  }
  return lldp::to_hex(id.octets);
}

std::string to_string(const ManagerId& manager) {
  const auto& octets = manager.octets;
  if (all_zero(octets)) return "none";
  if (all_zero(base::Bytes(octets).subspan(1))) return std::to_string(octets[0]);
  if (is_mapped_ipv4(octets)) return ipv4_of(octets);
  if (auto text = text_of(octets); !text.empty()) return text;
  // Addresses in use are global (2000::/3), unique local (fc00::/7) or link local (fe80::/10).
  const bool address = octets[0] >> 5U == 1 || octets[0] >> 1U == 0x7E ||
                       (octets[0] == 0xFE && octets[1] >> 6U == 2);
  return address ? ipv6_of(octets) : lldp::to_hex(octets);
}

std::optional<VsiId> parse_uuid(std::string_view text) {
  const bool dashed = text.size() == 36;
  if (!dashed && text.size() != 32) return std::nullopt;
  VsiId id{VsiIdFormat::kUuid, {}};
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.octets.size(); ++i, at += 2) {
    if (dashed && (i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-') return std::nullopt;
    const int octet = base::hex_octet(text[at], text[at + 1]);
    if (octet < 0) return std::nullopt;
    id.octets[i] = static_cast<std::uint8_t>(octet);
  }
  return id;
}

}  // namespace vdp
