// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace lldp {

/// Which generation of EVB, ECP and VDP is spoken: IEEE 802.1Qbg as it was ratified, or draft 0.2,
/// which IBM's and Lenovo's switches and lldpad's first modules speak.
enum class Dialect : std::uint8_t { kRatified, kDraft02 };

/// What a port is configured for; kAuto follows the EVB TLV that is heard.
enum class DialectChoice : std::uint8_t { kRatified, kDraft02, kAuto };

constexpr bool may_speak(DialectChoice choice, Dialect dialect) {
  return choice == DialectChoice::kAuto ||
         (choice == DialectChoice::kDraft02) == (dialect == Dialect::kDraft02);
}

constexpr std::string_view to_string(Dialect dialect) {
  return dialect == Dialect::kDraft02 ? "draft02" : "ratified";
}

constexpr std::string_view to_string(DialectChoice choice) {
  switch (choice) {
    case DialectChoice::kRatified: return "ratified";
    case DialectChoice::kDraft02: return "draft02";
    case DialectChoice::kAuto: return "auto";
  }
  return "?";
}

}  // namespace lldp
