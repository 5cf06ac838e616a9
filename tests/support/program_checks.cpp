// SPDX-License-Identifier: Apache-2.0
#include "tests/support/program_checks.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace support {
namespace {

using testing::HasSubstr;

std::string text_of(const std::string& page) {
  std::ifstream file(EVB_SOURCE_DIR "/" + page);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// scdoc wants a backslash before these.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '_' || c == '*' || c == '<' || c == '>' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

void expect_man_page(const agent::cli::Program& program, const std::string& page) {
  const auto text = text_of(page);
  ASSERT_FALSE(text.empty()) << page;
  std::string synopses = "# SYNOPSIS\n\n";
  for (const auto& command : program.commands) {
    synopses += fmt::format("*{}*++\n", escaped(synopsis(program, command)));
  }
  synopses.erase(synopses.size() - 3);
  EXPECT_THAT(text, HasSubstr(synopses + "\n\n"));
  for (const auto& command : program.commands) {
    EXPECT_THAT(text, HasSubstr(escaped(command.help))) << synopsis(program, command);
    for (const auto& option : command.options) {
      EXPECT_THAT(text, HasSubstr(fmt::format("*{}*", option.name)));
      EXPECT_THAT(text, HasSubstr(escaped(option.help))) << option.name;
    }
  }
  for (const auto& option : program.common) EXPECT_THAT(text, HasSubstr(escaped(option.help)));
  for (const auto& [code, meaning] : program.exits) {
    EXPECT_THAT(text, HasSubstr(fmt::format("*{}*\n\t{}\n", code, meaning)));
  }
}

std::string completed(const agent::cli::Program& program, const std::string& words, int at) {
  const auto script =
      fmt::format("{}\nCOMP_WORDS=({}); COMP_CWORD={}; _{}; echo \"${{COMPREPLY[*]}}\"",
                  bash_completion(program), words, at, program.name);
  char name[] = "/tmp/evbd-completion-XXXXXX";
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

Printed run_program(int (*run)(const std::vector<std::string>&, std::FILE*, std::FILE*),
                    const std::vector<std::string>& words) {
  char* texts[2] = {};
  std::size_t sizes[2] = {};
  std::FILE* const out = open_memstream(&texts[0], &sizes[0]);
  std::FILE* const err = open_memstream(&texts[1], &sizes[1]);
  Printed printed;
  printed.exit = run(words, out, err);
  std::fclose(out);
  std::fclose(err);
  printed.out.assign(texts[0], sizes[0]);
  printed.err.assign(texts[1], sizes[1]);
  std::free(texts[0]);
  std::free(texts[1]);
  return printed;
}

}  // namespace support
