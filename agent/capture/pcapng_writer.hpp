// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lldp/base/bytes.hpp"

// The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian, in the order in which they
// have to stand: one section header, the interfaces, then frames. Each function appends one block.

namespace agent::capture {

enum class Direction : std::uint8_t { kInbound = 1, kOutbound = 2 };

struct PcapngFrame {
  std::uint32_t interface = 0;    ///< how many interfaces stand before its own
  std::int64_t microseconds = 0;  ///< since 1970, UTC
  Direction direction = Direction::kInbound;
  base::Bytes octets;        ///< the whole frame, without FCS
  std::string_view comment;  ///< UTF-8; empty: none
};

/// `program` is the application that wrote the file.
void append_section_header(std::string& file, std::string_view program);
/// An Ethernet interface whose times have microseconds.
void append_interface(std::string& file, std::string_view name);
void append_frame(std::string& file, const PcapngFrame& frame);

}  // namespace agent::capture
