// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/evbreplay.hpp"

#include <cerrno>
#include <cstring>

#include "agent/replay/command_table.hpp"
#include "agent/replay/session.hpp"
#include "agent/replay/shrink.hpp"

namespace agent::replay {
namespace {

struct Handler {
  std::string_view noun;
  std::string_view verb;
  Exit (*run)(const Session&);
};
constexpr Handler kHandlers[] = {
    {"decode", "", decode},
    {"check", "", check},
    {"report", "", make_report},
    {"rules", "", list_rules},
    {"statements", "", list_statements},
    {"run", "", run},
    {"anonymize", "", anonymize},
    {"shrink", "", shrink},
    {"completion", "bash",
     [](const Session& session) {
       session.print(cli::bash_completion(program()));
       return Exit::kOk;
     }},
};

Exit dispatch(const Session& session) {
  const auto& command = *session.arguments.command;
  for (const auto& handler : kHandlers) {
    if (handler.noun == command.noun && handler.verb == command.verb) return handler.run(session);
  }
  return session.fail(Exit::kUsage, "This command is in the table but not in the program.");
}

}  // namespace

int run(const std::vector<std::string>& words, std::FILE* out, std::FILE* err) {
  const auto arguments = cli::parse_arguments(program(), words);
  if (!arguments) {
    fmt::print(err, "evbreplay: {}\n", arguments.error());
    return code_of(Exit::kUsage);
  }
  const Session session{*arguments, out, err};
  if (arguments->has("--help")) {
    session.print(arguments->command == nullptr ? cli::help(program())
                                                : cli::help(program(), *arguments->command));
    return code_of(Exit::kOk);
  }
  const auto exit = dispatch(session);
  if (std::fflush(out) != 0 || std::ferror(out) != 0) {
    return code_of(session.fail(
        Exit::kFailed, fmt::format("The output could not be written: {}.", std::strerror(errno))));
  }
  return code_of(exit);
}

}  // namespace agent::replay
