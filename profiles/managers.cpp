// SPDX-License-Identifier: Apache-2.0
#include "profiles/managers.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "lldp/base/hex.hpp"
#include "lldp/printable.hpp"

namespace profiles {
namespace {

tl::expected<vdp::ManagerId, std::string> from_text(std::string_view text) {
  vdp::ManagerId manager;
  if (text.empty() || text.size() > manager.octets.size()) {
    return tl::unexpected("a manager's text has 1 to 16 octets, this has " +
                          std::to_string(text.size()));
  }
  std::copy(text.begin(), text.end(), manager.octets.begin());
  return manager;
}

tl::expected<vdp::ManagerId, std::string> from_hex(std::string_view digits) {
  vdp::ManagerId manager;
  if (digits.empty() || digits.size() > 32 || digits.size() % 2 != 0) {
    return tl::unexpected(
        std::string("a manager after 0x has 2 to 32 hexadecimal digits, an even number"));
  }
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = base::hex_value(digits[i]);
    if (digit < 0) {
      return tl::unexpected("'" + std::string(1, digits[i]) + "' is no hexadecimal digit");
    }
    auto& octet = manager.octets[i / 2];
    octet = static_cast<std::uint8_t>(octet * 16 + digit);
  }
  return manager;
}

}  // namespace

vdp::ManagerId manager_octets(const ManagerTable& table, std::uint8_t id) {
  if (table[id]) return *table[id];
  vdp::ManagerId manager;
  manager.octets[0] = id;
  return manager;
}

std::string manager_text(const vdp::ManagerId& manager) {
  const bool lone_octet =
      manager != vdp::ManagerId{} && std::all_of(manager.octets.begin() + 1, manager.octets.end(),
                                                 [](std::uint8_t octet) { return octet == 0; });
  if (lone_octet) return std::to_string(manager.octets[0]);
  auto text = vdp::to_string(manager);
  if (text != "any" && read_manager_text(text) == manager) return text;
  return "0x" + lldp::to_hex(manager.octets);
}

tl::expected<vdp::ManagerId, std::string> read_manager_text(std::string_view text,
                                                            const ManagerTable& managers) {
  std::uint8_t id = 0;
  const auto* const end_of_text = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), end_of_text, id);
  if (error == std::errc() && end == end_of_text) return manager_octets(managers, id);
  return parse_manager(text);
}

tl::expected<vdp::ManagerId, std::string> parse_manager(std::string_view text) {
  if (text == "none") return vdp::ManagerId{};
  if (text.starts_with("text:")) return from_text(text.substr(5));
  if (text.starts_with("0x")) return from_hex(text.substr(2));
  if (const auto uuid = vdp::parse_uuid(text)) return vdp::ManagerId{uuid->octets};

  const std::string written(text);
  vdp::ManagerId manager;
  if (inet_pton(AF_INET6, written.c_str(), manager.octets.data()) == 1) return manager;
  if (inet_pton(AF_INET, written.c_str(), manager.octets.data() + 12) == 1) {
    manager.octets[10] = manager.octets[11] = 0xFF;
    return manager;
  }
  const bool like_ipv4 = text.find_first_not_of("0123456789.") == std::string_view::npos;
  if (like_ipv4 || text.find(':') != std::string_view::npos) {
    return tl::unexpected("\"" + written + "\" looks like an address and is none");
  }
  return from_text(text);
}

}  // namespace profiles
