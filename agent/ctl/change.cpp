// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <fstream>
#include <iostream>

#include "agent/ctl/json.hpp"
#include "agent/ctl/terminal.hpp"
#include "agent/ctl/text.hpp"
#include "agent/ctl/vsi_input.hpp"
#include "agent/ctl/vsi_xml.hpp"

namespace agent::ctl {
namespace {

/// Time for the server's own limit to be told before ours strikes.
constexpr std::chrono::seconds kGrace{2};

Input<std::vector<VsiInput>> read_xml(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return vsis_from_xml(*text, path == "-" ? "the standard input" : path);
}

Input<std::vector<VsiInput>> wanted_vsis(const Arguments& arguments) {
  if (const auto path = arguments.value("--xml")) {
    auto vsis = read_xml(*path);
    if (!vsis) return vsis;
    if (auto applied = apply_options(arguments, *vsis); !applied) {
      return tl::unexpected(applied.error());
    }
    return vsis;
  }
  auto vsi = vsi_from_options(arguments);
  if (!vsi) return tl::unexpected(vsi.error());
  return std::vector<VsiInput>{std::move(*vsi)};
}

pb::AssociationType type_of(const Arguments& arguments) {
  if (arguments.command->verb == "associate") return pb::ASSOCIATE;
  return arguments.has("--reserve") ? pb::PRE_ASSOCIATE_WITH_RESERVATION : pb::PRE_ASSOCIATE;
}

/// What was said of each VSI, and the gravest of the exit codes: a refusal before a time-out.
Exit tell(const Terminal& terminal, const pb::VsiResults& results) {
  Exit gravest = Exit::kOk;
  for (const auto& result : results.results()) {
    const auto exit = exit_of(result.status().code());
    if (gravest == Exit::kOk || exit == Exit::kFailed) gravest = exit == Exit::kOk ? gravest : exit;
    if (!terminal.json()) {
      fmt::print(exit == Exit::kOk ? terminal.out : terminal.err, "{}", result_text(result));
    }
  }
  if (terminal.json()) terminal.print(json_array_of(results.results()));
  return gravest;
}

template <class Change>
void set_wait(const Terminal& terminal, Change& change) {
  const bool wait = !terminal.arguments.has("--no-wait");
  change.set_wait(wait ? pb::FIRST_ANSWER : pb::NONE);
  if (wait) change.set_wait_limit_ms(static_cast<std::uint32_t>(terminal.timeout.count()));
}

/// "vsis[3].…" as the user knows it: the interface of the XML.
std::string in_users_words(std::string sentence, const std::vector<VsiInput>& vsis) {
  for (std::size_t i = 0; i < vsis.size(); ++i) {
    const auto path = fmt::format("vsis[{}].", i);
    if (!sentence.starts_with(path)) continue;
    const auto rest = sentence.substr(path.size());
    return vsis[i].origin.empty() ? rest : fmt::format("{}: {}", vsis[i].origin, rest);
  }
  return sentence;
}

}  // namespace

Input<std::string> read_file(const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return tl::unexpected(fmt::format("--xml: '{}' cannot be read.", path));
  }
  std::istream& from = path == "-" ? std::cin : file;
  std::string text(kMaxXml + 1, '\0');
  from.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(from.gcount()));
  return text;
}

Exit associate(const Terminal& terminal) {
  auto vsis = wanted_vsis(terminal.arguments);
  if (!vsis) return terminal.fail(Exit::kUsage, vsis.error());
  pb::Request request;
  auto& change = *request.mutable_vsi_associate();
  change.set_type(type_of(terminal.arguments));
  set_wait(terminal, change);
  for (const auto& vsi : *vsis) {
    *change.add_vsis() = vsi.wanted;
    // On the error stream, so that --json stays JSON; before the request, so that it is never lost.
    if (vsi.id_generated) {
      fmt::print(terminal.err, "evbctl: {}{}generated instanceid {}\n", vsi.origin,
                 vsi.origin.empty() ? "" : ": ", vsi.wanted.id());
    }
  }
  auto client = terminal.connect();
  if (!client) return terminal.fail(exit_of(client.error()), client.error().sentence);
  const auto response = client->call(std::move(request), terminal.timeout + kGrace);
  if (!response) return terminal.fail(exit_of(response.error()), response.error().sentence);
  if (response->status().code() != pb::OK) {
    return terminal.fail(exit_of(response->status().code()),
                         in_users_words(response->status().sentence(), *vsis));
  }
  return tell(terminal, response->vsi_results());
}

Exit deassociate(const Terminal& terminal) {
  pb::Request request;
  auto& change = *request.mutable_vsi_deassociate();
  set_wait(terminal, change);
  change.mutable_migration()->set_from_here(terminal.arguments.has("--migrating-from-here"));
  Exit exit = Exit::kOk;
  for (const auto& operand : terminal.arguments.operands) {
    auto name = resolve(terminal, operand, exit);
    if (!name) return exit;
    *change.add_vsis() = std::move(*name);
  }
  if (const auto path = terminal.arguments.value("--xml")) {
    const auto vsis = read_xml(*path);
    if (!vsis) return terminal.fail(Exit::kUsage, vsis.error());
    for (const auto& vsi : *vsis) {
      if (vsi.id_generated) {
        return terminal.fail(Exit::kUsage, fmt::format("{}: <parameters> has no attribute "
                                                       "'instanceid', so nothing says which VSI to "
                                                       "de-associate.",
                                                       vsi.origin));
      }
      auto& name = *change.add_vsis();
      name.set_id(vsi.wanted.id());
      name.set_port(terminal.arguments.value("--port").value_or(""));
    }
  }
  if (change.vsis().empty()) {
    return terminal.fail(Exit::kUsage, "Which VSI? Give its ID, or --xml FILE.");
  }
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout + kGrace);
  return response ? tell(terminal, response->vsi_results()) : exit;
}

namespace {

/// "EPOCH:SEQUENCE", two decimal numbers.
bool read_resume(const std::string& text, pb::Watch& to) {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, epoch);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') return false;
  const auto second = std::from_chars(first.ptr + 1, end, sequence);
  if (second.ec != std::errc() || second.ptr != end) return false;
  to.set_epoch(epoch);
  to.set_resume(sequence);
  return true;
}

}  // namespace

Exit watch(const Terminal& terminal) {
  auto client = terminal.connect();
  if (!client) return terminal.fail(exit_of(client.error()), client.error().sentence);
  pb::Request request;
  auto& asked = *request.mutable_watch();
  asked.set_snapshot(terminal.arguments.has("--snapshot"));
  if (const auto resume = terminal.arguments.value("--resume")) {
    if (!read_resume(*resume, asked)) {
      return terminal.fail(Exit::kUsage, fmt::format("--resume '{}' is not EPOCH:SEQUENCE, two "
                                                     "decimal numbers.",
                                                     *resume));
    }
  }
  asked.set_port(terminal.arguments.value("--port").value_or(""));
  if (!terminal.arguments.operands.empty()) {
    asked.set_id_prefix(split_id(terminal.arguments.operands.front()).id);
  }
  const auto response = client->call(std::move(request), terminal.timeout);
  if (!response) return terminal.fail(exit_of(response.error()), response.error().sentence);
  if (response->status().code() != pb::OK) {
    return terminal.fail(exit_of(response->status().code()), response->status().sentence());
  }
  while (true) {
    const auto event = client->next_event(std::nullopt);
    if (!event) return terminal.fail(exit_of(event.error()), event.error().sentence);
    terminal.print(terminal.json() ? json_object(*event) + "\n" : event_text(*event));
    if (std::fflush(terminal.out) != 0) return Exit::kFailed;
  }
}

}  // namespace agent::ctl
