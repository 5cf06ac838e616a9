// SPDX-License-Identifier: Apache-2.0
#include "agent/api/names.hpp"
#include "agent/ctl/json.hpp"
#include "agent/ctl/numbers.hpp"
#include "agent/ctl/profile_sync.hpp"
#include "agent/ctl/terminal.hpp"
#include "agent/ctl/text.hpp"
#include "agent/ctl/vsi_input.hpp"
#include "agent/libvirt/response.hpp"
#include "agent/statements/statements.hpp"

namespace agent::ctl {
namespace {

std::string operand(const Terminal& terminal) {
  return terminal.arguments.operands.empty() ? "" : terminal.arguments.operands.front();
}

/// VSIs whose ids begin so, on --port if it is given.
std::optional<pb::Response> list(const Terminal& terminal, const std::string& id, Exit& exit) {
  pb::Request request;
  request.mutable_vsi_list()->set_port(terminal.arguments.value("--port").value_or(""));
  request.mutable_vsi_list()->set_id_prefix(split_id(id).id);
  return terminal.ask(std::move(request), exit, terminal.timeout);
}

}  // namespace

Exit show_agent(const Terminal& terminal) {
  pb::Request request;
  request.mutable_agent_show();
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  if (!response) return exit;
  terminal.print(terminal.json() ? json_array({&response->agent()})
                                 : agent_text(response->agent()));
  return Exit::kOk;
}

Exit show_ports(const Terminal& terminal) {
  pb::Request request;
  request.mutable_port_list()->set_port(operand(terminal));
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  if (!response) return exit;
  const auto& ports = response->ports().ports();
  if (terminal.json()) {
    terminal.print(json_array_of(ports));
    return Exit::kOk;
  }
  for (int i = 0; i < ports.size(); ++i) terminal.print((i > 0 ? "\n" : "") + port_text(ports[i]));
  return Exit::kOk;
}

Exit show_neighbors(const Terminal& terminal) {
  pb::Request request;
  request.mutable_neighbor_list()->set_port(operand(terminal));
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  if (!response) return exit;
  const auto& neighbors = response->neighbors().neighbors();
  if (terminal.json()) {
    terminal.print(json_array_of(neighbors));
    return Exit::kOk;
  }
  if (neighbors.empty()) terminal.print("No neighbour is heard.\n");
  for (int i = 0; i < neighbors.size(); ++i) {
    terminal.print((i > 0 ? "\n" : "") + neighbor_text(neighbors[i]));
  }
  return Exit::kOk;
}

Exit show_vsis(const Terminal& terminal) {
  if (terminal.arguments.has("--all-hosts")) return run_profile_sync(terminal, {"hosts"});
  Exit exit = Exit::kOk;
  const auto id = operand(terminal);
  const auto response = list(terminal, id, exit);
  if (!response) return exit;
  const auto& vsis = response->vsis().vsis();
  if (!id.empty() && vsis.empty()) {
    return terminal.fail(Exit::kNotFound, fmt::format("There is no VSI '{}'.", id));
  }
  if (terminal.json()) {
    terminal.print(json_array_of(vsis));
  } else if (id.empty()) {
    terminal.print(vsis.empty() ? std::string("There are no VSIs.\n")
                                : vsi_table(response->vsis()));
  } else {
    for (int i = 0; i < vsis.size(); ++i) terminal.print((i > 0 ? "\n" : "") + vsi_text(vsis[i]));
  }
  return Exit::kOk;
}

std::optional<pb::VsiName> resolve(const Terminal& terminal, const std::string& operand, Exit& exit,
                                   bool gone_too) {
  const auto response = list(terminal, operand, exit);
  if (!response) return std::nullopt;
  const auto& vsis = response->vsis().vsis();
  if (vsis.empty() && gone_too) {
    pb::VsiName name;
    name.set_port(terminal.arguments.value("--port").value_or(""));
    name.set_id(split_id(operand).id);
    name.set_id_format(split_id(operand).format);
    return name;
  }
  if (vsis.empty()) {
    exit = terminal.fail(Exit::kNotFound, fmt::format("There is no VSI '{}'.", operand));
    return std::nullopt;
  }
  const pb::Vsi* found = &vsis[0];
  for (const auto& vsi : vsis) {
    if (vsi.id() == split_id(operand).id) found = &vsi;
  }
  const bool exact = vsis.size() > 1 && found->id() == split_id(operand).id;
  if (vsis.size() > 1 && (!exact || vsis[0].id() == vsis[1].id())) {
    exit = terminal.fail(
        Exit::kUsage, fmt::format("'{}' is not the beginning of one VSI's id alone: {} on {} and "
                                  "{} on {}{}; write more of it, or give --port.",
                                  operand, vsis[0].id(), vsis[0].port(), vsis[1].id(),
                                  vsis[1].port(), vsis.size() > 2 ? " and others" : ""));
    return std::nullopt;
  }
  pb::VsiName name;
  name.set_port(found->port());
  name.set_id(found->id());
  name.set_id_format(found->id_format());
  return name;
}

Exit why(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  auto name = resolve(terminal, operand(terminal), exit, true);
  if (!name) return exit;
  pb::Request request;
  *request.mutable_vsi_why()->mutable_vsi() = std::move(*name);
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  if (!response) return exit;
  const auto& explanation = response->explanation();
  if (terminal.json()) {
    terminal.print(json_array({&explanation}));
  } else {
    for (const auto& sentence : explanation.sentences()) terminal.print(sentence + "\n");
  }
  return Exit::kOk;
}

Exit explain_reasons(const Terminal& terminal) {
  const auto which = operand(terminal);
  if (which.empty()) {
    for (std::uint32_t reason = 0; reason <= 5; ++reason) terminal.print(reason_text(reason));
    return Exit::kOk;
  }
  const auto number = parse_number(which, 0, 0xFFFF);
  if (!number) {
    return terminal.fail(Exit::kUsage, fmt::format("NUMBER '{}' {}.", which, number.error()));
  }
  if (*number <= 15) {
    terminal.print(reason_text(*number));
    return Exit::kOk;
  }
  const auto* const text = libvirt::explain_response(*number);
  if (text == nullptr) {
    return terminal.fail(Exit::kUsage,
                         fmt::format("NUMBER '{}' is none that evbd or libvirt uses.", which));
  }
  terminal.print(
      fmt::format("{} {}: {}\n  {}\n", text->number, text->name, text->meaning, text->advice));
  return Exit::kOk;
}

Exit show_statements(const Terminal& terminal) {
  const auto text = statements::print(terminal.arguments.operands, terminal.json());
  if (!text) return terminal.fail(Exit::kUsage, text.error());
  terminal.print(*text);
  return Exit::kOk;
}

Exit doctor(const Terminal& terminal) {
  pb::Request request;
  request.mutable_doctor();
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  if (!response) return exit;
  const auto& findings = response->findings().findings();
  if (terminal.json()) {
    terminal.print(json_array_of(findings));
  } else if (findings.empty()) {
    terminal.print("Nothing was found.\n");
  }
  for (int i = 0; !terminal.json() && i < findings.size(); ++i) {
    const auto& finding = findings[i];
    terminal.print(
        fmt::format("{}: {}; {}\n", finding.subject(), finding.sentence(), finding.todo()));
  }
  return findings.empty() ? Exit::kOk : Exit::kFailed;
}

}  // namespace agent::ctl
