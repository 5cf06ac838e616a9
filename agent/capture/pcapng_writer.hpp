// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lldp/base/bytes.hpp"

// The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian, in the order in which they
// have to stand: one section header, the interfaces, then frames. Each function appends one block.

namespace agent::capture {

enum class Direction : std::uint8_t { kUnknown = 0, kInbound = 1, kOutbound = 2 };
inline constexpr std::uint16_t kEthernetLinkType = 1;

struct PcapngFrame {
  std::uint32_t interface = 0;  ///< how many interfaces stand before its own
  std::int64_t time = 0;        ///< since 1970, UTC, in the unit of its interface
  Direction direction = Direction::kInbound;
  base::Bytes octets;           ///< the frame, without FCS
  std::string_view comment;     ///< UTF-8; empty: none
  std::size_t wire_length = 0;  ///< where it is longer than what is here
};

/// `program` is the application that wrote the file.
void append_section_header(std::string& file, std::string_view program);
/// Its times have microseconds, or else nanoseconds.
void append_interface(std::string& file, std::string_view name,
                      std::uint16_t link_type = kEthernetLinkType, bool nanoseconds = false);
void append_frame(std::string& file, const PcapngFrame& frame);

}  // namespace agent::capture
