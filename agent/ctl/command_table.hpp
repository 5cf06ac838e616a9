// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace agent::ctl {

/// One option, "--vlan VID". Without an argument it is a flag.
struct Option {
  std::string_view name;
  std::string_view argument;  ///< what it takes, as help calls it; empty: nothing
  std::string_view help;
  std::string_view alias = {};  ///< a second name, as libvirt's XML calls it
  bool repeatable = false;
};

/// One command: "vsi associate". Parser, help, completion and the man page follow from the table.
struct Command {
  std::string_view noun;
  std::string_view verb;      ///< empty: the noun is the whole command
  std::string_view operands;  ///< as in the synopsis; "..." at the end: any number
  std::size_t min_operands = 0;
  std::size_t max_operands = 0;
  std::string_view help;  ///< one sentence
  std::span<const Option> options;
};

std::span<const Command> commands();
/// Options that every command takes, before or after it.
std::span<const Option> common_options();

/// nullptr when there is no such command.
const Command* find_command(std::string_view noun, std::string_view verb);
/// By name or alias, among the command's own and the common ones; nullptr when it has none.
const Option* find_option(const Command* command, std::string_view name);

/// "evbctl vsi associate (--xml FILE | OPTIONS)": one line without options' details.
std::string synopsis(const Command& command);
/// The whole command line help.
std::string help();
/// Of one command, with its options.
std::string help(const Command& command);
/// A completion script for bash.
std::string bash_completion();

}  // namespace agent::ctl
