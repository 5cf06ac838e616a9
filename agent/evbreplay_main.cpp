// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "agent/replay/evbreplay.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);  // "evbreplay decode FILE | head" ends without a word
  return agent::replay::run({argv + 1, argv + argc});
}
