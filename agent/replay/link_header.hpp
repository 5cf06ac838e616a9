// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "agent/replay/capture_file.hpp"
#include "lldp/base/result.hpp"
#include "lldp/mac_address.hpp"

namespace agent::replay {

inline constexpr std::uint16_t kCustomerTag = 0x8100;  ///< C-tag, 802.1Q
inline constexpr std::uint16_t kServiceTag = 0x88A8;   ///< S-tag, 802.1ad: an S-channel of CDCP
inline constexpr std::uint16_t kOldServiceTag = 0x9100;

struct VlanTag {
  std::uint16_t tpid = kCustomerTag;
  std::uint16_t tci = 0;

  std::uint16_t vid() const { return tci & 0x0FFFU; }
  bool service() const { return tpid != kCustomerTag; }
  friend bool operator==(const VlanTag&, const VlanTag&) = default;
};

/// What stands before the payload of a frame, whatever the link type.
struct LinkHeader {
  std::optional<lldp::MacAddress> destination;  ///< cooked captures do not tell
  lldp::MacAddress source;
  std::uint32_t interface = 0;  ///< its index, where the capture tells (LINUX_SLL2); else 0
  bool outgoing = false;        ///< sent by the capturing host, where the capture tells
  std::uint16_t ethertype = 0;  ///< below 0x0600: a length, LLC follows
  std::size_t payload = 0;      ///< offset of the first octet after the header

  std::span<const VlanTag> tags() const { return {tags_.data(), tag_count_}; }
  /// False when there is no room for another: no sane frame has so many.
  bool add_tag(VlanTag tag);
  /// The S-VID of the outermost tag, 0 when there is none.
  std::uint16_t service_vid() const;

 private:
  std::array<VlanTag, 4> tags_;
  std::uint8_t tag_count_ = 0;
};

/// Refuses a frame that ends within its header (kTruncated).
base::Result<LinkHeader> read_link_header(LinkType type, base::Bytes frame);

}  // namespace agent::replay
