// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdio>

#include "agent/ctl/arguments.hpp"
#include "agent/ctl/exit_codes.hpp"

namespace agent::ctl {

/// What a command works with: its arguments, where it prints, and evbd.
struct Terminal {
  const Arguments& arguments;
  std::FILE* out;
  std::FILE* err;
  std::string socket;
  std::chrono::milliseconds timeout;

  bool json() const { return arguments.has("--json"); }
  void print(std::string_view text) const { fmt::print(out, "{}", text); }
  Exit fail(Exit exit, std::string_view sentence) const {
    fmt::print(err, "evbctl: {}\n", sentence);
    return exit;
  }

  api::ClientResult<api::Client> connect() const {
    return api::Client::connect(socket, "evbctl", timeout);
  }
  /// One request on a connection of its own. What fails is told; nullopt then, and `exit` set.
  std::optional<evbd::v1::Response> ask(evbd::v1::Request request, Exit& exit,
                                        api::Client::Limit limit) const;
};

/// The VSI that an ID operand names, or begins the name of. nullopt: told, and `exit` set.
/// With `gone_too`, one that is not there is named as it was written, for evbd to remember.
std::optional<evbd::v1::VsiName> resolve(const Terminal& terminal, const std::string& operand,
                                         Exit& exit, bool gone_too = false);

// The commands.
Exit show_agent(const Terminal& terminal);
Exit show_ports(const Terminal& terminal);
Exit show_neighbors(const Terminal& terminal);
Exit show_vsis(const Terminal& terminal);
Exit associate(const Terminal& terminal);
Exit deassociate(const Terminal& terminal);
Exit watch(const Terminal& terminal);
Exit why(const Terminal& terminal);
Exit check_profiles(const Terminal& terminal);
Exit import_profiles(const Terminal& terminal);
Exit export_profiles(const Terminal& terminal);
Exit export_types(const Terminal& terminal);
Exit show_profiles(const Terminal& terminal);
Exit show_types(const Terminal& terminal);
Exit set_profile(const Terminal& terminal);
Exit set_type(const Terminal& terminal);
Exit delete_profiles(const Terminal& terminal);
Exit delete_types(const Terminal& terminal);
Exit diff_profiles(const Terminal& terminal);
Exit explain_reasons(const Terminal& terminal);
Exit show_statements(const Terminal& terminal);
Exit doctor(const Terminal& terminal);
Exit capture(const Terminal& terminal);
Exit save_capture(const Terminal& terminal);
Exit attach_interfaces(const Terminal& terminal);
Exit detach_interfaces(const Terminal& terminal);
Exit show_interfaces(const Terminal& terminal);
Exit apply_interfaces(const Terminal& terminal);
Exit apply_profiles(const Terminal& terminal);
Exit apply_types(const Terminal& terminal);
Exit hook(const Terminal& terminal);

}  // namespace agent::ctl
