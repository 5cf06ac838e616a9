// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "agent/cli/program.hpp"

namespace support {

/// Holds a man page (scdoc source, below the top folder) to the program's table: synopsis, every
/// command, option and exit code by the same words.
void expect_man_page(const agent::cli::Program& program, const std::string& page);

/// What bash offers for the word at `at` of the command line, by the program's completion script.
std::string completed(const agent::cli::Program& program, const std::string& words, int at);

/// What a program answered.
struct Printed {
  int exit = 0;
  std::string out;
  std::string err;
};
Printed run_program(int (*run)(const std::vector<std::string>&, std::FILE*, std::FILE*),
                    const std::vector<std::string>& words);

}  // namespace support
