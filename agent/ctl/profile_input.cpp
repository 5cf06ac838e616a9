// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/profile_input.hpp"

#include <cstdlib>
#include <iostream>
#include <iterator>

#include "agent/ctl/json.hpp"
#include "agent/ctl/numbers.hpp"

namespace agent::ctl {

std::string database_path(const Arguments& arguments) {
  if (auto path = arguments.value("--db")) return *path;
  const char* const named = std::getenv("EVBD_PROFILES");
  return named != nullptr && *named != '\0' ? named : std::string(profiles::kDefaultDatabase);
}

Exit fail(const Terminal& terminal, const profiles::StoreError& error) {
  using Kind = profiles::StoreError::Kind;
  if (error.reasons.empty()) {
    terminal.fail(Exit::kFailed, error.text);
  } else {
    for (const auto& reason : error.reasons) terminal.fail(Exit::kFailed, reason);
  }
  switch (error.kind) {
    case Kind::kMissing: return Exit::kNotFound;
    case Kind::kReadOnly: return Exit::kForbidden;
    case Kind::kLocked: return Exit::kTimedOut;
    default: return Exit::kFailed;
  }
}

Exit fail(const Terminal& terminal, const profiles::Problems& problems) {
  std::vector<evbd::v1::FileProblem> messages;
  for (const auto& problem : problems) {
    if (!terminal.json()) {
      terminal.fail(Exit::kUsage, to_string(problem));
      continue;
    }
    auto& message = messages.emplace_back();
    message.set_file(problem.file);
    message.set_line(problem.line);
    message.set_column(problem.column);
    message.set_what(problem.what);
    message.set_todo(problem.todo);
  }
  if (terminal.json()) terminal.print(json_array_of(messages));
  return Exit::kUsage;
}

std::optional<profiles::Store> open_store(const Terminal& terminal, profiles::Access access,
                                          Exit& exit) {
  auto store = profiles::Store::open(database_path(terminal.arguments), access,
                                     std::min(terminal.timeout, std::chrono::milliseconds(5000)));
  if (store) return std::move(*store);
  exit = fail(terminal, store.error());
  return std::nullopt;
}

std::optional<profiles::Document> read_profiles(const Terminal& terminal, Exit& exit) {
  const auto& path = terminal.arguments.operands.front();
  profiles::Problems problems;
  std::optional<std::string> text;
  if (path == "-") {
    text = std::string(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    text = profiles::read_file(path, problems);
  }
  if (text) {
    auto document = profiles::read_document(*text, path == "-" ? "the standard input" : path);
    if (document) return std::move(*document);
    problems = std::move(document.error());
  }
  exit = fail(terminal, problems);
  return std::nullopt;
}

tl::expected<profiles::TypeName, std::string> parse_type_operand(const std::string& text) {
  const auto refuse = [&](const std::string& why) {
    return tl::unexpected(fmt::format(
        "'{}' is no VSI type: {}. Write MANAGER/ID/VERSION, or ID/VERSION for any manager's.", text,
        why));
  };
  const auto last = text.rfind('/');
  if (last == std::string::npos) return refuse("its version is missing");
  const auto version = parse_number(text.substr(last + 1), 0, 0xFF);
  if (!version) return refuse("its version " + version.error());
  auto rest = text.substr(0, last);
  profiles::TypeName name;
  name.type.version = static_cast<std::uint8_t>(*version);
  if (const auto slash = rest.rfind('/'); slash != std::string::npos) {
    const auto manager = profiles::read_manager_text(rest.substr(0, slash));
    if (!manager) return refuse(manager.error());
    name.manager = *manager;
    rest = rest.substr(slash + 1);
  }
  const auto id = parse_number(rest, 0, 0xFFFFFF);
  if (!id) return refuse("its ID " + id.error());
  name.type.id = *id;
  return name;
}

profiles::Changes wanted_changes(const Arguments& arguments, const profiles::Document& document,
                                 const profiles::Contents& now) {
  auto changes = profiles::difference(now, document.contents);
  if (!arguments.has("--replace")) {
    changes.remove_profiles.clear();
    changes.remove_types.clear();
  }
  return changes;
}

}  // namespace agent::ctl
