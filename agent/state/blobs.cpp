// SPDX-License-Identifier: Apache-2.0
#include "agent/state/blobs.hpp"

#include <algorithm>

namespace agent::state {
namespace {

constexpr std::size_t kFilterSize = 12;  // group, MAC address, VID
constexpr std::size_t kTlvHeader = 5;    // OUI, length

}  // namespace

base::Octets write_filters(const vdp::FilterInfo& filters) {
  base::Octets octets;
  octets.reserve(filters.entries.size() * kFilterSize);
  for (const auto& entry : filters.entries) {
    base::append_u16(octets, static_cast<std::uint16_t>(entry.group >> 16U));
    base::append_u16(octets, static_cast<std::uint16_t>(entry.group));
    base::append(octets, entry.mac.octets);
    base::append_u16(octets, entry.vid);
  }
  return octets;
}

std::optional<vdp::FilterInfo> read_filters(vdp::FilterFormat format, base::Bytes octets) {
  if (format < vdp::FilterFormat::kVid || format > vdp::FilterFormat::kGroupMacVid) {
    return std::nullopt;
  }
  if (octets.size() % kFilterSize != 0) return std::nullopt;
  vdp::FilterInfo filters;
  filters.format = format;
  for (std::size_t at = 0; at < octets.size(); at += kFilterSize) {
    vdp::FilterEntry entry;
    entry.group =
        static_cast<std::uint32_t>(base::u16_at(octets, at)) << 16U | base::u16_at(octets, at + 2);
    std::ranges::copy(octets.subspan(at + 4, 6), entry.mac.octets.begin());
    entry.vid = base::u16_at(octets, at + 10);
    filters.entries.push_back(entry);
  }
  return filters;
}

base::Octets write_organizational(const std::vector<vdp::OrganizationalTlv>& tlvs) {
  base::Octets octets;
  for (const auto& tlv : tlvs) {
    base::append(octets, tlv.oui);
    base::append_u16(octets, static_cast<std::uint16_t>(tlv.information.size()));
    base::append(octets, tlv.information);
  }
  return octets;
}

std::optional<std::vector<vdp::OrganizationalTlv>> read_organizational(base::Bytes octets) {
  std::vector<vdp::OrganizationalTlv> tlvs;
  while (!octets.empty()) {
    if (octets.size() < kTlvHeader) return std::nullopt;
    const std::size_t size = base::u16_at(octets, 3);
    if (octets.size() < kTlvHeader + size) return std::nullopt;
    vdp::OrganizationalTlv tlv;
    std::ranges::copy(octets.first(3), tlv.oui.begin());
    const auto information = octets.subspan(kTlvHeader, size);
    tlv.information.assign(information.begin(), information.end());
    tlvs.push_back(std::move(tlv));
    octets = octets.subspan(kTlvHeader + size);
  }
  return tlvs;
}

}  // namespace agent::state
