// SPDX-License-Identifier: Apache-2.0
#include "profiles/document.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "profiles/parameter_reader.hpp"
#include "profiles/type_reader.hpp"

namespace profiles {
namespace {

/// vsi_type = { manager = ..., id = ..., version = ... }
std::optional<TypeName> read_stands_for(TomlTable& profile, const ManagerTable& managers) {
  const auto* const table = profile.subtable("vsi_type");
  if (table == nullptr) return std::nullopt;
  TomlTable type(*table, "vsi_type", profile.file(), profile.problems());
  auto name = read_type_name(type, managers);
  type.finish();
  return name;
}

void read_profile(const toml::table& table, const ManagerTable& managers, TomlTable& root,
                  std::map<std::string, unsigned>& seen, Document& to) {
  TomlTable in(table, "[[port_profile]]", root.file(), root.problems());
  PortProfile profile;
  const auto* const name = in.take("name");
  if (name == nullptr) {
    in.problem("name is missing", "give the name that an interface's profileid has");
  } else if (const auto text = name->value_exact<std::string>()) {
    profile.name = *text;
    if (auto fault = name_fault(profile.name); !fault.empty()) {
      in.problem(*name, std::move(fault), "write 1 to 39 octets of text");
    }
  } else {
    in.problem(*name, "name is not text", "write text in quotes, 1 to 39 octets");
  }
  profile.parameters = read_parameters(in, NeedsVlan::kNo);
  profile.vsi_type = read_stands_for(in, managers);
  in.boolean("require_relay", profile.require_relay);
  in.finish();
  const auto line = table.source().begin.line;
  const auto [first, is_new] = seen.emplace(profile.name, line);
  if (!is_new && !profile.name.empty()) {
    in.problem(
        "profile " + profile.name + " stands twice, first in line " + std::to_string(first->second),
        "remove one of them");
  }
  to.contents.profiles.push_back(std::move(profile));
  to.profile_lines.push_back(line);
}

Problem problem_at(const std::string& file, unsigned line, std::string what, std::string todo) {
  return {file, line, 1, std::move(what), std::move(todo)};
}

/// Whether the type that a profile stands for is among `types`, as Store::apply judges it.
bool is_among(const std::set<TypeName>& types, const std::set<vdp::VsiType>& ids,
              const TypeName& wanted) {
  if (!wanted.manager) return ids.contains(wanted.type);
  return types.contains(wanted) || types.contains(TypeName{std::nullopt, wanted.type});
}

}  // namespace

tl::expected<Document, Problems> read_document(const toml::table& table, const std::string& file,
                                               const ManagerTable& managers) {
  Problems problems;
  Document document;
  TomlTable root(table, "", file, problems);
  std::map<std::string, unsigned> names;
  for (const auto* const each : root.subtables("port_profile")) {
    read_profile(*each, managers, root, names, document);
  }
  std::set<TypeName> types;
  read_vsi_types(root, managers, [&](VsiTypeEntry entry, unsigned line) {
    if (!types.insert(entry.name).second) return false;
    document.contents.types.push_back(std::move(entry));
    document.type_lines.push_back(line);
    return true;
  });
  root.finish();
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return document;
}

tl::expected<Document, Problems> read_document(std::string_view text, const std::string& file,
                                               const ManagerTable& managers) {
  Problems problems;
  const auto table = parse_toml(text, file, problems);
  if (!table) return tl::unexpected(std::move(problems));
  return read_document(*table, file, managers);
}

StoreResult<Problems> conflicts(const Document& document, const std::string& file, Store& store,
                                Force force) {
  Problems problems;
  std::set<TypeName> types;
  std::set<vdp::VsiType> ids;
  const auto& contents = document.contents;
  for (std::size_t i = 0; i < contents.types.size(); ++i) {
    const auto& type = contents.types[i];
    types.insert(type.name);
    ids.insert(type.name.type);
    if (force == Force::kYes) continue;
    const auto now = store.find_type(type.name);
    if (!now) return tl::unexpected(now.error());
    if (*now && !same_body(**now, type.parameters)) {
      problems.push_back(
          problem_at(file, document.type_lines[i],
                     fmt::format("VSI type {} exists with another body", to_string(type.name)),
                     "give the new body another version, or force it"));
    }
  }
  for (std::size_t i = 0; i < contents.profiles.size(); ++i) {
    const auto& profile = contents.profiles[i];
    if (!profile.vsi_type || is_among(types, ids, *profile.vsi_type)) continue;
    const auto there = store.has_type(*profile.vsi_type);
    if (!there) return tl::unexpected(there.error());
    if (*there) continue;
    problems.push_back(problem_at(file, document.profile_lines[i],
                                  fmt::format("profile {} stands for VSI type {}, which does not "
                                              "exist",
                                              profile.name, to_string(*profile.vsi_type)),
                                  "import the type first or with it"));
  }
  return problems;
}

}  // namespace profiles
