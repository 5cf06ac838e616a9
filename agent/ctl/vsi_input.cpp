// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/vsi_input.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cstdlib>

#include "agent/api/names.hpp"
#include "agent/ctl/numbers.hpp"
#include "profiles/managers.hpp"

namespace agent::ctl {
namespace {

namespace pb = ::evbd::v1;

tl::unexpected<std::string> wrong(std::string sentence) {
  return tl::unexpected(std::move(sentence));
}

Input<std::uint32_t> number(const Arguments& arguments, std::string_view name, std::uint32_t lowest,
                            std::uint32_t highest) {
  const auto text = arguments.value(name);
  if (!text) return wrong(fmt::format("{} is missing.", name));
  const auto value = parse_number(*text, lowest, highest);
  if (!value) return wrong(fmt::format("{} '{}' {}.", name, *text, value.error()));
  return *value;
}

Input<std::string> mac_address(std::string_view what, const std::string& text) {
  const auto mac = lldp::parse_mac_address(text);
  if (!mac) return wrong(fmt::format("{} '{}' is no MAC address.", what, text));
  if (mac->is_group()) {
    return wrong(fmt::format("{} '{}' is a group address; give the VSI's own.", what, text));
  }
  return lldp::to_string(*mac);
}

Input<void> set_part(std::string_view key, const std::string& value, pb::FilterEntry& entry) {
  if (key == "mac" && entry.mac().empty()) {
    auto mac = mac_address("--filter mac", value);
    if (!mac) return wrong(mac.error());
    entry.set_mac(*mac);
  } else if (key == "vid" && !entry.has_vid()) {
    const auto vid = parse_number(value, 0, 4094);
    if (!vid) return wrong(fmt::format("--filter vid '{}' {}.", value, vid.error()));
    entry.set_vid(*vid);
  } else if (key == "group" && !entry.has_group()) {
    const auto group = parse_number(value, 0, 0xFFFFFFFF);
    if (!group) return wrong(fmt::format("--filter group '{}' {}.", value, group.error()));
    entry.set_group(*group);
  } else {
    return wrong(fmt::format("--filter takes mac=, vid= and group=, each once; '{}={}' is wrong.",
                             key, value));
  }
  return {};
}

/// The entry that --mac, --vlan and --group make.
Input<void> add_own_filter(const Arguments& arguments, pb::VsiWanted& wanted) {
  const auto mac = arguments.value("--mac");
  const bool own = mac || arguments.has("--group") || arguments.has("--vlan");
  if (!own) return {};
  auto& entry = *wanted.add_filters();
  if (mac) {
    auto checked = mac_address("--mac", *mac);
    if (!checked) return wrong(checked.error());
    entry.set_mac(*checked);
  }
  if (arguments.has("--vlan")) {
    const auto vid = number(arguments, "--vlan", 1, 4094);
    if (!vid) return wrong(vid.error());
    entry.set_vid(*vid);
  }
  if (arguments.has("--group")) {
    const auto group = number(arguments, "--group", 0, 0xFFFFFFFF);
    if (!group) return wrong(group.error());
    entry.set_group(*group);
  }
  return {};
}

Input<void> add_filters(const Arguments& arguments, pb::VsiWanted& wanted) {
  wanted.set_bridge_assigns_vlan(arguments.has("--bridge-assigns-vlan"));
  if (wanted.bridge_assigns_vlan() && arguments.has("--vlan")) {
    return wrong("--vlan and --bridge-assigns-vlan contradict each other; give one of them.");
  }
  if (auto own = add_own_filter(arguments, wanted); !own) return own;
  for (const auto& text : arguments.values("--filter")) {
    auto entry = read_filter(text);
    if (!entry) return wrong(entry.error());
    *wanted.add_filters() = std::move(*entry);
  }
  if (wanted.filters().empty()) {
    return wrong("What belongs to the VSI is missing; give --mac, or one --filter or more.");
  }
  for (const auto& entry : wanted.filters()) {
    const bool has_vlan = entry.vid() != 0 || wanted.bridge_assigns_vlan();
    if (has_vlan || (!entry.has_vid() && !wanted.device().empty())) continue;
    return wrong(
        "802.1Qbg requires a non-zero VLAN ID; give --vlan, or --device with a VLAN device "
        "(eth0.2), or say --bridge-assigns-vlan.");
  }
  return {};
}

}  // namespace

std::string new_uuid() {
  vdp::VsiId id;
  if (getrandom(id.octets.data(), id.octets.size(), 0) != 16) std::abort();
  id.octets[6] = static_cast<std::uint8_t>((id.octets[6] & 0x0FU) | 0x40U);
  id.octets[8] = static_cast<std::uint8_t>((id.octets[8] & 0x3FU) | 0x80U);
  return vdp::to_string(id);
}

IdText split_id(const std::string& text) {
  static constexpr std::pair<std::string_view, pb::VsiIdFormat> kPrefixes[] = {
      {"ipv4:", pb::VSI_ID_FORMAT_IPV4},
      {"ipv6:", pb::VSI_ID_FORMAT_IPV6},
      {"mac:", pb::VSI_ID_FORMAT_MAC},
      {"local:", pb::VSI_ID_FORMAT_LOCAL}};
  for (const auto& [prefix, format] : kPrefixes) {
    if (text.starts_with(prefix)) return {format, text.substr(prefix.size())};
  }
  return {pb::VSI_ID_FORMAT_UUID, text};
}

Input<pb::Manager> read_manager(const std::string& text) {
  pb::Manager manager;
  const bool numeric = text.find_first_not_of("0123456789") == std::string::npos;
  if (!text.empty() && (numeric || (text.starts_with("0x") && text.size() <= 4))) {
    const auto value = parse_number(text, 0, 255);
    if (!value) return wrong(fmt::format("--manager '{}' {}.", text, value.error()));
    if (*value == 0) return wrong("--manager '0' is reserved; give 1..255, or none.");
    manager.set_number(*value);
    return manager;
  }
  const auto parsed = profiles::parse_manager(text);
  if (!parsed) return wrong(fmt::format("--manager '{}': {}", text, parsed.error()));
  manager.set_octets(parsed->octets.data(), parsed->octets.size());
  return manager;
}

Input<pb::FilterEntry> read_filter(const std::string& text) {
  pb::FilterEntry entry;
  std::size_t at = 0;
  while (at <= text.size()) {
    const auto end = std::min(text.find(',', at), text.size());
    const auto part = text.substr(at, end - at);
    const auto equals = part.find('=');
    const auto value = equals == std::string::npos ? std::string() : part.substr(equals + 1);
    if (auto set = set_part(part.substr(0, equals), value, entry); !set) return wrong(set.error());
    at = end + 1;
  }
  return entry;
}

Input<void> read_type(const Arguments& arguments, VsiInput& vsi) {
  vsi.id_generated = !arguments.has("--id");
  const auto id = split_id(vsi.id_generated ? new_uuid() : *arguments.value("--id"));
  if (!api::parse_vsi_id(static_cast<vdp::VsiIdFormat>(id.format), id.id)) {
    return wrong(fmt::format("--id '{}' is no {}; a UUID has 32 hexadecimal digits.", id.id,
                             vdp::to_string(static_cast<vdp::VsiIdFormat>(id.format))));
  }
  vsi.wanted.set_id_format(id.format);
  vsi.wanted.set_id(id.id);
  if (!arguments.has("--manager")) return wrong("--manager is missing.");
  auto manager = read_manager(*arguments.value("--manager"));
  if (!manager) return wrong(manager.error());
  *vsi.wanted.mutable_manager() = std::move(*manager);
  const auto type = number(arguments, "--type", 0, 0xFFFFFF);
  if (!type) return wrong(type.error());
  vsi.wanted.set_type_id(*type);
  const auto version = number(arguments, "--type-version", 0, 255);
  if (!version) return wrong(version.error());
  vsi.wanted.set_type_version(*version);
  return {};
}

Input<VsiInput> vsi_from_options(const Arguments& arguments) {
  VsiInput vsi;
  vsi.wanted.set_port(arguments.value("--port").value_or(""));
  vsi.wanted.set_device(arguments.value("--device").value_or(""));
  if (auto type = read_type(arguments, vsi); !type) return wrong(type.error());
  if (auto filters = add_filters(arguments, vsi.wanted); !filters) return wrong(filters.error());
  vsi.wanted.mutable_migration()->set_to_here(arguments.has("--migrating-to-here"));
  return vsi;
}

Input<void> apply_options(const Arguments& arguments, std::vector<VsiInput>& vsis) {
  for (const auto* const name : {"--device", "--id", "--manager", "--type", "--type-version",
                                 "--mac", "--group", "--filter"}) {
    if (arguments.has(name)) {
      return wrong(fmt::format("{} and --xml contradict each other; the XML says it.", name));
    }
  }
  const bool bridge_assigns = arguments.has("--bridge-assigns-vlan");
  if (bridge_assigns && arguments.has("--vlan")) {
    return wrong("--vlan and --bridge-assigns-vlan contradict each other; give one of them.");
  }
  for (auto& vsi : vsis) {
    vsi.wanted.set_port(arguments.value("--port").value_or(""));
    vsi.wanted.set_bridge_assigns_vlan(bridge_assigns);
    vsi.wanted.mutable_migration()->set_to_here(arguments.has("--migrating-to-here"));
    if (!arguments.has("--vlan")) continue;
    const auto vid = number(arguments, "--vlan", 1, 4094);
    if (!vid) return wrong(vid.error());
    for (auto& entry : *vsi.wanted.mutable_filters()) entry.set_vid(*vid);
  }
  return {};
}

}  // namespace agent::ctl
