// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdio>

#include "agent/ctl/command_table.hpp"
#include "agent/ctl/evbctl.hpp"
#include "agent/ctl/exit_codes.hpp"
#include "tests/support/program_checks.hpp"

namespace agent::ctl {
namespace {

using testing::HasSubstr;

TEST(CommandTable, IsWhatTheManPageSays) {
  support::expect_man_page(program(), "agent/ctl/evbctl.8.scd");
}

TEST(CommandTable, HelpNamesEveryCommandOptionAndExitCode) {
  const auto text = cli::help(program());
  for (const auto& command : program().commands) {
    EXPECT_THAT(text, HasSubstr(cli::synopsis(program(), command)));
    EXPECT_THAT(text, HasSubstr(fmt::format("  {}\n", command.help))) << "two spaces before it";
    EXPECT_THAT(cli::help(program(), command), HasSubstr(command.help));
    for (const auto& option : command.options)
      EXPECT_THAT(cli::help(program(), command), HasSubstr(option.name));
  }
  for (const auto& [code, meaning] : kExitMeanings) EXPECT_THAT(text, HasSubstr(meaning));
}

TEST(CommandTable, CompletionKnowsEveryCommandAndOption) {
  const auto script = cli::bash_completion(program());
  for (const auto& command : program().commands) {
    EXPECT_THAT(script, HasSubstr(command.noun));
    EXPECT_THAT(script, HasSubstr(command.verb));
    for (const auto& option : command.options) EXPECT_THAT(script, HasSubstr(option.name));
  }
}

TEST(CommandTable, CompletionWorksInBash) {
  EXPECT_EQ(
      support::completed(program(), "evbctl ''", 1),
      "agent capture completion doctor explain interface neighbor port profile statement type "
      "vsi\n");
  EXPECT_EQ(support::completed(program(), "evbctl vsi a", 2), "associate\n");
  EXPECT_EQ(support::completed(program(), "evbctl vsi deassociate --no", 3), "--no-wait\n");
  EXPECT_EQ(support::completed(program(), "evbctl port show --js", 3), "--json\n");
}

TEST(CommandTable, OptionNamesAreUsedForOneThing) {
  for (const auto& command : program().commands) {
    for (const auto& option : command.options) {
      for (const auto& other : program().commands) {
        const auto* const same = program().find_option(&other, option.name);
        EXPECT_TRUE(same == nullptr || same->argument == option.argument) << option.name;
      }
    }
  }
}

TEST(CommandTable, EveryCommandOfItIsInTheProgram) {
  for (const auto& command : program().commands) {
    std::vector<std::string> words{std::string(command.noun)};
    if (!command.verb.empty()) words.emplace_back(command.verb);
    if (command.min_operands > 0) words.emplace_back("09b1");
    words.insert(words.end(), {"--socket", "/nowhere/evbd.sock"});
    char* said = nullptr;
    std::size_t size = 0;
    std::FILE* const file = open_memstream(&said, &size);
    run(words, file, file);
    std::fclose(file);
    EXPECT_THAT(said, testing::Not(HasSubstr("not in the program")))
        << cli::synopsis(program(), command);
    std::free(said);
  }
}

}  // namespace
}  // namespace agent::ctl
