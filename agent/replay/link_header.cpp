// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/link_header.hpp"

#include <algorithm>

#include "lldp/ethernet.hpp"

namespace agent::replay {
namespace {

// Offsets in the headers of LINUX_SLL and LINUX_SLL2, as libpcap's linktype list has them.
struct CookedLayout {
  std::size_t size;
  std::size_t protocol;
  std::size_t packet_type_low;  ///< the octet that holds it
  std::size_t address;
};
constexpr CookedLayout kCooked{16, 14, 1, 6};
constexpr CookedLayout kCooked2{20, 0, 10, 12};
constexpr std::size_t kCooked2Interface = 4;
constexpr std::uint8_t kOutgoing = 4;
constexpr std::size_t kTagSize = 4;

using Error = std::optional<base::DecodeError>;

Error read_ethernet(base::Bytes frame, LinkHeader& header) {
  const auto ethernet = lldp::decode_ethernet(frame);
  if (!ethernet) return ethernet.error();
  header.destination = ethernet->destination;
  header.source = ethernet->source;
  header.ethertype = ethernet->ethertype;
  header.payload = lldp::kEthernetHeaderSize;
  return std::nullopt;
}

Error read_cooked(const CookedLayout& layout, base::Bytes frame, LinkHeader& header) {
  if (frame.size() < layout.size) {
    return base::DecodeError{base::Fault::kTruncated, frame.size()};
  }
  std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(layout.address),
              header.source.octets.size(), header.source.octets.begin());
  header.outgoing = frame[layout.packet_type_low] == kOutgoing;
  header.ethertype = base::u16_at(frame, layout.protocol);
  header.payload = layout.size;
  return std::nullopt;
}

Error read_untagged(LinkType type, base::Bytes frame, LinkHeader& header) {
  switch (type) {
    case LinkType::kEthernet: return read_ethernet(frame, header);
    case LinkType::kLinuxCooked: return read_cooked(kCooked, frame, header);
    case LinkType::kLinuxCooked2: break;
  }
  if (const auto error = read_cooked(kCooked2, frame, header)) return error;
  header.interface = static_cast<std::uint32_t>(base::u16_at(frame, kCooked2Interface)) << 16U |
                     base::u16_at(frame, kCooked2Interface + 2);
  return std::nullopt;
}

bool is_tag(std::uint16_t ethertype) {
  return ethertype == kCustomerTag || ethertype == kServiceTag || ethertype == kOldServiceTag;
}

}  // namespace

bool LinkHeader::add_tag(VlanTag tag) {
  if (tag_count_ == tags_.size()) return false;
  tags_[tag_count_++] = tag;
  return true;
}

std::uint16_t LinkHeader::service_vid() const {
  return tag_count_ > 0 && tags_[0].service() ? tags_[0].vid() : std::uint16_t{0};
}

base::Result<LinkHeader> read_link_header(LinkType type, base::Bytes frame) {
  base::Result<LinkHeader> header;
  if (const auto error = read_untagged(type, frame, *header)) return tl::unexpected(*error);
  while (is_tag(header->ethertype)) {
    if (frame.size() < header->payload + kTagSize) {
      return tl::unexpected(base::DecodeError{base::Fault::kTruncated, frame.size()});
    }
    if (!header->add_tag({header->ethertype, base::u16_at(frame, header->payload)})) break;
    header->ethertype = base::u16_at(frame, header->payload + 2);
    header->payload += kTagSize;
  }
  return header;
}

}  // namespace agent::replay
