// SPDX-License-Identifier: Apache-2.0
#include "agent/profile_sync/entries.hpp"

#include <fmt/format.h>

#include <charconv>

#include "lldp/base/overload.hpp"
#include "lldp/printable.hpp"
#include "profiles/document.hpp"

namespace agent::profile_sync {
namespace {

constexpr std::string_view kProfile = "db/profile/";
constexpr std::string_view kType = "db/type/";
constexpr std::string_view kAny = "any";
constexpr std::uint32_t kLargestTypeId = 0xFF'FFFF;
constexpr std::uint32_t kLargestVersion = 0xFF;

/// The part before the next '/', which is taken off with it.
std::string_view take_part(std::string_view& rest) {
  const auto slash = rest.find('/');
  const auto part = rest.substr(0, slash);
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  return part;
}

/// Only as we write it: no sign, no leading zero.
std::optional<std::uint32_t> number(std::string_view text, std::uint32_t largest) {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value > largest) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

std::optional<vdp::ManagerId> manager(std::string_view text) {
  vdp::ManagerId id;
  if (text.size() != 2 * id.octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.octets.size(); ++i) {
    const auto digits = text.substr(2 * i, 2);
    if (digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
    std::from_chars(digits.data(), digits.data() + 2, id.octets[i], 16);
  }
  return id;
}

std::optional<profiles::TypeName> type_name(std::string_view rest) {
  profiles::TypeName name;
  const auto who = take_part(rest);
  if (who != kAny) {
    name.manager = manager(who);
    if (!name.manager) return std::nullopt;
  }
  const auto id = number(take_part(rest), kLargestTypeId);
  const auto version = number(rest, kLargestVersion);
  if (!id || !version) return std::nullopt;
  name.type = {*id, static_cast<std::uint8_t>(*version)};
  return name;
}

}  // namespace

std::string Keys::of(const EntryName& name) const {
  return std::visit(base::Overload{
                        [&](const std::string& profile) {
                          return fmt::format("{}{}{}", prefix_, kProfile, profile);
                        },
                        [&](const profiles::TypeName& type) {
                          const auto who =
                              type.manager ? lldp::to_hex(type.manager->octets) : std::string(kAny);
                          return fmt::format("{}{}{}/{}/{}", prefix_, kType, who, type.type.id,
                                             type.type.version);
                        },
                    },
                    name);
}

std::optional<EntryName> Keys::name(std::string_view key) const {
  if (!key.starts_with(prefix_)) return std::nullopt;
  key.remove_prefix(prefix_.size());
  if (key.starts_with(kProfile)) {
    const auto name = key.substr(kProfile.size());
    if (!profiles::name_fault(name).empty()) return std::nullopt;
    return std::string(name);
  }
  if (!key.starts_with(kType)) return std::nullopt;
  if (const auto name = type_name(key.substr(kType.size()))) return *name;
  return std::nullopt;
}

tl::expected<Entry, std::string> Keys::read(std::string_view key, std::string_view value) const {
  const auto expected = name(key);
  if (!expected) return tl::unexpected(std::string("the key names neither a profile nor a type"));
  const auto document = profiles::read_document(value, std::string(key));
  if (!document) return tl::unexpected(to_string(document.error().front()));
  const auto& [profiles, types] = document->contents;
  if (profiles.size() + types.size() != 1) {
    return tl::unexpected(
        fmt::format("the value holds {} entries instead of one", profiles.size() + types.size()));
  }
  const auto entry = profiles.empty() ? Entry(types.front()) : Entry(profiles.front());
  if (name_of(entry) == *expected) return entry;
  return tl::unexpected(fmt::format("the value is that of {}", of(name_of(entry))));
}

EntryName name_of(const Entry& entry) {
  if (const auto* const type = std::get_if<profiles::VsiTypeEntry>(&entry)) return type->name;
  return std::get<profiles::PortProfile>(entry).name;
}

std::string write(const Entry& entry) {
  return std::visit([](const auto& one) { return profiles::write_entry(one); }, entry);
}

}  // namespace agent::profile_sync
