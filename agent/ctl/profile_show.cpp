// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/util/message_differencer.h>

#include "agent/api/profile_messages.hpp"
#include "agent/ctl/json.hpp"
#include "agent/ctl/profile_input.hpp"
#include "agent/ctl/profile_text.hpp"

// The commands that show the database, and what evbd uses of it where it runs.

namespace agent::ctl {
namespace {

using google::protobuf::util::MessageDifferencer;
using profiles::Access;

/// What evbd answers; nullopt when none runs, or one that does not know the request.
std::optional<evbd::v1::Response> ask_evbd(const Terminal& terminal, evbd::v1::Request request) {
  auto client = terminal.connect();
  if (!client) return std::nullopt;
  auto response = client->call(std::move(request), terminal.timeout);
  if (!response) return std::nullopt;
  const auto code = response->status().code();
  if (code != evbd::v1::OK && code != evbd::v1::NOT_FOUND) return std::nullopt;
  return std::move(*response);
}

/// "evbd uses revision 7 of it." and what is wrong, if anything.
void tell_in_force(const Terminal& terminal, std::int64_t revision) {
  evbd::v1::Request request;
  request.mutable_profile_database_show();
  const auto response = ask_evbd(terminal, std::move(request));
  if (!response) return;
  const auto& used = response->profile_database();
  if (used.path() != database_path(terminal.arguments)) {
    fmt::print(terminal.out, "evbd uses another database: {}\n",
               used.path().empty() ? "none" : used.path());
  } else if (used.revision() != revision) {
    fmt::print(terminal.out, "evbd still uses revision {} of it; this is {}\n", used.revision(),
               revision);
  }
  if (!used.trouble().empty()) fmt::print(terminal.out, "evbd: {}\n", used.trouble());
}

/// Says whether evbd uses `stored`, of which `used` is its answer.
template <class Message>
void tell_used(const Terminal& terminal, const evbd::v1::Response& response, const Message& stored,
               const Message& used) {
  if (response.status().code() == evbd::v1::NOT_FOUND) {
    terminal.print("evbd does not use it: " + response.status().sentence() + "\n");
  } else if (MessageDifferencer::Equals(stored, used)) {
    terminal.print("evbd uses it so\n");
  } else {
    terminal.print("evbd uses another one:\n" + json_object(used) + "\n");
  }
}

void tell_mirror(const Terminal& terminal, profiles::Store& store) {
  const auto state = store.mirror_state();
  if (!state || !*state) return;
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now() - (*state)->contact);
  fmt::print(terminal.out, "mirrors {}: revision {}, heard of {} s ago{}{}\n", (*state)->source,
             (*state)->revision, age.count(), (*state)->trouble.empty() ? "" : "; ",
             (*state)->trouble);
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
    for (std::size_t i = 0; i < entries.size(); ++i) api::to_pb(entries[i], messages[i]);
    terminal.print(json_array_of(messages));
    return Exit::kOk;
  }
  terminal.print(entries.empty() ? none : std::string_view(table(entries)));
  tell_mirror(terminal, *store);
  if (const auto revision = store->revision()) tell_in_force(terminal, *revision);
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
    terminal.print(json_array({&stored}));
    return Exit::kOk;
  }
  terminal.print(profile_text(**found));
  evbd::v1::Request request;
  request.mutable_profile_show()->set_name(name);
  if (const auto response = ask_evbd(terminal, std::move(request))) {
    const auto& used = response->port_profiles();
    tell_used(terminal, *response, stored,
              used.profiles().empty() ? evbd::v1::PortProfile() : used.profiles(0));
  }
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
    terminal.print(json_array({&stored}));
    return Exit::kOk;
  }
  terminal.print(type_text(entry));
  evbd::v1::Request request;
  *request.mutable_type_show()->mutable_type() = stored.name();
  if (const auto response = ask_evbd(terminal, std::move(request))) {
    const auto& used = response->vsi_types();
    tell_used(terminal, *response, stored,
              used.types().empty() ? evbd::v1::VsiTypeDefinition() : used.types(0));
  }
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
