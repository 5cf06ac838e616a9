// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "agent/cli/program.hpp"

namespace agent::cli {
namespace {

std::string words_of(const Command& command) {
  if (command.verb.empty()) return std::string(command.noun);
  return fmt::format("{} {}", command.noun, command.verb);
}

std::string with_argument(const Option& option) {
  if (option.argument.empty()) return std::string(option.name);
  return fmt::format("{} {}", option.name, option.argument);
}

constexpr std::size_t kCommandWidth = 42;
constexpr std::size_t kOptionWidth = 26;

/// `name` in a column of its own; one that does not fit has its line to itself.
std::string entry(std::string_view name, std::size_t width, std::string_view meaning) {
  const bool fits = name.size() + 1 < width;
  return fmt::format("  {:<{}}{}{:<{}}{}", name, fits ? width : 0, fits ? "" : "\n", "",
                     fits ? 0 : width + 2, meaning);
}

std::string lines_of(std::span<const Option> options) {
  std::string text;
  for (const auto& option : options) {
    text += entry(with_argument(option), kOptionWidth, option.help);
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

std::string synopsis(const Program& program, const Command& command) {
  auto text = fmt::format("{} {}", program.name, words_of(command));
  if (!command.options.empty()) text += " [OPTIONS]";
  if (!command.operands.empty()) text += fmt::format(" {}", command.operands);
  return text;
}

std::string help(const Program& program) {
  auto text = fmt::format("{}\n\n", program.introduction);
  for (const auto& command : program.commands) {
    text += entry(synopsis(program, command), kCommandWidth, command.help) + "\n";
  }
  text += "\nOptions of every command:\n" + lines_of(program.common) + "\n";
  if (!program.notes.empty()) text += fmt::format("{}\n", program.notes);
  text += fmt::format("'{} COMMAND --help' prints the command's own options.\n\nExit status:\n",
                      program.name);
  for (const auto& [code, meaning] : program.exits) {
    text += fmt::format("  {}  {}\n", code, meaning);
  }
  return text;
}

std::string help(const Program& program, const Command& command) {
  auto text = fmt::format("{}\n\n{}\n", synopsis(program, command), command.help);
  if (!command.options.empty()) text += "\nOptions:\n" + lines_of(command.options);
  return text + "\nOptions of every command:\n" + lines_of(program.common);
}

std::string bash_completion(const Program& program) {
  std::set<std::string_view> nouns;
  std::string verbs;
  std::string options;
  for (const auto& command : program.commands) {
    if (nouns.insert(command.noun).second && !command.verb.empty()) {
      std::string of_noun;
      for (const auto& other : program.commands) {
        if (other.noun == command.noun) of_noun += fmt::format("{} ", other.verb);
      }
      verbs += fmt::format("    {}) words=\"{}\" ;;\n", command.noun, of_noun);
    }
    if (!command.options.empty()) {
      options += fmt::format("    \"{}\"{}) words+=\" {}\" ;;\n", words_of(command),
                             command.verb.empty() ? "*" : "", names_of(command.options));
    }
  }
  return fmt::format(
      "# bash completion of {0}; load it with: source <({0} completion bash)\n"
      "_{0}() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=\n"
      "  case $before in\n"
      "    {1}) [[ $word == -* ]] || {{ COMPREPLY=($(compgen -f -- \"$word\")); return; }} ;;\n"
      "    {0}) words=\"{2}\" ;;\n{3}"
      "  esac\n"
      "  [[ $word == -* ]] && words+=\" {4}\"\n"
      "  case \"${{COMP_WORDS[1]}} ${{COMP_WORDS[2]}}\" in\n{5}"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}}\n"
      "complete -F _{0} {0}\n",
      program.name, program.files_after, fmt::join(nouns, " "), verbs, names_of(program.common),
      options);
}

}  // namespace agent::cli
