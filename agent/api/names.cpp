// SPDX-License-Identifier: Apache-2.0
#include "agent/api/names.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "lldp/base/hex.hpp"

namespace agent::api {
namespace {

std::optional<std::array<std::uint8_t, 16>> parse_hex16(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const int octet = base::hex_octet(text[2 * i], text[2 * i + 1]);
    if (octet < 0) return std::nullopt;
    octets[i] = static_cast<std::uint8_t>(octet);
  }
  return octets;
}

/// Shorter ids stand at the right of the 16 octets.
template <std::size_t N>
std::array<std::uint8_t, 16> at_the_right(const std::array<std::uint8_t, N>& octets) {
  std::array<std::uint8_t, 16> id{};
  std::ranges::copy(octets, id.end() - N);
  return id;
}

std::optional<std::array<std::uint8_t, 4>> parse_ipv4(std::string_view text) {
  std::array<std::uint8_t, 4> octets{};
  if (inet_pton(AF_INET, std::string(text).c_str(), octets.data()) != 1) return std::nullopt;
  return octets;
}

std::optional<std::array<std::uint8_t, 16>> parse_ipv6(std::string_view text) {
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET6, std::string(text).c_str(), octets.data()) != 1) return std::nullopt;
  return octets;
}

/// The reasons that only draft 0.2 has.
ReasonText explain_draft02_reason(std::uint32_t reason) {
  switch (reason) {
    case 0x13:
      return {"VSI type unknown (draft 0.2: unused VTID)", "The bridge does not know the VSI type.",
              "Compare manager, type and version with the network administrator's."};
    case 0x14:
      return {"VSI type not allowed here (draft 0.2: VTID violation)",
              "The bridge does not allow this VSI type, or its addresses, on this port.",
              "Compare the VSI with what the VSI type permits on this port."};
    case 0x15:
      return {"VSI type version not allowed here (draft 0.2: VTID version violation)",
              "The bridge does not allow this version of the VSI type.",
              "Compare the version with the network administrator's."};
    case 0x16:
      return {"out of sync (draft 0.2)", "The bridge holds something else of this VSI than evbd.",
              "Wait for the next try, which tells the bridge what is wanted."};
    default:
      return {"reserved", "The standard reserves this number; the bridge sent it nevertheless.",
              "Look into the bridge's documentation or log."};
  }
}

}  // namespace

std::optional<vdp::VsiId> parse_vsi_id(vdp::VsiIdFormat format, std::string_view text) {
  const auto as_id = [format](const auto& octets) -> std::optional<vdp::VsiId> {
    if (!octets) return std::nullopt;
    return vdp::VsiId{format, at_the_right(*octets)};
  };
  switch (format) {
    case vdp::VsiIdFormat::kIpv4: return as_id(parse_ipv4(text));
    case vdp::VsiIdFormat::kIpv6: return as_id(parse_ipv6(text));
    case vdp::VsiIdFormat::kLocal: return as_id(parse_hex16(text));
    case vdp::VsiIdFormat::kUuid: return vdp::parse_uuid(text);
    case vdp::VsiIdFormat::kMac: {
      const auto mac = lldp::parse_mac_address(text);
      if (!mac) return std::nullopt;
      return vdp::VsiId{format, at_the_right(mac->octets)};
    }
  }
  return std::nullopt;
}

std::string bare_id(std::string_view text) {
  std::string bare;
  for (const char c : text) {
    if (c == '-' || c == ':') continue;
    bare += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return bare;
}

ReasonText explain_reason(std::uint32_t reason) {
  switch (reason) {
    case 0: return {"success", "The bridge did what was asked.", "Nothing is to be done."};
    case 1:
      return {"invalid format", "The bridge could not read the request.",
              "Compare the VSI ID format and the filter format with what the bridge supports."};
    case 2:
      return {
          "insufficient resources", "The bridge, or its VSI manager, has no room for this VSI now.",
          "Ask the network administrator which limit of the port or of the VSI type is used up."};
    case 3:
      return {"unable to contact the VSI manager",
              "The bridge could not reach the VSI manager that the manager ID names.",
              "Compare the manager ID with the network administrator's, and let them check the way "
              "from the bridge to the manager."};
    case 4:
      return {"other failure",
              "The bridge refused for a reason that the standard has no number for.",
              "Look into the bridge's log; often the VSI type or its version is unknown there."};
    case 5:
      return {"invalid VID, GroupID or MAC address",
              "The bridge does not accept a VLAN, group or MAC address of the filters.",
              "Compare the filters with what the VSI type permits on this port."};
    default: return explain_draft02_reason(reason);
  }
}

// The numbers of both enumerations are the standard's.
pb::VsiIdFormat to_pb(vdp::VsiIdFormat format) { return static_cast<pb::VsiIdFormat>(format); }
pb::AssociationType to_pb(vdp::AssociationType type) {
  return static_cast<pb::AssociationType>(type);
}
pb::FilterFormat to_pb(vdp::FilterFormat format) { return static_cast<pb::FilterFormat>(format); }

pb::VsiState to_pb(vdp::VsiState state) {
  switch (state) {
    case vdp::VsiState::kDeassociated: return pb::DEASSOCIATED;
    case vdp::VsiState::kPreassociated: return pb::PREASSOCIATED;
    case vdp::VsiState::kPreassociatedWithReservation: return pb::PREASSOCIATED_WITH_RESERVATION;
    case vdp::VsiState::kAssociated: return pb::ASSOCIATED;
  }
  return pb::DEASSOCIATED;
}

pb::Cause to_pb(vdp::VsiCause cause) {
  switch (cause) {
    case vdp::VsiCause::kRequested: return pb::REQUESTED;
    case vdp::VsiCause::kConfirmed: return pb::CONFIRMED;
    case vdp::VsiCause::kRefusedByBridge: return pb::REFUSED_BY_BRIDGE;
    case vdp::VsiCause::kRefusedLocally: return pb::REFUSED_LOCALLY;
    case vdp::VsiCause::kNoResponse: return pb::NO_RESPONSE;
    case vdp::VsiCause::kNoKeepAlive: return pb::NO_KEEP_ALIVE;
    case vdp::VsiCause::kNoResources: return pb::NO_RESOURCES;
    case vdp::VsiCause::kDeassociatedByClient: return pb::DEASSOCIATED_BY_CLIENT;
    case vdp::VsiCause::kDeassociatedByBridge: return pb::DEASSOCIATED_BY_BRIDGE;
    case vdp::VsiCause::kEvbLost: return pb::EVB_LOST;
  }
  return pb::CAUSE_UNSPECIFIED;
}

std::string_view word(pb::AssociationType type) {
  switch (type) {
    case pb::PRE_ASSOCIATE: return "preassociate";
    case pb::PRE_ASSOCIATE_WITH_RESERVATION: return "preassociate with reservation";
    case pb::ASSOCIATE: return "associate";
    case pb::DE_ASSOCIATE: return "deassociate";
    default: return "nothing";
  }
}

std::string_view word(pb::VsiState state) {
  switch (state) {
    case pb::PREASSOCIATED: return "preassociated";
    case pb::PREASSOCIATED_WITH_RESERVATION: return "preassociated with reservation";
    case pb::ASSOCIATED: return "associated";
    default: return "deassociated";
  }
}

}  // namespace agent::api
