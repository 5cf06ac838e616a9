// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

// The command line of a program as a table: parser, help, completion and the man page follow.

namespace agent::cli {

/// One option, "--vlan VID". Without an argument it is a flag.
struct Option {
  std::string_view name;
  std::string_view argument;  ///< what it takes, as help calls it; empty: nothing
  std::string_view help;
  std::string_view alias = {};  ///< a second name, as libvirt's XML calls it, or a short one
  bool repeatable = false;
};

/// One command: "vsi associate".
struct Command {
  std::string_view noun;
  std::string_view verb;      ///< empty: the noun is the whole command
  std::string_view operands;  ///< as in the synopsis; "..." at the end: any number
  std::size_t min_operands = 0;
  std::size_t max_operands = 0;
  std::string_view help;  ///< one sentence
  std::span<const Option> options;
};

struct ExitMeaning {
  int code;
  std::string_view meaning;
};

/// A whole program.
struct Program {
  std::string_view name;
  std::string_view introduction;  ///< one sentence
  std::span<const Command> commands;
  std::span<const Option> common;  ///< options that every command takes, before or after it
  std::string_view notes;          ///< lines of help below the options; may be empty
  std::string_view files_after;    ///< "--xml|--socket": words that completion lets a path follow
  std::span<const ExitMeaning> exits;  ///< in the order of their codes

  /// nullptr when there is no such command.
  const Command* find_command(std::string_view noun, std::string_view verb) const;
  /// By name or alias, among the command's own and the common ones; nullptr when it has none.
  const Option* find_option(const Command* command, std::string_view word) const;
};

/// "evbctl vsi associate (--xml FILE | OPTIONS)": one line without options' details.
std::string synopsis(const Program& program, const Command& command);
/// The whole command line help.
std::string help(const Program& program);
/// Of one command, with its options.
std::string help(const Program& program, const Command& command);
/// A completion script for bash.
std::string bash_completion(const Program& program);

}  // namespace agent::cli
