// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "lldp/basic_tlvs.hpp"
#include "lldp/printable.hpp"

namespace lldp {
namespace {

constexpr std::uint8_t kIpv4Family = 1;
constexpr std::uint8_t kIpv6Family = 2;
constexpr std::uint8_t kMacFamily = 6;

std::string print_mac(base::Bytes octets) {
  MacAddress mac;
  std::copy_n(octets.begin(), mac.octets.size(), mac.octets.begin());
  return to_string(mac);
}

/// The address in its usual notation; octets that do not fit the family are shown as they are.
std::string print_address(std::uint8_t family, base::Bytes octets) {
  if (family == kIpv4Family && octets.size() == 4) {
    return fmt::format("{}.{}.{}.{}", octets[0], octets[1], octets[2], octets[3]);
  }
  if (family == kIpv6Family && octets.size() == 16) {
    std::string text;
    for (std::size_t i = 0; i < octets.size(); i += 2) {
      text += fmt::format("{}{:x}", i == 0 ? "" : ":", base::u16_at(octets, i));
    }
    return text;
  }
  if (family == kMacFamily && octets.size() == 6) return print_mac(octets);
  return fmt::format("family {} {}", family, to_hex(octets));
}

/// How an identifier's octets are to be read.
enum class Notation : std::uint8_t { kText, kMac, kNetworkAddress };
struct Subtype {
  std::string_view name;
  Notation notation = Notation::kText;
};

/// 802.1AB table 8-2.
constexpr std::array<Subtype, 8> kChassisIdSubtypes{{
    {"reserved"},
    {"chassis component"},
    {"interface alias"},
    {"port component"},
    {"MAC address", Notation::kMac},
    {"network address", Notation::kNetworkAddress},
    {"interface name"},
    {"local"},
}};

/// 802.1AB table 8-3.
constexpr std::array<Subtype, 8> kPortIdSubtypes{{
    {"reserved"},
    {"interface alias"},
    {"port component"},
    {"MAC address", Notation::kMac},
    {"network address", Notation::kNetworkAddress},
    {"interface name"},
    {"agent circuit id"},
    {"local"},
}};

std::string print_identifier(const Identifier& id, const std::array<Subtype, 8>& subtypes) {
  const base::Bytes octets = id.octets;
  if (id.subtype >= subtypes.size()) {
    return fmt::format("subtype {} {}", id.subtype, to_hex(octets));
  }
  const auto& subtype = subtypes[id.subtype];
  if (subtype.notation == Notation::kMac && octets.size() == 6) {
    return fmt::format("{} {}", subtype.name, print_mac(octets));
  }
  if (subtype.notation == Notation::kNetworkAddress && octets.size() > 1) {
    return fmt::format("{} {}", subtype.name, print_address(octets[0], octets.subspan(1)));
  }
  return fmt::format("{} {}", subtype.name, to_printable(octets));
}

/// 802.1AB table 8-4, from bit 1 on.
constexpr std::array<std::string_view, 11> kCapabilities{
    "other",  "repeater", "bridge", "WLAN-access-point", "router", "telephone", "DOCSIS", "station",
    "C-VLAN", "S-VLAN",   "TPMR",
};

std::string print_bits(unsigned bits) {
  std::string text;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if ((bits >> bit & 1U) == 0) continue;
    if (!text.empty()) text += ' ';
    text +=
        bit < kCapabilities.size() ? std::string(kCapabilities[bit]) : fmt::format("bit{}", bit);
  }
  return text.empty() ? "none" : text;
}

}  // namespace

std::string print_chassis_id(const Identifier& id) {
  return print_identifier(id, kChassisIdSubtypes);
}

std::string print_port_id(const Identifier& id) { return print_identifier(id, kPortIdSubtypes); }

std::string print(const Capabilities& capabilities) {
  return fmt::format("{} (enabled: {})", print_bits(capabilities.supported),
                     print_bits(capabilities.enabled));
}

std::string print(const ManagementAddress& address) {
  static constexpr std::array<std::string_view, 4> kNumbering{"numbering 0", "interface", "ifIndex",
                                                              "system port"};
  const auto subtype = address.interface_subtype;
  auto text = print_address(address.family, address.address);
  if (subtype < kNumbering.size()) {
    text += fmt::format(", {} {}", kNumbering[subtype], address.interface_number);
  } else {
    text += fmt::format(", numbering {} {}", subtype, address.interface_number);
  }
  if (!address.object_id.empty()) text += ", object id " + to_hex(address.object_id);
  return text;
}

}  // namespace lldp
