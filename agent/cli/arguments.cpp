// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace agent::cli {
namespace {

using Words = std::vector<std::string>;

tl::unexpected<std::string> wrong(std::string sentence) {
  return tl::unexpected(std::move(sentence));
}

bool is_noun(const Program& program, std::string_view word) {
  return std::ranges::any_of(program.commands, [&](const Command& it) { return it.noun == word; });
}

/// The options that take an argument are known before the command is: names are used once.
const Option* any_option(const Program& program, std::string_view name) {
  for (const auto& command : program.commands) {
    if (const auto* const option = program.find_option(&command, name)) return option;
  }
  return nullptr;
}

/// Takes the words apart into options and the others, in their order.
tl::expected<Words, std::string> split(const Program& program, const Words& words,
                                       Arguments& arguments) {
  Words plain;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (word == "--") {
      plain.insert(plain.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      plain.push_back(word);
      continue;
    }
    const auto equals = word.find('=');
    const auto name = word == "-h" ? std::string("--help") : word.substr(0, equals);
    const auto* const option = any_option(program, name);
    if (option == nullptr) return wrong(fmt::format("There is no option '{}'.", name));
    std::string value;
    if (option->argument.empty()) {
      if (equals != std::string::npos) return wrong(fmt::format("'{}' takes no value.", name));
    } else if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (i + 1 < words.size()) {
      value = words[++i];
    } else {
      return wrong(fmt::format("'{}' needs a value: {}.", name, option->argument));
    }
    if (arguments.has(option->name) && !option->repeatable) {
      return wrong(fmt::format("'{}' is given twice.", name));
    }
    arguments.options.emplace_back(option->name, std::move(value));
  }
  return plain;
}

/// Finds the command in front of the words that are left, and takes its words away.
tl::expected<const Command*, std::string> take_command(const Program& program, Words& words) {
  const auto noun = words.front();
  if (!is_noun(program, noun)) return wrong(fmt::format("There is no command '{}'.", noun));
  if (const auto* const whole = program.find_command(noun, "")) {
    words.erase(words.begin());
    return whole;
  }
  Words verbs;
  for (const auto& command : program.commands) {
    if (command.noun == noun) verbs.emplace_back(command.verb);
  }
  const auto choice = fmt::format("{}", fmt::join(verbs, ", "));
  if (words.size() < 2) return wrong(fmt::format("'{}' needs a verb: {}.", noun, choice));
  const auto* const found = program.find_command(noun, words[1]);
  if (found == nullptr) {
    return wrong(fmt::format("'{}' has no verb '{}'; it has: {}.", noun, words[1], choice));
  }
  words.erase(words.begin(), words.begin() + 2);
  return found;
}

std::optional<std::string> mismatch(const Program& program, const Arguments& arguments) {
  const auto& command = *arguments.command;
  const auto count = arguments.operands.size();
  if (count < command.min_operands) {
    return fmt::format("'{}' needs {}.", synopsis(program, command), command.operands);
  }
  if (count > command.max_operands) {
    return fmt::format("'{}' is one word too many for '{}'.",
                       arguments.operands[command.max_operands], synopsis(program, command));
  }
  for (const auto& [name, value] : arguments.options) {
    if (program.find_option(&command, name) == nullptr) {
      return fmt::format("'{}' does not go with '{}'.", name, synopsis(program, command));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view name) const {
  for (const auto& [option, value] : options) {
    if (option == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& [option, value] : options) {
    if (option == name) all.push_back(value);
  }
  return all;
}

tl::expected<Arguments, std::string> parse_arguments(const Program& program,
                                                     const std::vector<std::string>& words) {
  Arguments arguments;
  auto plain = split(program, words, arguments);
  if (!plain) return wrong(plain.error());
  if (!plain->empty() && plain->front() == "help") {
    plain->erase(plain->begin());
    arguments.options.emplace_back("--help", "");
  }
  if (plain->empty()) {
    if (arguments.has("--help")) return arguments;
    return wrong(fmt::format("A command is missing; '{} --help' lists them.", program.name));
  }
  const auto command = take_command(program, *plain);
  if (!command) return wrong(command.error());
  arguments.command = *command;
  arguments.operands = std::move(*plain);
  if (arguments.has("--help")) return arguments;
  if (auto sentence = mismatch(program, arguments)) return wrong(std::move(*sentence));
  return arguments;
}

}  // namespace agent::cli
