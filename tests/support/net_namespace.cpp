// SPDX-License-Identifier: Apache-2.0
#include "tests/support/net_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace test {

NetNamespace::NetNamespace() {
  before_ = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (before_ < 0 || ::unshare(CLONE_NEWNET) != 0) {
    error_ = std::string("needs a network namespace (run as root): ") + std::strerror(errno);
  } else {
    shell("ip link set lo up");
  }
}

NetNamespace::~NetNamespace() {
  if (before_ < 0) return;
  if (!error_ && ::setns(before_, CLONE_NEWNET) != 0) std::abort();
  ::close(before_);
}

bool shell(const std::string& command) {
  return std::system(command.c_str()) == 0;  // commands are literals of the tests
}

std::string shell_output(const std::string& command) {
  std::string output;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> part{};
  while (const auto size = std::fread(part.data(), 1, part.size(), pipe)) {
    output.append(part.data(), size);
  }
  ::pclose(pipe);
  return output;
}

}  // namespace test
