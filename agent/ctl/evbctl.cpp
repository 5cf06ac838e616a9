// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/evbctl.hpp"

#include <charconv>
#include <cstdlib>

#include "agent/ctl/numbers.hpp"
#include "agent/ctl/terminal.hpp"
#include "agent/ctl/text.hpp"

namespace agent::ctl {
namespace {

constexpr std::uint32_t kDefaultTimeout = 25;  // seconds; respWaitDelay is 17.4 s by default
constexpr std::uint32_t kLongestTimeout = 86'400;

std::string default_socket() {
  const char* const named = std::getenv("EVBD_SOCKET");
  return named != nullptr && *named != '\0' ? named : "/run/evbd/evbd.sock";
}

struct Handler {
  std::string_view noun;
  std::string_view verb;
  Exit (*run)(const Terminal&);
};
constexpr Handler kHandlers[] = {
    {"agent", "show", show_agent},
    {"port", "show", show_ports},
    {"neighbor", "show", show_neighbors},
    {"vsi", "show", show_vsis},
    {"vsi", "associate", associate},
    {"vsi", "preassociate", associate},
    {"vsi", "deassociate", deassociate},
    {"vsi", "watch", watch},
    {"vsi", "why", why},
    {"profile", "check", check_profiles},
    {"profile", "import", import_profiles},
    {"profile", "export", export_profiles},
    {"profile", "show", show_profiles},
    {"profile", "set", set_profile},
    {"profile", "delete", delete_profiles},
    {"profile", "diff", diff_profiles},
    {"type", "check", check_profiles},
    {"type", "import", import_profiles},
    {"type", "export", export_types},
    {"type", "show", show_types},
    {"type", "set", set_type},
    {"type", "delete", delete_types},
    {"type", "diff", diff_profiles},
    {"interface", "show", show_interfaces},
    {"interface", "attach", attach_interfaces},
    {"interface", "detach", detach_interfaces},
    {"interface", "apply", apply_interfaces},
    {"profile", "apply", apply_profiles},
    {"type", "apply", apply_types},
    {"interface", "hook", hook},
    {"explain", "", explain_reasons},
    {"statement", "show", show_statements},
    {"doctor", "", doctor},
    {"capture", "start", capture},
    {"capture", "stop", capture},
    {"capture", "show", capture},
    {"capture", "save", save_capture},
    {"completion", "bash",
     [](const Terminal& terminal) {
       terminal.print(cli::bash_completion(program()));
       return Exit::kOk;
     }},
};

Exit dispatch(const Terminal& terminal) {
  const auto& command = *terminal.arguments.command;
  for (const auto& handler : kHandlers) {
    if (handler.noun == command.noun && handler.verb == command.verb) return handler.run(terminal);
  }
  return terminal.fail(Exit::kUsage, "This command is in the table but not in the program.");
}

}  // namespace

std::optional<evbd::v1::Response> Terminal::ask(evbd::v1::Request request, Exit& exit,
                                                api::Client::Limit limit) const {
  auto client = connect();
  if (!client) {
    exit = fail(exit_of(client.error()), client.error().sentence);
    return std::nullopt;
  }
  auto response = client->call(std::move(request), limit);
  if (!response) {
    exit = fail(exit_of(response.error()), response.error().sentence);
    return std::nullopt;
  }
  if (response->status().code() != evbd::v1::OK) {
    exit = fail(exit_of(response->status().code()), response->status().sentence());
    return std::nullopt;
  }
  return std::move(*response);
}

int run(const std::vector<std::string>& words, std::FILE* out, std::FILE* err) {
  const auto arguments = parse_arguments(words);
  if (!arguments) {
    fmt::print(err, "evbctl: {}\n", arguments.error());
    return static_cast<int>(Exit::kUsage);
  }
  Terminal terminal{*arguments, out, err, arguments->value("--socket").value_or(default_socket()),
                    std::chrono::seconds(kDefaultTimeout)};
  if (arguments->has("--help")) {
    terminal.print(arguments->command == nullptr ? cli::help(program())
                                                 : cli::help(program(), *arguments->command));
    return static_cast<int>(Exit::kOk);
  }
  if (const auto text = arguments->value("--timeout")) {
    const auto seconds = parse_number(*text, 1, kLongestTimeout);
    if (!seconds) {
      return static_cast<int>(
          terminal.fail(Exit::kUsage, fmt::format("--timeout '{}' {}.", *text, seconds.error())));
    }
    terminal.timeout = std::chrono::seconds(*seconds);
  }
  const auto exit = dispatch(terminal);
  std::fflush(out);
  return static_cast<int>(exit);
}

}  // namespace agent::ctl
