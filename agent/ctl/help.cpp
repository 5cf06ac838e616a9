// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "agent/ctl/command_table.hpp"
#include "agent/ctl/exit_codes.hpp"

namespace agent::ctl {
namespace {

std::string words_of(const Command& command) {
  if (command.verb.empty()) return std::string(command.noun);
  return fmt::format("{} {}", command.noun, command.verb);
}

std::string with_argument(const Option& option) {
  if (option.argument.empty()) return std::string(option.name);
  return fmt::format("{} {}", option.name, option.argument);
}

std::string lines_of(std::span<const Option> options) {
  std::string text;
  for (const auto& option : options) {
    text += fmt::format("  {:<26}{}", with_argument(option), option.help);
    if (!option.alias.empty()) text += fmt::format(" (also {})", option.alias);
    if (option.repeatable) text += "; may be repeated";
    text += '\n';
  }
  return text;
}

std::string names_of(std::span<const Option> options) {
  std::string names;
  for (const auto& option : options) {
    names += fmt::format("{} ", option.name);
    if (!option.alias.empty()) names += fmt::format("{} ", option.alias);
  }
  return names;
}

}  // namespace

std::string synopsis(const Command& command) {
  auto text = "evbctl " + words_of(command);
  if (!command.options.empty()) text += " [OPTIONS]";
  if (!command.operands.empty()) text += fmt::format(" {}", command.operands);
  return text;
}

std::string help() {
  std::string text =
      "evbctl shows and changes what evbd does: Edge Virtual Bridging, 802.1Qbg.\n\n";
  for (const auto& command : commands()) {
    text += fmt::format("  {:<42}{}\n", synopsis(command), command.help);
  }
  text += "\nOptions of every command:\n" + lines_of(common_options());
  text += "\nAn ID may be shortened as long as it is the only one that begins so.\n";
  text += "'evbctl COMMAND --help' prints the command's own options.\n\nExit status:\n";
  for (const auto& [exit, meaning] : kExitMeanings) {
    text += fmt::format("  {}  {}\n", static_cast<int>(exit), meaning);
  }
  return text;
}

std::string help(const Command& command) {
  auto text = fmt::format("{}\n\n{}\n", synopsis(command), command.help);
  if (!command.options.empty()) text += "\nOptions:\n" + lines_of(command.options);
  return text + "\nOptions of every command:\n" + lines_of(common_options());
}

std::string bash_completion() {
  std::set<std::string_view> nouns;
  std::string verbs;
  std::string options;
  for (const auto& command : commands()) {
    if (nouns.insert(command.noun).second && !command.verb.empty()) {
      std::string of_noun;
      for (const auto& other : commands()) {
        if (other.noun == command.noun) of_noun += fmt::format("{} ", other.verb);
      }
      verbs += fmt::format("    {}) words=\"{}\" ;;\n", command.noun, of_noun);
    }
    if (!command.options.empty()) {
      options += fmt::format("    \"{}\") words+=\" {}\" ;;\n", words_of(command),
                             names_of(command.options));
    }
  }
  return fmt::format(
      "# bash completion of evbctl; load it with: source <(evbctl completion bash)\n"
      "_evbctl() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=\n"
      "  case $before in\n"
      "    --xml|--socket) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
      "    evbctl) words=\"{}\" ;;\n{}"
      "  esac\n"
      "  [[ $word == -* ]] && words+=\" {}\"\n"
      "  case \"${{COMP_WORDS[1]}} ${{COMP_WORDS[2]}}\" in\n{}"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}}\n"
      "complete -F _evbctl evbctl\n",
      fmt::join(nouns, " "), verbs, names_of(common_options()), options);
}

}  // namespace agent::ctl
