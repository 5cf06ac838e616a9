// SPDX-License-Identifier: Apache-2.0
#include "profiles/type_reader.hpp"

#include <algorithm>
#include <charconv>

namespace profiles {
namespace {

constexpr std::int64_t kMaxTypeId = 0xFFFFFF;
constexpr std::int64_t kMaxVid = 4094;

void read_vlans(TomlTable& type, NetworkParameters& to) {
  std::uint16_t vid = 0;
  if (type.integer("untagged", vid, 1, kMaxVid)) to.untagged = vid;
  type.array("tagged", [&](const toml::node& node) {
    const auto tagged = type.integer_in("tagged", node, 1, kMaxVid);
    if (!tagged) return;
    if (to.allows(static_cast<std::uint16_t>(*tagged))) {
      type.problem(node, "VLAN " + std::to_string(*tagged) + " is listed twice", "remove one");
    } else {
      to.tagged.push_back(static_cast<std::uint16_t>(*tagged));
    }
  });
  type.boolean("any_vlan", to.any_vlan);
  if (!to.any_vlan && !to.untagged && to.tagged.empty()) {
    type.problem("no VLAN", "give untagged = VID, tagged = [VIDs] or any_vlan = true");
  }
}

void read_default_vlan(TomlTable& type, NetworkParameters& to) {
  to.default_vlan = to.untagged;
  if (!to.default_vlan && !to.tagged.empty()) to.default_vlan = to.tagged.front();
  std::uint16_t vid = 0;
  if (!type.integer("default_vlan", vid, 1, kMaxVid)) return;
  if (!to.allows(vid)) {
    type.problem(*type.take("default_vlan"),
                 "default_vlan " + std::to_string(vid) + " is not one of the type's VLANs",
                 "list it as untagged or tagged too");
  }
  to.default_vlan = vid;
}

void read_groups(TomlTable& type, NetworkParameters& to) {
  const auto* const groups = type.subtable("groups");
  if (groups == nullptr) return;
  for (const auto& [key, node] : *groups) {
    const auto text = key.str();
    std::uint32_t group = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), group);
    if (error != std::errc() || end != text.data() + text.size()) {
      type.problem(node, "GroupID " + std::string(text) + " is not a number of 32 bits",
                   "write groups = { \"4097\" = VID }");
      continue;
    }
    const auto vid = type.integer_in("a group's VLAN", node, 1, kMaxVid);
    if (vid) to.groups[group] = static_cast<std::uint16_t>(*vid);
  }
}

void read_macs(TomlTable& type, NetworkParameters& to) {
  type.array("macs", [&](const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    const auto mac = text ? lldp::parse_mac_address(*text) : std::nullopt;
    if (!mac || mac->is_group()) {
      type.problem(node, "macs holds what is no individual MAC address",
                   "write addresses like \"52:54:00:aa:00:11\"");
    } else {
      to.macs.push_back(*mac);
    }
  });
  if (!to.macs.empty()) to.mac_policy = MacPolicy::kListed;
}

NetworkParameters read_parameters(TomlTable& type) {
  NetworkParameters parameters;
  type.text("name", parameters.name, 1, 255);
  read_vlans(type, parameters);
  read_default_vlan(type, parameters);
  read_groups(type, parameters);
  read_macs(type, parameters);
  std::uint8_t priority = 0;
  if (type.integer("default_priority", priority, 0, 7)) parameters.default_priority = priority;
  std::size_t limit = 0;
  if (type.integer("max_instances", limit, 1, 1'000'000)) parameters.max_instances = limit;
  return parameters;
}

/// "11", as domain XML writes it.
std::optional<std::uint8_t> number_of(std::string_view text) {
  std::uint8_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

/// nullopt: broken; an inner nullopt: any manager.
std::optional<std::optional<vdp::ManagerId>> read_owner(TomlTable& type,
                                                        const ManagerTable& managers) {
  const auto* const node = type.take("manager");
  if (node == nullptr || node->value_exact<std::string>() == "any") {
    return std::optional<vdp::ManagerId>();
  }
  const auto manager = read_manager(type, *node, managers);
  if (!manager) return std::nullopt;
  return std::optional(manager);
}

void read_type(TomlTable& type, const ManagerTable& managers, VsiTypes& types) {
  vdp::VsiType key;
  const auto owner = read_owner(type, managers);
  if (!type.has("id")) type.problem("id is missing", "give the VSI type id, 0 to 16777215");
  if (!type.has("version")) type.problem("version is missing", "give the version, 0 to 255");
  const bool has_id = type.integer("id", key.id, 0, kMaxTypeId);
  const bool has_version = type.integer("version", key.version, 0, 255);
  auto parameters = read_parameters(type);
  type.finish();
  if (!owner || !has_id || !has_version) return;
  if (!types.add(*owner, key, std::move(parameters))) {
    type.problem("type " + std::to_string(key.id) + " version " + std::to_string(key.version) +
                     " of this manager stands twice",
                 "give the new one another version");
  }
}

}  // namespace

std::optional<vdp::ManagerId> read_manager(TomlTable& in, const toml::node& node,
                                           const ManagerTable& managers) {
  if (node.is_integer()) {
    const auto id = in.integer_in("a manager's number", node, 0, 255);
    if (!id) return std::nullopt;
    return manager_octets(managers, static_cast<std::uint8_t>(*id));
  }
  const auto text = node.value_exact<std::string>();
  if (const auto id = text ? number_of(*text) : std::nullopt) return manager_octets(managers, *id);
  const auto manager = text ? parse_manager(*text)
                            : tl::unexpected(std::string("a manager is neither text nor a number"));
  if (manager) return *manager;
  in.problem(node, manager.error(),
             "write an IPv4 or IPv6 address, a UUID, \"0x\" and digits, or text of 1 to 16 octets");
  return std::nullopt;
}

void read_vsi_types(TomlTable& from, const ManagerTable& managers, VsiTypes& types) {
  for (const auto* const table : from.subtables("vsi_type")) {
    TomlTable type(*table, "[[vsi_type]]", from.file(), from.problems());
    read_type(type, managers, types);
  }
}

}  // namespace profiles
