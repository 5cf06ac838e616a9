// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "profiles/document.hpp"

// A command line's assignments become TOML, so that one reader judges both.

namespace profiles {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = std::min(text.find(at), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

/// A number when it is one, text otherwise: which the reader then refuses.
void append(toml::array& to, std::string_view text) {
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stopped == end) {
    to.push_back(number);
  } else {
    to.push_back(std::string(text));
  }
}

void insert(toml::table& to, std::string_view key, std::string_view text) {
  toml::array one;
  append(one, text);
  if (const auto number = one[0].value_exact<std::int64_t>()) {
    to.insert_or_assign(key, *number);
  } else if (text == "true" || text == "false") {
    to.insert_or_assign(key, text == "true");
  } else {
    to.insert_or_assign(key, std::string(text));
  }
}

toml::table groups_of(std::string_view text) {
  toml::table groups;
  for (const auto part : split(text, ',')) {
    const auto colon = std::min(part.find(':'), part.size());
    insert(groups, part.substr(0, colon), part.substr(std::min(colon + 1, part.size())));
  }
  return groups;
}

/// "MANAGER/ID/VERSION", "ID/VERSION"
toml::table type_of(std::string_view text) {
  toml::table type;
  auto parts = split(text, '/');
  constexpr std::string_view kKeys[] = {"version", "id", "manager"};
  for (std::size_t i = 0; i < std::min(parts.size(), std::size(kKeys)); ++i) {
    insert(type, kKeys[i], parts[parts.size() - 1 - i]);
  }
  return type;
}

void assign(toml::table& to, std::string_view key, std::string_view value) {
  const auto is = [key](std::initializer_list<std::string_view> keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  if (value.empty()) {
    to.erase(key);
    // The reader takes the first of the VLANs again.
    if (is({"untagged", "tagged"})) to.erase("default_vlan");
  } else if (is({"tagged", "macs", "modes"})) {
    toml::array list;
    for (const auto part : split(value, ',')) append(list, part);
    to.insert_or_assign(key, std::move(list));
  } else if (is({"transmit", "receive"})) {
    const auto parts = split(value, ',');
    if (parts.size() == 2) {
      to.insert_or_assign(
          key, toml::table{{"rate", std::string(parts[0])}, {"burst", std::string(parts[1])}});
    } else {
      to.insert_or_assign(key, std::string(value));
    }
  } else if (key == "groups") {
    to.insert_or_assign(key, groups_of(value));
  } else if (key == "vsi_type") {
    to.insert_or_assign(key, type_of(value));
  } else {
    insert(to, key, value);
  }
}

/// `text` is one entry of a document, `array` the name of its table.
tl::expected<Document, Problems> changed(const std::string& text, std::string_view array,
                                         std::span<const std::string> assignments) {
  const std::string file = "KEY=VALUE";
  Problems problems;
  auto root = parse_toml(text, file, problems);
  if (!root) return tl::unexpected(std::move(problems));
  auto& table = *(*root)[array][0].as_table();
  for (const auto& assignment : assignments) {
    const auto equals = assignment.find('=');
    const auto key = assignment.substr(0, equals);
    if (equals == std::string::npos || key.empty()) {
      problems.push_back({assignment, 0, 0, "is no KEY=VALUE", "write e.g. mtu=9000"});
    } else if (key == "name" && array == "port_profile") {
      problems.push_back({assignment, 0, 0, "a profile's name is what it is known by",
                          "export it, and import it under another name"});
    } else if (key == "manager" || key == "id" || key == "version") {
      problems.push_back({assignment, 0, 0, "manager, id and version are what a type is known by",
                          "export it, and import it under others"});
    } else {
      assign(table, key, std::string_view(assignment).substr(equals + 1));
    }
  }
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  auto document = read_document(*root, file);
  if (!document) {
    for (auto& problem : document.error()) problem.line = problem.column = 0;
  }
  return document;
}

}  // namespace

tl::expected<PortProfile, Problems> assign(const PortProfile& profile,
                                           std::span<const std::string> assignments) {
  auto document = changed(write_entry(profile), "port_profile", assignments);
  if (!document) return tl::unexpected(std::move(document.error()));
  return document->contents.profiles.front();
}

tl::expected<VsiTypeEntry, Problems> assign(const VsiTypeEntry& type,
                                            std::span<const std::string> assignments) {
  auto document = changed(write_entry(type), "vsi_type", assignments);
  if (!document) return tl::unexpected(std::move(document.error()));
  return document->contents.types.front();
}

}  // namespace profiles
