// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"
#include "lldp/mac_address.hpp"

namespace lldp {

inline constexpr std::uint16_t kLldpEthertype = 0x88CC;
inline constexpr std::uint16_t kEcpEthertype = 0x8940;

/// Octets of an untagged Ethernet header.
inline constexpr std::size_t kEthernetHeaderSize = 14;
/// The shortest frame on the wire without its FCS; shorter ones are padded with zeroes.
inline constexpr std::size_t kMinimumFrameSize = 60;

/// An untagged Ethernet frame taken apart; `payload` points into the frame it came from.
struct EthernetFrame {
  MacAddress destination;
  MacAddress source;
  std::uint16_t ethertype = 0;
  base::Bytes payload;
};

/// Refuses what is shorter than the header (kTruncated).
base::Result<EthernetFrame> decode_ethernet(base::Bytes frame);

/// Header and payload, padded to the minimum frame size.
base::Octets encode_ethernet(const EthernetFrame& frame);

}  // namespace lldp
