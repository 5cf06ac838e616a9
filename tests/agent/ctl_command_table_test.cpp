// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "agent/ctl/command_table.hpp"
#include "agent/ctl/evbctl.hpp"
#include "agent/ctl/exit_codes.hpp"

namespace agent::ctl {
namespace {

using testing::HasSubstr;

std::string man_page() {
  std::ifstream file(EVB_SOURCE_DIR "/agent/ctl/evbctl.8.scd");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// scdoc wants a backslash before '_' and '[' .
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '_' || c == '*' || c == '<' || c == '>' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

TEST(CommandTable, IsWhatTheManPageSays) {
  const auto page = man_page();
  ASSERT_FALSE(page.empty());
  std::string synopses = "# SYNOPSIS\n\n";
  for (const auto& command : program().commands) {
    synopses += fmt::format("*{}*++\n", escaped(cli::synopsis(program(), command)));
  }
  synopses.erase(synopses.size() - 3);
  EXPECT_THAT(page, HasSubstr(synopses + "\n\n"));
  for (const auto& command : program().commands) {
    EXPECT_THAT(page, HasSubstr(escaped(command.help))) << cli::synopsis(program(), command);
    for (const auto& option : command.options) {
      EXPECT_THAT(page, HasSubstr(fmt::format("*{}*", option.name)));
      EXPECT_THAT(page, HasSubstr(escaped(option.help))) << option.name;
    }
  }
  for (const auto& option : program().common) EXPECT_THAT(page, HasSubstr(escaped(option.help)));
  for (const auto& [code, meaning] : kExitMeanings) {
    EXPECT_THAT(page, HasSubstr(fmt::format("*{}*\n\t{}\n", code, meaning)));
  }
}

TEST(CommandTable, HelpNamesEveryCommandOptionAndExitCode) {
  const auto text = cli::help(program());
  for (const auto& command : program().commands) {
    EXPECT_THAT(text, HasSubstr(cli::synopsis(program(), command)));
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

/// What bash offers for the last of the words, by the script.
std::string completed(const std::string& words, int at) {
  const auto script =
      fmt::format("{}\nCOMP_WORDS=({}); COMP_CWORD={}; _evbctl; echo \"${{COMPREPLY[*]}}\"",
                  cli::bash_completion(program()), words, at);
  char name[] = "/tmp/evbctl-completion-XXXXXX";
  const int descriptor = mkstemp(name);
  EXPECT_EQ(write(descriptor, script.data(), script.size()), static_cast<ssize_t>(script.size()));
  close(descriptor);
  auto* const pipe = popen(fmt::format("bash {}", name).c_str(), "r");
  char line[4096] = "";
  EXPECT_NE(fgets(line, sizeof line, pipe), nullptr);
  EXPECT_EQ(pclose(pipe), 0);
  unlink(name);
  return line;
}

TEST(CommandTable, CompletionWorksInBash) {
  EXPECT_EQ(completed("evbctl ''", 1), "agent completion doctor explain neighbor port vsi\n");
  EXPECT_EQ(completed("evbctl vsi a", 2), "associate\n");
  EXPECT_EQ(completed("evbctl vsi deassociate --no", 3), "--no-wait\n");
  EXPECT_EQ(completed("evbctl port show --js", 3), "--json\n");
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
