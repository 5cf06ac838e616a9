// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>

#include "agent/ctl/json.hpp"
#include "agent/ctl/tap_users.hpp"
#include "agent/ctl/terminal.hpp"
#include "agent/ctl/text.hpp"
#include "agent/ctl/vsi_xml.hpp"
#include "lldp/printable.hpp"

namespace agent::ctl {
namespace {

/// Time for the server's own limit to be told before ours strikes.
constexpr std::chrono::seconds kGrace{2};
/// Taking back may need the bridge's answer, too.
constexpr std::chrono::seconds kUndoing{20};

Input<pb::InterfaceMode> read_mode(const std::string& text) {
  static constexpr std::pair<std::string_view, pb::InterfaceMode> kModes[] = {
      {"vepa", pb::MODE_VEPA},
      {"bridge", pb::MODE_BRIDGE},
      {"private", pb::MODE_PRIVATE},
      {"passthrough", pb::MODE_PASSTHROUGH}};
  for (const auto& [name, mode] : kModes) {
    if (text == name) return mode;
  }
  return tl::unexpected(
      fmt::format("--mode '{}' is no mode; use vepa, bridge, private or passthrough.", text));
}

Input<InterfaceInput> interface_from_options(const Arguments& arguments) {
  InterfaceInput input;
  auto& wanted = input.wanted;
  if (!arguments.has("--device"))
    return tl::unexpected(std::string("--device is missing, or --xml."));
  wanted.set_device(*arguments.value("--device"));
  if (const auto text = arguments.value("--mode")) {
    const auto mode = read_mode(*text);
    if (!mode) return tl::unexpected(mode.error());
    wanted.set_mode(*mode);
  }
  wanted.set_name(arguments.value("--name").value_or(""));
  wanted.set_mac(arguments.value("--mac").value_or(""));
  wanted.set_profile(arguments.value("--profile").value_or(""));
  if (!arguments.has("--manager") && !arguments.has("--type") && !arguments.has("--id"))
    return input;
  VsiInput vsi;
  if (auto type = read_type(arguments, vsi); !type) return tl::unexpected(type.error());
  input.id_generated = vsi.id_generated;
  *wanted.mutable_vsi() = std::move(vsi.wanted);
  return input;
}

Input<std::vector<InterfaceInput>> wanted_interfaces(const Arguments& arguments) {
  const auto path = arguments.value("--xml");
  if (!path) {
    auto input = interface_from_options(arguments);
    if (!input) return tl::unexpected(input.error());
    for (const auto* const name : {"--vlan", "--bridge-assigns-vlan"}) {
      if (!arguments.has(name) || input->wanted.has_vsi()) continue;
      return tl::unexpected(fmt::format(
          "{} is for an association, and there is none; give --manager, --type and --type-version, "
          "or name a VLAN device or a port profile.",
          name));
    }
    return std::vector<InterfaceInput>{std::move(*input)};
  }
  for (const auto* const name : {"--device", "--mode", "--mac", "--name", "--profile", "--id",
                                 "--manager", "--type", "--type-version"}) {
    if (arguments.has(name)) {
      return tl::unexpected(
          fmt::format("{} and --xml contradict each other; the XML says it.", name));
    }
  }
  const auto text = read_file(*path);
  if (!text) return tl::unexpected(text.error());
  return interfaces_from_xml(*text, *path == "-" ? "the standard input" : *path);
}

/// --vlan and --bridge-assigns-vlan, for the associations.
Input<void> set_vlan(const Arguments& arguments, pb::InterfaceWanted& wanted) {
  const auto text = arguments.value("--vlan");
  if (!wanted.has_vsi()) return {};
  wanted.mutable_vsi()->set_bridge_assigns_vlan(arguments.has("--bridge-assigns-vlan"));
  if (!text) return {};
  const auto entry = read_filter("vid=" + *text);
  if (!entry) return tl::unexpected(fmt::format("--vlan '{}' is not 1..4094.", *text));
  *wanted.mutable_vsi()->add_filters() = *entry;
  return {};
}

Exit gravest_of(const pb::InterfaceResults& results) {
  Exit gravest = Exit::kOk;
  for (const auto& result : results.results()) {
    const auto exit = exit_of(result.status().code());
    if (gravest == Exit::kOk) gravest = exit;
  }
  return gravest;
}

/// "interfaces[3].…" as the user knows it: the interface of the XML.
std::string in_users_words(std::string sentence, const std::vector<InterfaceInput>& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto path = fmt::format("interfaces[{}].", i);
    if (!sentence.starts_with(path)) continue;
    const auto rest = sentence.substr(path.size());
    return inputs[i].origin.empty() ? rest : fmt::format("{}: {}", inputs[i].origin, rest);
  }
  return sentence;
}

Exit tell(const Terminal& terminal, const pb::InterfaceResults& results,
          const std::vector<InterfaceInput>& inputs, std::string_view verb) {
  for (const auto& result : results.results()) {
    const bool good = result.status().code() == pb::OK;
    if (terminal.json() && good) continue;
    if (good) {
      terminal.print(interface_result_text(result, verb));
    } else {
      terminal.fail(Exit::kFailed,
                    fmt::format("{}{}{}", result.name(), result.name().empty() ? "" : ": ",
                                in_users_words(result.status().sentence(), inputs)));
    }
    for (const auto& note : result.interface().notes()) {
      if (good) fmt::print(terminal.err, "evbctl: {}: {}\n", result.name(), note);
    }
  }
  if (terminal.json()) terminal.print(json_array_of(results.results()));
  return gravest_of(results);
}

pb::Request attach_request(const Terminal& terminal, const std::vector<InterfaceInput>& inputs) {
  pb::Request request;
  auto& attach = *request.mutable_interface_attach();
  attach.set_wait_limit_ms(static_cast<std::uint32_t>(terminal.timeout.count()));
  for (const auto& input : inputs) *attach.add_interfaces() = input.wanted;
  return request;
}

}  // namespace

Exit attach_interfaces(const Terminal& terminal) {
  const auto& arguments = terminal.arguments;
  auto inputs = wanted_interfaces(arguments);
  if (!inputs) return terminal.fail(Exit::kUsage, inputs.error());
  for (auto& input : *inputs) {
    if (auto vlan = set_vlan(arguments, input.wanted); !vlan) {
      return terminal.fail(Exit::kUsage, vlan.error());
    }
    if (arguments.has("--require-relay")) input.wanted.set_require_relay(true);
    input.wanted.set_macvlan(arguments.has("--macvlan"));
    if (const auto guest = arguments.value("--guest")) input.wanted.set_guest(*guest);
    if (input.id_generated) {
      fmt::print(terminal.err, "evbctl: {}{}generated instanceid {}\n", input.origin,
                 input.origin.empty() ? "" : ": ", input.wanted.vsi().id());
    }
  }
  Exit exit = Exit::kOk;
  const auto response =
      terminal.ask(attach_request(terminal, *inputs), exit, terminal.timeout + kUndoing + kGrace);
  return response ? tell(terminal, response->interface_results(), *inputs, "attached") : exit;
}

using TapUsers = std::map<std::string, std::vector<TapUser>>;

/// Who uses the taps that are about to go. It is looked for here and not by evbd, which may not see
/// other processes' files, and must not wait for a walk through all of /proc.
static std::optional<TapUsers> users_of_taps(const Terminal& terminal,
                                             const pb::InterfaceDetach& detach, Exit& exit) {
  pb::Request request;
  request.mutable_interface_list();
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  if (!response) return std::nullopt;
  TapUsers users;
  for (const auto& interface : response->interfaces().interfaces()) {
    const bool named = std::ranges::find(detach.names(), interface.name()) != detach.names().end();
    const bool of_guest = !detach.guest().empty() && detach.guest() == interface.guest();
    if (interface.tap().empty() || !(named || of_guest)) continue;
    users[interface.name()] = tap_users(interface.name(), interface.index());
  }
  return users;
}

/// The VMM is not told by the kernel: its guest keeps a network card to which nothing comes.
static void warn_of_taps(const Terminal& terminal, const pb::InterfaceResults& results,
                         const TapUsers& users) {
  for (const auto& result : results.results()) {
    const auto found = users.find(result.name());
    if (result.status().code() != pb::OK || found == users.end()) continue;
    for (const auto& user : found->second) {
      fmt::print(terminal.err,
                 "evbctl: warning: {}: process {} ({}) has its tap open still; the guest there has "
                 "no network by it any more.\n",
                 result.name(), user.pid, lldp::to_printable(user.command));
    }
  }
}

Exit detach_interfaces(const Terminal& terminal) {
  pb::Request request;
  auto& detach = *request.mutable_interface_detach();
  for (const auto& name : terminal.arguments.operands) detach.add_names(name);
  detach.set_guest(terminal.arguments.value("--guest").value_or(""));
  if (detach.names().empty() && detach.guest().empty()) {
    return terminal.fail(Exit::kUsage, "Which interface? Give its name, or --guest.");
  }
  Exit exit = Exit::kOk;
  const auto users = users_of_taps(terminal, detach, exit);
  if (!users) return exit;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout + kGrace);
  if (!response) return exit;
  warn_of_taps(terminal, response->interface_results(), *users);
  if (response->interface_results().results().empty()) {
    return terminal.fail(Exit::kNotFound,
                         fmt::format("evbd has made no interface for a guest '{}'.",
                                     terminal.arguments.value("--guest").value_or("")));
  }
  return tell(terminal, response->interface_results(), {}, "detached");
}

Exit show_interfaces(const Terminal& terminal) {
  pb::Request request;
  const bool one = !terminal.arguments.operands.empty();
  request.mutable_interface_list()->set_name(one ? terminal.arguments.operands.front() : "");
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  if (!response) return exit;
  const auto& interfaces = response->interfaces();
  if (terminal.json()) {
    terminal.print(json_array_of(interfaces.interfaces()));
  } else if (one) {
    terminal.print(interface_text(interfaces.interfaces(0)));
  } else {
    terminal.print(interfaces.interfaces().empty() ? "There are no interfaces.\n"
                                                   : interface_table(interfaces));
  }
  return Exit::kOk;
}

Exit apply_interfaces(const Terminal& terminal) {
  pb::Request request;
  auto& apply = *request.mutable_interface_apply();
  apply.set_profile(terminal.arguments.value("--profile").value_or(""));
  for (const auto& name : terminal.arguments.operands) apply.add_names(name);
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  return response ? tell(terminal, response->interface_results(), {}, "as its profile says") : exit;
}

Exit apply_profiles(const Terminal& terminal) {
  Exit exit = Exit::kOk;
  for (const auto& name : terminal.arguments.operands) {
    pb::Request request;
    request.mutable_interface_apply()->set_profile(name);
    const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
    if (!response) return exit;
    const auto told = tell(terminal, response->interface_results(), {}, "as its profile says");
    if (told != Exit::kOk) return told;
  }
  return exit;
}

/// Between "prepare" and "start" libvirt takes limits of bandwidth off any interface for which it
/// knows none itself.
static Exit apply_again(const Terminal& terminal, const std::vector<InterfaceInput>& inputs) {
  pb::Request request;
  for (const auto& input : inputs) {
    request.mutable_interface_apply()->add_names(input.wanted.name());
  }
  Exit exit = Exit::kOk;
  const auto response = terminal.ask(std::move(request), exit, terminal.timeout);
  return response ? tell(terminal, response->interface_results(), inputs, "limited") : exit;
}

/// libvirt's hook (libvirt.org/hooks.html): GUEST OPERATION SUB-OPERATION EXTRA, the domain's XML
/// on the standard input. Any exit but 0 of "prepare" keeps the guest from starting.
Exit hook(const Terminal& terminal) {
  const auto& words = terminal.arguments.operands;
  const bool prepare = words[1] == "prepare";
  const bool start = words[1] == "start";
  if (!prepare && !start && words[1] != "release") return Exit::kOk;
  const auto xml = read_file("-");
  if (!xml) return terminal.fail(Exit::kUsage, xml.error());
  auto inputs = interfaces_from_metadata(*xml);
  if (!inputs) return terminal.fail(Exit::kUsage, inputs.error());
  if (inputs->empty()) return Exit::kOk;
  for (auto& input : *inputs) input.wanted.set_guest(words[0]);
  if (start) return apply_again(terminal, *inputs);
  Exit exit = Exit::kOk;
  // What an earlier run of the guest has left, when the host ended it.
  pb::Request request;
  request.mutable_interface_detach()->set_guest(words[0]);
  request.mutable_interface_detach()->set_if_there(true);
  const auto detached = terminal.ask(std::move(request), exit, terminal.timeout + kGrace);
  if (!detached) return exit;
  if (!prepare) return gravest_of(detached->interface_results());
  const auto response =
      terminal.ask(attach_request(terminal, *inputs), exit, terminal.timeout + kUndoing + kGrace);
  return response ? tell(terminal, response->interface_results(), *inputs, "attached") : exit;
}

}  // namespace agent::ctl
