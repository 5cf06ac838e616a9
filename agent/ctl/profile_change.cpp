// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "agent/api/profile_messages.hpp"
#include "agent/ctl/json.hpp"
#include "agent/ctl/profile_input.hpp"
#include "agent/ctl/profile_sync.hpp"
#include "agent/ctl/text.hpp"

// The commands that change the database, and those that say what would change.

namespace agent::ctl {
namespace {

using profiles::Access;
using profiles::Changes;
using profiles::Contents;
using profiles::Force;
using Change = evbd::v1::ProfileChange;

Force force_of(const Terminal& terminal) {
  return terminal.arguments.has("--force") ? Force::kYes : Force::kNo;
}

/// The lines of both that are not in the other.
void tell_lines(const std::string& before, const std::string& after, Change& to) {
  auto lines = profiles::line_difference(before, after);
  for (auto& line : lines.before) to.add_before(std::move(line));
  for (auto& line : lines.after) to.add_after(std::move(line));
}

void name_it(const std::string& name, Change& to) { to.set_profile(name); }
void name_it(const profiles::TypeName& name, Change& to) { api::to_pb(name, *to.mutable_type()); }

template <class Entry, class Name>
void tell(const std::vector<Entry>& now, const std::vector<Name>& removals,
          const std::vector<Entry>& puts, std::vector<Change>& to) {
  std::map<Name, const Entry*> there;
  for (const auto& entry : now) there.emplace(entry.name, &entry);
  for (const auto& name : removals) {
    auto& change = to.emplace_back();
    change.set_change(Change::REMOVED);
    name_it(name, change);
    tell_lines(profiles::write_entry(*there.at(name)), "", change);
  }
  for (const auto& put : puts) {
    const auto before = there.find(put.name);
    if (before != there.end() && *before->second == put) continue;
    auto& change = to.emplace_back();
    change.set_change(before == there.end() ? Change::ADDED : Change::CHANGED);
    name_it(put.name, change);
    tell_lines(before == there.end() ? "" : profiles::write_entry(*before->second),
               profiles::write_entry(put), change);
  }
}

std::vector<Change> told(const Contents& now, const Changes& changes) {
  std::vector<Change> all;
  tell(now.types, changes.remove_types, changes.put_types, all);
  tell(now.profiles, changes.remove_profiles, changes.put_profiles, all);
  return all;
}

std::string text_of(const Change& change) {
  static constexpr const char* kVerbs[] = {"added", "changed", "removed"};
  const auto& type = change.type();
  auto text = change.profile().empty()
                  ? fmt::format("VSI type {} version {} of {}", type.id(), type.version(),
                                type.has_manager() ? type.manager() : "any manager")
                  : "profile " + change.profile();
  text += fmt::format(": {}\n", kVerbs[change.change()]);
  if (change.change() == Change::REMOVED) return text;
  for (const auto& line : change.before()) text += "  - " + line + '\n';
  for (const auto& line : change.after()) text += "  + " + line + '\n';
  return text;
}

/// Applies, and says what was changed.
Exit apply(const Terminal& terminal, profiles::Store& store, const Contents& now,
           const Changes& changes) {
  const auto all = told(now, changes);
  const auto revision = store.apply(changes, force_of(terminal));
  if (!revision) return fail(terminal, revision.error());
  if (terminal.json()) {
    terminal.print(json_array_of(all));
    return Exit::kOk;
  }
  const auto count = [&](Change::Kind kind) {
    return std::count_if(all.begin(), all.end(),
                         [kind](const auto& change) { return change.change() == kind; });
  };
  fmt::print(terminal.out, "{}: {} added, {} changed, {} removed; revision {}\n",
             database_path(terminal.arguments), count(Change::ADDED), count(Change::CHANGED),
             count(Change::REMOVED), *revision);
  return Exit::kOk;
}

std::optional<Contents> contents_of(const Terminal& terminal, profiles::Store& store, Exit& exit) {
  auto contents = store.contents();
  if (contents) return std::move(*contents);
  exit = fail(terminal, contents.error());
  return std::nullopt;
}

/// False: the document is at odds with the database, which was told.
bool fits(const Terminal& terminal, const profiles::Document& document, profiles::Store& store,
          Exit& exit) {
  const auto problems =
      profiles::conflicts(document, terminal.arguments.operands.front(), store, force_of(terminal));
  if (!problems) {
    exit = fail(terminal, problems.error());
    return false;
  }
  if (!problems->empty()) exit = fail(terminal, *problems);
  return problems->empty();
}

/// Opens for reading; no database yet is as good as an empty one.
std::optional<profiles::Store> open_if_there(const Terminal& terminal, Exit& exit) {
  auto store = profiles::Store::open(database_path(terminal.arguments), Access::kRead);
  if (store) return std::move(*store);
  exit = store.error().kind == profiles::StoreError::Kind::kMissing ? Exit::kOk
                                                                    : fail(terminal, store.error());
  return std::nullopt;
}

/// Deletes the entries named; every one has to be there.
template <class Name, class Find>
Exit erase(const Terminal& terminal, profiles::Store& store, const std::vector<Name>& names,
           std::vector<Name> Changes::*list, Find find) {
  Exit exit = Exit::kOk;
  for (const auto& name : names) {
    if (!find(name)) exit = terminal.fail(Exit::kNotFound, "There is no such entry; see show.");
  }
  if (exit != Exit::kOk) return exit;
  const auto now = contents_of(terminal, store, exit);
  if (!now) return exit;
  Changes changes;
  changes.*list = names;
  return apply(terminal, store, *now, changes);
}

/// Writes the file into etcd; the hosts' databases follow.
Exit publish_profiles(const Terminal& terminal) {
  const auto& arguments = terminal.arguments;
  if (arguments.value("--db")) {
    return terminal.fail(Exit::kUsage, "--etcd and --db name two databases; give one of them.");
  }
  std::vector<std::string> words{"publish"};
  for (const auto* const flag : {"--replace", "--force"}) {
    if (arguments.has(flag)) words.emplace_back(flag);
  }
  words.insert(words.end(), {"--", arguments.operands.front()});
  return run_profile_sync(terminal, std::move(words));
}

}  // namespace

Exit check_profiles(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  const auto document = read_profiles(terminal, exit);
  if (!document) return exit;
  auto store = open_if_there(terminal, exit);
  if (exit != Exit::kOk) return exit;
  if (store && !fits(terminal, *document, *store, exit)) return exit;
  if (terminal.json()) {
    terminal.print("[]\n");
  } else {
    fmt::print(terminal.out, "{}: {} profile(s), {} VSI type(s), no problems\n",
               terminal.arguments.operands.front(), document->contents.profiles.size(),
               document->contents.types.size());
  }
  return Exit::kOk;
}

Exit import_profiles(const Terminal& terminal) {
  if (terminal.arguments.has("--etcd")) return publish_profiles(terminal);
  if (terminal.arguments.value("--sync-config")) {
    return terminal.fail(Exit::kUsage, "--sync-config says nothing without --etcd.");
  }
  Exit exit = Exit::kOk;
  const auto document = read_profiles(terminal, exit);
  if (!document) return exit;
  auto store = open_store(terminal, Access::kWrite, exit);
  if (!store || !fits(terminal, *document, *store, exit)) return exit;
  const auto now = contents_of(terminal, *store, exit);
  if (!now) return exit;
  return apply(terminal, *store, *now, wanted_changes(terminal.arguments, *document, *now));
}

Exit diff_profiles(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  const auto document = read_profiles(terminal, exit);
  if (!document) return exit;
  auto store = open_if_there(terminal, exit);
  if (exit != Exit::kOk) return exit;
  auto now = store ? contents_of(terminal, *store, exit) : Contents{};
  if (!now) return exit;
  const auto all = told(*now, wanted_changes(terminal.arguments, *document, *now));
  if (terminal.json()) {
    terminal.print(json_array_of(all));
  } else {
    for (const auto& change : all) terminal.print(text_of(change));
  }
  return all.empty() ? Exit::kOk : Exit::kFailed;
}

Exit set_profile(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  const auto& operands = terminal.arguments.operands;
  const bool create = terminal.arguments.has("--create");
  if (auto fault = profiles::name_fault(operands[0]); !fault.empty()) {
    return terminal.fail(Exit::kUsage, fault + ".");
  }
  auto store = open_store(terminal, Access::kWrite, exit);
  if (!store) return exit;
  const auto before = store->find_profile(operands[0]);
  if (!before) return fail(terminal, before.error());
  if (!*before && !create) {
    return terminal.fail(Exit::kNotFound,
                         fmt::format("There is no profile '{}'; --create makes it.", operands[0]));
  }
  const auto old = before->value_or(profiles::PortProfile{operands[0], {}, {}});
  auto after = profiles::assign(old, std::span(operands).subspan(1));
  if (!after) return fail(terminal, after.error());
  return apply(terminal, *store,
               {*before ? std::vector{old} : std::vector<profiles::PortProfile>{}, {}},
               {{}, {}, {std::move(*after)}, {}});
}

Exit set_type(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  const auto& operands = terminal.arguments.operands;
  const auto name = parse_type_operand(operands[0]);
  if (!name) return terminal.fail(Exit::kUsage, name.error());
  auto store = open_store(terminal, Access::kWrite, exit);
  if (!store) return exit;
  const auto before = store->find_type(*name);
  if (!before) return fail(terminal, before.error());
  if (!*before && !terminal.arguments.has("--create")) {
    return terminal.fail(Exit::kNotFound, fmt::format("There is no VSI type {}; --create makes it.",
                                                      to_string(*name)));
  }
  const profiles::VsiTypeEntry old{*name, before->value_or(profiles::NetworkParameters{})};
  auto after = profiles::assign(old, std::span(operands).subspan(1));
  if (!after) return fail(terminal, after.error());
  return apply(terminal, *store,
               {{}, *before ? std::vector{old} : std::vector<profiles::VsiTypeEntry>{}},
               {{}, {}, {}, {std::move(*after)}});
}

Exit delete_profiles(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  auto store = open_store(terminal, Access::kWrite, exit);
  if (!store) return exit;
  return erase(terminal, *store, terminal.arguments.operands, &Changes::remove_profiles,
               [&](const std::string& name) {
                 const auto found = store->find_profile(name);
                 return found && *found;
               });
}

Exit delete_types(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  std::vector<profiles::TypeName> names;
  for (const auto& operand : terminal.arguments.operands) {
    const auto name = parse_type_operand(operand);
    if (!name) return terminal.fail(Exit::kUsage, name.error());
    names.push_back(*name);
  }
  auto store = open_store(terminal, Access::kWrite, exit);
  if (!store) return exit;
  return erase(terminal, *store, names, &Changes::remove_types,
               [&](const profiles::TypeName& name) {
                 const auto found = store->find_type(name);
                 return found && *found;
               });
}

Exit apply_types(const Terminal& terminal) {
  evbd::v1::Request request;
  auto& apply = *request.mutable_type_apply();
  apply.set_deassociate(terminal.arguments.has("--deassociate"));
  for (const auto& operand : terminal.arguments.operands) {
    const auto name = parse_type_operand(operand);
    if (!name) return terminal.fail(Exit::kUsage, name.error());
    api::to_pb(*name, *apply.add_types());
  }
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  if (!response) return exit;
  const auto& results = response->type_results().results();
  if (terminal.json()) terminal.print(json_array_of(results));
  for (const auto& result : results) {
    const bool done = result.status().code() == evbd::v1::OK;
    if (!done) exit = Exit::kFailed;
    if (!terminal.json())
      fmt::print(done ? terminal.out : terminal.err, "{}", type_result_text(result));
  }
  if (results.empty() && !terminal.json()) {
    terminal.print("No VSI of a bridge port has a type as it was before it changed.\n");
  }
  return exit;
}

}  // namespace agent::ctl
