// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/program.hpp"

#include <algorithm>

namespace agent::cli {

const Command* Program::find_command(std::string_view noun, std::string_view verb) const {
  const auto found = std::ranges::find_if(commands, [&](const Command& command) {
    return command.noun == noun && command.verb == verb;
  });
  return found == commands.end() ? nullptr : &*found;
}

const Option* Program::find_option(const Command* command, std::string_view word) const {
  const auto has_name = [&](const Option& option) {
    return option.name == word || (!option.alias.empty() && option.alias == word);
  };
  if (command != nullptr) {
    const auto own = std::ranges::find_if(command->options, has_name);
    if (own != command->options.end()) return &*own;
  }
  const auto of_all = std::ranges::find_if(common, has_name);
  return of_all == common.end() ? nullptr : &*of_all;
}

}  // namespace agent::cli
