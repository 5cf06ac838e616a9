// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/value_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "lldp/base/hex.hpp"
#include "lldp/mac_address.hpp"
#include "lldp/printable.hpp"

namespace agent::capture {
namespace {

constexpr std::size_t kDecimals = 6;
constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
/// Beyond any run; times add up without overflow.
constexpr std::int64_t kMostSeconds = 1'000'000'000;

template <class T, std::size_t N>
std::optional<T> named(const std::array<std::pair<T, std::string_view>, N>& names,
                       std::string_view text) {
  const auto found =
      std::ranges::find_if(names, [&](const auto& each) { return each.second == text; });
  return found == names.end() ? std::nullopt : std::optional<T>(found->first);
}
template <class T, std::size_t N>
std::string name_of(const std::array<std::pair<T, std::string_view>, N>& names, T value) {
  const auto found =
      std::ranges::find_if(names, [&](const auto& each) { return each.first == value; });
  return std::string(found == names.end() ? "?" : found->second);
}

template <class T>
using Names = std::pair<T, std::string_view>;

constexpr std::array kRoles{Names<lldp::EvbRole>{lldp::EvbRole::kStation, "station"},
                            Names<lldp::EvbRole>{lldp::EvbRole::kBridge, "bridge"}};
constexpr std::array kDialects{
    Names<lldp::DialectChoice>{lldp::DialectChoice::kRatified, "ratified"},
    Names<lldp::DialectChoice>{lldp::DialectChoice::kDraft02, "draft02"},
    Names<lldp::DialectChoice>{lldp::DialectChoice::kAuto, "auto"}};
constexpr std::array kStatuses{Names<lldp::AdminStatus>{lldp::AdminStatus::kDisabled, "disabled"},
                               Names<lldp::AdminStatus>{lldp::AdminStatus::kTxOnly, "tx-only"},
                               Names<lldp::AdminStatus>{lldp::AdminStatus::kRxOnly, "rx-only"},
                               Names<lldp::AdminStatus>{lldp::AdminStatus::kTxAndRx, "tx-and-rx"}};
constexpr std::array kTypes{
    Names<vdp::AssociationType>{vdp::AssociationType::kPreAssociate, "pre-associate"},
    Names<vdp::AssociationType>{vdp::AssociationType::kPreAssociateWithReservation,
                                "pre-associate-rr"},
    Names<vdp::AssociationType>{vdp::AssociationType::kAssociate, "associate"},
    Names<vdp::AssociationType>{vdp::AssociationType::kDeAssociate, "de-associate"}};
constexpr std::array kFormats{
    Names<vdp::FilterFormat>{vdp::FilterFormat::kVid, "vid"},
    Names<vdp::FilterFormat>{vdp::FilterFormat::kMacVid, "mac-vid"},
    Names<vdp::FilterFormat>{vdp::FilterFormat::kGroupVid, "group-vid"},
    Names<vdp::FilterFormat>{vdp::FilterFormat::kGroupMacVid, "group-mac-vid"}};
constexpr std::array kIdFormats{Names<vdp::VsiIdFormat>{vdp::VsiIdFormat::kIpv4, "ipv4"},
                                Names<vdp::VsiIdFormat>{vdp::VsiIdFormat::kIpv6, "ipv6"},
                                Names<vdp::VsiIdFormat>{vdp::VsiIdFormat::kMac, "mac"},
                                Names<vdp::VsiIdFormat>{vdp::VsiIdFormat::kLocal, "local"}};

template <std::size_t N>
bool copy_exactly(std::string_view hex, std::array<std::uint8_t, N>& to) {
  const auto octets = octets_of(hex);
  if (!octets || octets->size() != N) return false;
  std::ranges::copy(*octets, to.begin());
  return true;
}

/// "g7" or "p3" behind the VID, or a MAC address.
bool read_part(std::string_view part, vdp::FilterEntry& entry) {
  if (part.empty()) return false;
  const auto rest = part.substr(1);
  if (part.front() == 'g') {
    const auto group = parse_integer<std::uint32_t>(rest);
    entry.group = group.value_or(0);
    return group.has_value();
  }
  if (part.front() == 'p' || part.front() == 'q') {
    const auto pcp = parse_integer<std::uint8_t>(rest);
    entry.ps = part.front() == 'p';
    entry.pcp = pcp.value_or(0);
    return pcp.has_value() && *pcp < 8;
  }
  const auto mac = lldp::parse_mac_address(part);
  if (mac) entry.mac = *mac;
  return mac.has_value();
}

std::optional<vdp::FilterEntry> read_entry(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.empty()) return std::nullopt;
  vdp::FilterEntry entry;
  const auto vid = parse_integer<std::uint16_t>(parts.front());
  if (!vid || *vid > 4095) return std::nullopt;
  entry.vid = *vid;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (!read_part(parts[i], entry)) return std::nullopt;
  }
  return entry;
}

std::string entry_text(const vdp::FilterEntry& entry) {
  auto text = std::to_string(entry.vid);
  if (entry.mac != lldp::MacAddress{}) text += "/" + to_string(entry.mac);
  if (entry.group != 0) text += fmt::format("/g{}", entry.group);
  // q: a PCP that stands there although PS says that it means nothing.
  if (entry.ps || entry.pcp != 0) text += fmt::format("/{}{}", entry.ps ? 'p' : 'q', entry.pcp);
  return text;
}

}  // namespace

std::optional<base::Octets> octets_of(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  base::Octets octets;
  octets.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int octet = base::hex_octet(hex[i], hex[i + 1]);
    if (octet < 0) return std::nullopt;
    octets.push_back(static_cast<std::uint8_t>(octet));
  }
  return octets;
}

std::string escaped(std::string_view text) {
  static constexpr std::string_view kPlain = "-_.~:/+()";
  std::string word;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 128 && (std::isalnum(octet) != 0 || kPlain.find(c) != std::string_view::npos)) {
      word += c;
    } else {
      word += fmt::format("%{:02x}", octet);
    }
  }
  return word;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const auto octet = octets_of(text.substr(i + 1, 2));
    if (!octet || octet->size() != 1) return std::nullopt;
    plain += static_cast<char>(octet->front());
    i += 2;
  }
  return plain;
}

std::string seconds_text(base::Duration time) {
  const auto count = time.count();
  return fmt::format("{}{}.{:06}", count < 0 ? "-" : "", std::abs(count) / kMicrosecondsPerSecond,
                     std::abs(count) % kMicrosecondsPerSecond);
}

std::optional<base::Duration> parse_seconds(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = parse_integer<std::int64_t>(text.substr(0, point));
  if (!whole || *whole < 0 || *whole > kMostSeconds) return std::nullopt;
  base::Duration time(*whole * kMicrosecondsPerSecond);
  if (point == std::string_view::npos) return time;
  std::string decimals(text.substr(point + 1));
  if (decimals.empty() || decimals.size() > kDecimals) return std::nullopt;
  decimals.resize(kDecimals, '0');
  const auto part = parse_integer<std::uint32_t>(decimals);
  if (!part) return std::nullopt;
  return time + base::Duration(*part);
}

std::string one_word(std::string_view text) {
  std::string word(text);
  std::ranges::replace(word, ' ', '-');
  return word;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const auto at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
    if (text.empty()) pieces.emplace_back();
  }
  return pieces;
}

std::string Text<bool>::write(const bool& value) { return value ? "yes" : "no"; }
std::optional<bool> Text<bool>::read(std::string_view text) {
  if (text == "yes") return true;
  if (text == "no") return false;
  return std::nullopt;
}

std::string Text<base::Duration>::write(const base::Duration& value) { return seconds_text(value); }
std::optional<base::Duration> Text<base::Duration>::read(std::string_view text) {
  return parse_seconds(text);
}

std::string Text<base::Octets>::write(const base::Octets& value) { return lldp::to_hex(value); }
std::optional<base::Octets> Text<base::Octets>::read(std::string_view text) {
  return octets_of(text);
}

std::string Text<std::string>::write(const std::string& value) { return escaped(value); }
std::optional<std::string> Text<std::string>::read(std::string_view text) {
  return unescaped(text);
}

std::string Text<lldp::MacAddress>::write(const lldp::MacAddress& value) {
  return to_string(value);
}
std::optional<lldp::MacAddress> Text<lldp::MacAddress>::read(std::string_view text) {
  return lldp::parse_mac_address(text);
}

std::string Text<lldp::EvbRole>::write(const lldp::EvbRole& value) {
  return name_of(kRoles, value);
}
std::optional<lldp::EvbRole> Text<lldp::EvbRole>::read(std::string_view text) {
  return named(kRoles, text);
}

std::string Text<lldp::DialectChoice>::write(const lldp::DialectChoice& value) {
  return name_of(kDialects, value);
}
std::optional<lldp::DialectChoice> Text<lldp::DialectChoice>::read(std::string_view text) {
  return named(kDialects, text);
}

std::string Text<lldp::AdminStatus>::write(const lldp::AdminStatus& value) {
  return name_of(kStatuses, value);
}
std::optional<lldp::AdminStatus> Text<lldp::AdminStatus>::read(std::string_view text) {
  return named(kStatuses, text);
}

std::string Text<lldp::Identifier>::write(const lldp::Identifier& value) {
  return fmt::format("{}:{}", value.subtype, lldp::to_hex(value.octets));
}
std::optional<lldp::Identifier> Text<lldp::Identifier>::read(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto subtype = parse_integer<std::uint8_t>(text.substr(0, colon));
  auto octets = octets_of(text.substr(colon + 1));
  if (!subtype || !octets) return std::nullopt;
  return lldp::Identifier{*subtype, *std::move(octets)};
}

std::string Text<lldp::Capabilities>::write(const lldp::Capabilities& value) {
  return fmt::format("{}/{}", value.supported, value.enabled);
}
std::optional<lldp::Capabilities> Text<lldp::Capabilities>::read(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 2) return std::nullopt;
  const auto supported = parse_integer<std::uint16_t>(parts[0]);
  const auto enabled = parse_integer<std::uint16_t>(parts[1]);
  if (!supported || !enabled) return std::nullopt;
  return lldp::Capabilities{*supported, *enabled};
}

std::string Text<lldp::ManagementAddress>::write(const lldp::ManagementAddress& value) {
  return fmt::format("{}:{}/{}/{}/{}", value.family, lldp::to_hex(value.address),
                     value.interface_subtype, value.interface_number,
                     lldp::to_hex(value.object_id));
}
std::optional<lldp::ManagementAddress> Text<lldp::ManagementAddress>::read(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 4) return std::nullopt;
  const auto address = Text<lldp::Identifier>::read(parts[0]);
  const auto subtype = parse_integer<std::uint8_t>(parts[1]);
  const auto number = parse_integer<std::uint32_t>(parts[2]);
  auto object = octets_of(parts[3]);
  if (!address || !subtype || !number || !object) return std::nullopt;
  return lldp::ManagementAddress{address->subtype, address->octets, *subtype, *number,
                                 *std::move(object)};
}

std::string Text<lldp::OrganizationalTlv>::write(const lldp::OrganizationalTlv& value) {
  return fmt::format("{}/{}/{}", lldp::to_hex(value.oui), value.subtype,
                     lldp::to_hex(value.information));
}
std::optional<lldp::OrganizationalTlv> Text<lldp::OrganizationalTlv>::read(std::string_view text) {
  const auto parts = split(text, '/');
  lldp::OrganizationalTlv tlv;
  if (parts.size() != 3 || !copy_exactly(parts[0], tlv.oui)) return std::nullopt;
  const auto subtype = parse_integer<std::uint8_t>(parts[1]);
  auto octets = octets_of(parts[2]);
  if (!subtype || !octets) return std::nullopt;
  tlv.subtype = *subtype;
  tlv.information = *std::move(octets);
  return tlv;
}

std::string Text<vdp::OrganizationalTlv>::write(const vdp::OrganizationalTlv& value) {
  return fmt::format("{}/{}", lldp::to_hex(value.oui), lldp::to_hex(value.information));
}
std::optional<vdp::OrganizationalTlv> Text<vdp::OrganizationalTlv>::read(std::string_view text) {
  const auto parts = split(text, '/');
  vdp::OrganizationalTlv tlv;
  if (parts.size() != 2 || !copy_exactly(parts[0], tlv.oui)) return std::nullopt;
  auto octets = octets_of(parts[1]);
  if (!octets) return std::nullopt;
  tlv.information = *std::move(octets);
  return tlv;
}

std::string Text<vdp::VsiId>::write(const vdp::VsiId& value) {
  if (value.format == vdp::VsiIdFormat::kUuid) return vdp::to_string(value);
  return name_of(kIdFormats, value.format) + ":" + lldp::to_hex(value.octets);
}
std::optional<vdp::VsiId> Text<vdp::VsiId>::read(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return vdp::parse_uuid(text);
  const auto format = named(kIdFormats, text.substr(0, colon));
  vdp::VsiId id;
  if (!format || !copy_exactly(text.substr(colon + 1), id.octets)) return std::nullopt;
  id.format = *format;
  return id;
}

std::string Text<vdp::ManagerId>::write(const vdp::ManagerId& value) {
  return lldp::to_hex(value.octets);
}
std::optional<vdp::ManagerId> Text<vdp::ManagerId>::read(std::string_view text) {
  vdp::ManagerId manager;
  if (!copy_exactly(text, manager.octets)) return std::nullopt;
  return manager;
}

std::string Text<vdp::AssociationType>::write(const vdp::AssociationType& value) {
  return name_of(kTypes, value);
}
std::optional<vdp::AssociationType> Text<vdp::AssociationType>::read(std::string_view text) {
  return named(kTypes, text);
}

std::string Text<vdp::Reason>::write(const vdp::Reason& value) {
  return std::to_string(static_cast<int>(value));
}
std::optional<vdp::Reason> Text<vdp::Reason>::read(std::string_view text) {
  const auto number = parse_integer<std::uint8_t>(text);
  if (!number || *number > 15) return std::nullopt;
  return static_cast<vdp::Reason>(*number);
}

std::string Text<vdp::FilterInfo>::write(const vdp::FilterInfo& value) {
  auto text = name_of(kFormats, value.format) + ":";
  bool first = true;
  for (const auto& entry : value.entries) {
    if (!std::exchange(first, false)) text += ',';
    text += entry_text(entry);
  }
  return text;
}
std::optional<vdp::FilterInfo> Text<vdp::FilterInfo>::read(std::string_view text) {
  const auto colon = text.find(':');
  const auto format = named(kFormats, text.substr(0, colon));
  if (colon == std::string_view::npos || !format) return std::nullopt;
  vdp::FilterInfo filters;
  filters.format = *format;
  for (const auto piece : split(text.substr(colon + 1), ',')) {
    const auto entry = read_entry(piece);
    if (!entry) return std::nullopt;
    filters.entries.push_back(*entry);
  }
  return filters;
}

}  // namespace agent::capture
