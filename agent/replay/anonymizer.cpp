// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/anonymizer.hpp"

#include <algorithm>

#include "lldp/ethernet.hpp"
#include "vdp/vsi.hpp"

namespace agent::replay {
namespace {

constexpr std::size_t kLongestNumber = 32;  // bits
constexpr std::size_t kMacSize = 6;
constexpr std::size_t kOuiSize = 3;
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kCookedSize = 16;
constexpr std::size_t kCookedAddress = 6;  // eight octets in the header of LINUX_SLL
constexpr std::size_t kCooked2Size = 20;
constexpr std::size_t kCooked2Address = 12;  // likewise, in LINUX_SLL2
constexpr std::size_t kCookedAddressSize = 8;
constexpr std::uint8_t kIpv4Family = 1;  // IANA's address family numbers
constexpr std::uint8_t kIpv6Family = 2;
constexpr std::uint8_t kMacFamily = 6;
constexpr std::uint8_t kChassisMac = 4;  // subtypes of 802.1AB 8.5.2 and 8.5.3
constexpr std::uint8_t kChassisNetwork = 5;
constexpr std::uint8_t kPortMac = 3;
constexpr std::uint8_t kPortNetwork = 4;

template <std::size_t N>
std::span<std::uint8_t, N> fixed(std::span<std::uint8_t> octets, std::size_t at = 0) {
  return octets.subspan(at).first<N>();
}

bool is_mapped_ipv4(base::Bytes id) {
  static constexpr std::uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::ranges::equal(id.first(sizeof kPrefix), kPrefix);
}

/// How many printable octets stand before the zeroes that fill the id; 0 when there are others.
std::size_t text_length(base::Bytes id) {
  const auto length = static_cast<std::size_t>(std::ranges::find(id, 0) - id.begin());
  const bool text = std::ranges::all_of(id.first(length),
                                        [](auto octet) { return octet >= 0x20 && octet < 0x7F; });
  const bool filled =
      std::ranges::all_of(id.subspan(length), [](auto octet) { return octet == 0; });
  return text && filled ? length : 0;
}

}  // namespace

base::Bytes Anonymizer::frame(LinkType type, const DecodedFrame& frame) {
  const auto octets = frame.captured.octets;
  made_.assign(octets.size(), 0);
  known_.assign(octets.size(), 0);
  // `dissect` has no fields for a cooked header, nor for one that ends in the middle of its tags.
  const bool cut = frame.protocol == Protocol::kNone;
  if (cut || !frame.link.destination) {
    whole_header(type, cut ? octets : octets.first(frame.link.payload));
  }
  for (const auto& section : dissect(frame)) {
    for (const auto& field : section.fields) take(field, section, frame);
  }
  const bool foreign = frame.protocol == Protocol::kOther && frame.link.payload < octets.size();
  if (foreign) {
    ++zeroed_.foreign;
    return made_;
  }
  bool stray = false;
  for (std::size_t i = 0; i < octets.size(); ++i) stray |= (octets[i] & ~known_[i] & 0xFFU) != 0;
  zeroed_.strays += stray ? 1 : 0;
  // Behind an acknowledgement it is a deviation that something stands there, so something does.
  const bool ack = (frame.ecpdu && frame.ecpdu->operation == lldp::EcpOperation::kAck) ||
                   (frame.draft_ecpdu && frame.draft_ecpdu->operation == lldp::EcpOperation::kAck);
  if (ack) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
      if ((octets[i] & ~known_[i] & 0xFFU) != 0) made_[i] = 0xFF;
    }
  }
  return made_;
}

/// Takes the first octets over, which are a header and VLAN tags; their addresses are replaced.
/// Nothing when they do not hold a whole header.
void Anonymizer::whole_header(LinkType type, base::Bytes octets) {
  const bool ethernet = type == LinkType::kEthernet;
  const bool second = type == LinkType::kLinuxCooked2;
  const auto size = ethernet ? lldp::kEthernetHeaderSize : second ? kCooked2Size : kCookedSize;
  if (octets.size() < size) return;
  std::ranges::copy(octets, made_.begin());
  std::fill_n(known_.begin(), octets.size(), std::uint8_t{0xFF});
  if (ethernet) {
    pseudonyms_.mac(fixed<kMacSize>(made_));
    pseudonyms_.mac(fixed<kMacSize>(made_, kMacSize));
    return;
  }
  const auto address = Span(made_).subspan(second ? kCooked2Address : kCookedAddress);
  pseudonyms_.mac(fixed<kMacSize>(address));
  std::fill(address.begin() + kMacSize, address.begin() + kCookedAddressSize, std::uint8_t{0});
}

/// Takes the field's bits over.
void Anonymizer::copy(const base::Field& field, base::Bytes octets) {
  for (std::size_t i = 0; i < field.width; ++i) {
    const auto bit = field.octet * 8 + field.bit + i;
    if (bit / 8 >= octets.size()) return;
    const unsigned mask = 0x80U >> bit % 8;
    known_[bit / 8] = static_cast<std::uint8_t>(known_[bit / 8] | mask);
    made_[bit / 8] = static_cast<std::uint8_t>(made_[bit / 8] | (octets[bit / 8] & mask));
  }
}

void Anonymizer::take(const DissectedField& field, const Section& section,
                      const DecodedFrame& frame) {
  const auto& [name, octet, bit, width, value] = field.field;
  copy(field.field, frame.captured.octets);
  if (octet >= made_.size()) return;
  const auto octets = Span(made_).subspan(octet, std::min(width / 8, made_.size() - octet));
  if (name == "information") {
    information(octets, section, frame.captured.octets.subspan(octet, octets.size()));
  } else if (name == "VSI manager ID") {
    manager(octets);
  } else if (name == "chassis ID" || name == "port ID") {
    identifier(octets, made_[octet - 1], name == "chassis ID");
  } else if (name == "text") {
    pseudonyms_.text(octets);
  } else if (name == "address") {
    management_address(octets);
  } else if (width <= kLongestNumber) {
    return;
  } else if (octets.size() == kMacSize) {
    pseudonyms_.mac(fixed<kMacSize>(octets));
  } else if (octets.size() == kIdSize && name == "instance ID") {
    pseudonyms_.uuid(fixed<kIdSize>(octets));
  } else if (octets.size() == kIdSize && name == "VSI ID") {
    const auto format = std::ranges::find_if(
        section.fields, [](const auto& it) { return it.field.name == "VSI ID format"; });
    vsi_id(octets, static_cast<vdp::VsiIdFormat>(format->field.value));
  } else {
    pseudonyms_.octets(octets);
  }
}

/// Of a VDP TLV the OUI is part of it, and kept.
void Anonymizer::information(Span octets, const Section& section, base::Bytes original) {
  const bool oui = section.title == "organisationally defined TLV" && octets.size() >= kOuiSize;
  const auto rest = oui ? octets.subspan(kOuiSize) : octets;
  if (rest.empty()) return;
  std::ranges::fill(rest, std::uint8_t{0});
  const auto zeroed = original.subspan(octets.size() - rest.size());
  zeroed_.tlvs += std::ranges::any_of(zeroed, [](auto octet) { return octet != 0; }) ? 1 : 0;
}

void Anonymizer::vsi_id(Span id, vdp::VsiIdFormat format) {
  switch (format) {
    case vdp::VsiIdFormat::kIpv4: return pseudonyms_.ipv4(fixed<4>(id, kIdSize - 4));
    case vdp::VsiIdFormat::kIpv6: return pseudonyms_.ipv6(fixed<kIdSize>(id));
    case vdp::VsiIdFormat::kMac: return pseudonyms_.mac(fixed<kMacSize>(id, kIdSize - kMacSize));
    case vdp::VsiIdFormat::kUuid: return pseudonyms_.uuid(fixed<kIdSize>(id));
    case vdp::VsiIdFormat::kLocal: break;
  }
  pseudonyms_.octets(id);
}

/// A number of one octet, as libvirt has it, says nothing of the site.
void Anonymizer::manager(Span id) {
  if (id.size() != kIdSize) return pseudonyms_.octets(id);
  if (std::ranges::all_of(id.subspan(1), [](auto octet) { return octet == 0; })) return;
  if (is_mapped_ipv4(id)) return pseudonyms_.ipv4(fixed<4>(id, kIdSize - 4));
  const auto length = text_length(id);
  if (length > 0) return pseudonyms_.text(id.first(length));
  pseudonyms_.ipv6(fixed<kIdSize>(id));
}

void Anonymizer::identifier(Span id, std::uint8_t subtype, bool chassis) {
  if (subtype == (chassis ? kChassisMac : kPortMac)) {
    return id.size() == kMacSize ? pseudonyms_.mac(fixed<kMacSize>(id)) : pseudonyms_.octets(id);
  }
  if (subtype == (chassis ? kChassisNetwork : kPortNetwork)) return network_address(id);
  pseudonyms_.text(id);
}

/// Family and address.
void Anonymizer::network_address(Span address) {
  if (address.empty()) return;
  const auto rest = address.subspan(1);
  if (address[0] == kIpv4Family && rest.size() == 4) return pseudonyms_.ipv4(fixed<4>(rest));
  if (address[0] == kIpv6Family && rest.size() == kIdSize) {
    return pseudonyms_.ipv6(fixed<kIdSize>(rest));
  }
  if (address[0] == kMacFamily && rest.size() == kMacSize) {
    return pseudonyms_.mac(fixed<kMacSize>(rest));
  }
  pseudonyms_.octets(rest);
}

/// 802.1AB 8.5.9: length, family and address; kind and number of the interface; an object
/// identifier, which is zeroed.
void Anonymizer::management_address(Span value) {
  if (value.empty()) return;
  const auto rest = value.subspan(1);
  const auto address = rest.first(std::min<std::size_t>(value[0], rest.size()));
  network_address(address);
  constexpr std::size_t kInterface = 6;  // kind, number, length of the object identifier
  const auto after = rest.subspan(address.size());
  if (after.size() > kInterface) std::ranges::fill(after.subspan(kInterface), std::uint8_t{0});
}

}  // namespace agent::replay
