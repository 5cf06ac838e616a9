// SPDX-License-Identifier: Apache-2.0
#include "agent/api/profile_messages.hpp"
#include "agent/ctl/json.hpp"
#include "agent/ctl/profile_input.hpp"
#include "agent/ctl/profile_text.hpp"
#include "profiles/staleness.hpp"

// The commands that show the database.

namespace agent::ctl {
namespace {

using profiles::Access;

void tell_mirror(const Terminal& terminal, profiles::Store& store) {
  const auto state = store.mirror_state();
  if (!state || !*state) return;
  terminal.print(profiles::mirror_sentence(**state, std::chrono::system_clock::now()) + '\n');
}

/// An entry says whose it is, when it is another database's.
template <class Message>
void add_mirror(const profiles::StoreResult<std::optional<profiles::MirrorState>>& state,
                Message& to) {
  if (!state || !*state) return;
  api::to_pb(**state, std::chrono::system_clock::now(), *to.mutable_mirror());
}

/// The whole database, for a table.
template <class Entry, class Message>
Exit show_all(const Terminal& terminal, std::vector<Entry> profiles::Contents::*list,
              std::string (*table)(std::span<const Entry>), std::string_view none) {
  Exit exit = Exit::kOk;
  auto store = open_store(terminal, Access::kRead, exit);
  if (!store) return exit;
  const auto contents = store->contents();
  if (!contents) return fail(terminal, contents.error());
  const auto& entries = (*contents).*list;
  if (terminal.json()) {
    std::vector<Message> messages(entries.size());
    const auto mirror = store->mirror_state();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      api::to_pb(entries[i], messages[i]);
      add_mirror(mirror, messages[i]);
    }
    terminal.print(json_array_of(messages));
    return Exit::kOk;
  }
  terminal.print(entries.empty() ? none : std::string_view(table(entries)));
  tell_mirror(terminal, *store);
  return Exit::kOk;
}

Exit show_profile(const Terminal& terminal, const std::string& name) {
  Exit exit = Exit::kOk;
  auto store = open_store(terminal, Access::kRead, exit);
  if (!store) return exit;
  const auto found = store->find_profile(name);
  if (!found) return fail(terminal, found.error());
  if (!*found) {
    return terminal.fail(Exit::kNotFound, fmt::format("There is no profile '{}'.", name));
  }
  evbd::v1::PortProfile stored;
  api::to_pb(**found, stored);
  if (terminal.json()) {
    add_mirror(store->mirror_state(), stored);
    terminal.print(json_array({&stored}));
    return Exit::kOk;
  }
  terminal.print(profile_text(**found));
  tell_mirror(terminal, *store);
  return Exit::kOk;
}

Exit show_type(const Terminal& terminal, const std::string& operand) {
  const auto name = parse_type_operand(operand);
  if (!name) return terminal.fail(Exit::kUsage, name.error());
  Exit exit = Exit::kOk;
  auto store = open_store(terminal, Access::kRead, exit);
  if (!store) return exit;
  auto found = store->find_type(*name);
  if (!found) return fail(terminal, found.error());
  if (!*found) {
    return terminal.fail(Exit::kNotFound,
                         fmt::format("There is no VSI type {}.", to_string(*name)));
  }
  const profiles::VsiTypeEntry entry{*name, **found};
  evbd::v1::VsiTypeDefinition stored;
  api::to_pb(entry, stored);
  if (terminal.json()) {
    add_mirror(store->mirror_state(), stored);
    terminal.print(json_array({&stored}));
    return Exit::kOk;
  }
  terminal.print(type_text(entry));
  tell_mirror(terminal, *store);
  return Exit::kOk;
}

}  // namespace

Exit show_profiles(const Terminal& terminal) {
  const auto& operands = terminal.arguments.operands;
  if (!operands.empty()) return show_profile(terminal, operands.front());
  return show_all<profiles::PortProfile, evbd::v1::PortProfile>(
      terminal, &profiles::Contents::profiles, profile_table, "There are no profiles.\n");
}

Exit show_types(const Terminal& terminal) {
  const auto& operands = terminal.arguments.operands;
  if (!operands.empty()) return show_type(terminal, operands.front());
  return show_all<profiles::VsiTypeEntry, evbd::v1::VsiTypeDefinition>(
      terminal, &profiles::Contents::types, type_table, "There are no VSI types.\n");
}

Exit export_profiles(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  auto store = open_store(terminal, Access::kRead, exit);
  if (!store) return exit;
  if (terminal.arguments.operands.empty()) {
    const auto contents = store->contents();
    if (!contents) return fail(terminal, contents.error());
    terminal.print(profiles::write_document(*contents));
    return Exit::kOk;
  }
  profiles::Contents chosen;
  for (const auto& name : terminal.arguments.operands) {
    auto found = store->find_profile(name);
    if (!found) return fail(terminal, found.error());
    if (!*found) {
      return terminal.fail(Exit::kNotFound, fmt::format("There is no profile '{}'.", name));
    }
    chosen.profiles.push_back(std::move(**found));
  }
  terminal.print(profiles::write_document(chosen));
  return Exit::kOk;
}

Exit export_types(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  auto store = open_store(terminal, Access::kRead, exit);
  if (!store) return exit;
  profiles::Contents chosen;
  if (terminal.arguments.operands.empty()) {
    auto contents = store->contents();
    if (!contents) return fail(terminal, contents.error());
    chosen.types = std::move(contents->types);
  }
  for (const auto& operand : terminal.arguments.operands) {
    const auto name = parse_type_operand(operand);
    if (!name) return terminal.fail(Exit::kUsage, name.error());
    auto found = store->find_type(*name);
    if (!found) return fail(terminal, found.error());
    if (!*found) {
      return terminal.fail(Exit::kNotFound,
                           fmt::format("There is no VSI type {}.", to_string(*name)));
    }
    chosen.types.push_back({*name, std::move(**found)});
  }
  terminal.print(profiles::write_document(chosen));
  return Exit::kOk;
}

}  // namespace agent::ctl
