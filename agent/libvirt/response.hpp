// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "vdp/port.hpp"

namespace agent::libvirt {

/// IFLA_PORT_RESPONSE: the number that libvirt shows to its user when a VM does not start: "error N
/// during port-profile setlink". 1..15 are the reasons of the standard (41.2.3) as the bridge gave
/// them; from 1001 on evbd itself speaks. README.md has the table, too.
enum class Response : std::uint16_t {
  kSuccess = 0,
  kNoResponse = 1001,  ///< ECP was acknowledged, VDP never answered
  kEcpUnacknowledged = 1002,
  kNoEvb = 1003,  ///< no EVB bridge is heard
  kLinkDown = 1004,
  kNoPort = 1005,       ///< the root device is no configured port
  kVlanMissing = 1006,  ///< VID 0 and vid_zero = "refuse"
  kBadVlan = 1007,      ///< no VID that 802.1Q knows
  kBadAddress = 1008,   ///< a group address, or none
  kDuplicateId = 1009,  ///< another running guest has the same instanceid
  kBridgeRole = 1010,
  kTooManyVsis = 1011,
  kNotSendable = 1012,  ///< any other reason of the port's own
};

/// What one number means, for people.
struct ResponseText {
  std::uint16_t number;
  std::string_view name;
  std::string_view meaning;  ///< a sentence
  std::string_view advice;   ///< a sentence
};

/// All numbers that evbd sends or that libvirt's users may meet elsewhere, in ascending order.
std::span<const ResponseText> response_texts();
/// nullptr when nobody uses the number.
const ResponseText* explain_response(std::uint32_t number);

constexpr std::uint16_t number_of(Response response) {
  return static_cast<std::uint16_t>(response);
}
/// The number for a failure that the core reports.
std::uint16_t response_to(const vdp::Failure& failure);
std::uint16_t response_to(vdp::LocalRefusal refusal);
/// The number when libvirt's patience ends before the bridge has answered; `report` is the VSI's
/// own, if the port still has it.
std::uint16_t response_to_silence(const vdp::Port& port,
                                  const std::optional<vdp::VsiReport>& report);

}  // namespace agent::libvirt
