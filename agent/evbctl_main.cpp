// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "agent/ctl/evbctl.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);  // "evbctl vsi watch | head" ends without a word
  return agent::ctl::run({argv + 1, argv + argc});
}
