// SPDX-License-Identifier: Apache-2.0
#include "profiles/type_reader.hpp"

#include "profiles/parameter_reader.hpp"

namespace profiles {
namespace {

constexpr std::int64_t kMaxTypeId = 0xFFFFFF;

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

/// Hands the type over unless something is wrong with its name.
void read_type(TomlTable& type, const ManagerTable& managers, const TypeSink& sink) {
  const auto name = read_type_name(type, managers);
  std::string label;
  type.text("name", label, 1, 255);
  auto parameters = read_parameters(type, NeedsVlan::kYes);
  parameters.name = std::move(label);
  type.finish();
  if (!name) return;
  if (!sink({*name, std::move(parameters)}, type.table().source().begin.line)) {
    type.problem("type " + std::to_string(name->type.id) + " version " +
                     std::to_string(name->type.version) + " of this manager stands twice",
                 "give the new one another version");
  }
}

/// What the bridge role does not enforce must not look as if it did.
void refuse_unenforced(TomlTable& from) {
  for (const auto* const type : from.subtables("vsi_type")) {
    if (const auto* const node = type->get("modes")) {
      from.problem(*node,
                   "modes is not enforced on a bridge port: an association does not say how the "
                   "host delivers",
                   "remove it; it belongs into the database of port profiles");
    }
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
  const auto manager = text ? read_manager_text(*text, managers)
                            : tl::unexpected(std::string("a manager is neither text nor a number"));
  if (manager) return *manager;
  in.problem(node, manager.error(),
             "write an IPv4 or IPv6 address, a UUID, \"0x\" and digits, or text of 1 to 16 octets");
  return std::nullopt;
}

std::optional<TypeName> read_type_name(TomlTable& from, const ManagerTable& managers) {
  TypeName name;
  const auto owner = read_owner(from, managers);
  if (!from.has("id")) from.problem("id is missing", "give the VSI type id, 0 to 16777215");
  if (!from.has("version")) from.problem("version is missing", "give the version, 0 to 255");
  const bool has_id = from.integer("id", name.type.id, 0, kMaxTypeId);
  const bool has_version = from.integer("version", name.type.version, 0, 255);
  if (!owner || !has_id || !has_version) return std::nullopt;
  name.manager = *owner;
  return name;
}

void read_vsi_types(TomlTable& from, const ManagerTable& managers, const TypeSink& sink) {
  for (const auto* const table : from.subtables("vsi_type")) {
    TomlTable type(*table, "[[vsi_type]]", from.file(), from.problems());
    read_type(type, managers, sink);
  }
}

void read_vsi_types(TomlTable& from, const ManagerTable& managers, VsiTypes& types) {
  refuse_unenforced(from);
  read_vsi_types(from, managers, [&types](VsiTypeEntry entry, unsigned /*line*/) {
    return types.add(entry.name.manager, entry.name.type, std::move(entry.parameters));
  });
}

}  // namespace profiles
