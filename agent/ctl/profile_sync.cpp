// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/profile_sync.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace agent::ctl {
namespace {

constexpr auto kProgram = "evb-profile-sync";

std::string program_path() {
  std::error_code failed;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  for (const auto& path : {folder / kProgram, folder.parent_path() / "sbin" / kProgram}) {
    if (std::filesystem::is_regular_file(path, failed)) return path;
  }
  return kProgram;
}

}  // namespace

Exit run_profile_sync(const Terminal& terminal, std::vector<std::string> words) {
  words.insert(words.begin(), program_path());
  if (const auto file = terminal.arguments.value("--sync-config")) {
    words.insert(words.begin() + 1, {"--config", *file});
  }
  if (terminal.json()) words.insert(words.begin() + 1, "--json");
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::fflush(terminal.out);
  pid_t child = 0;
  const int error =
      ::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ);
  if (error != 0) {
    return terminal.fail(Exit::kFailed, fmt::format("{} cannot be started: {}. Is it installed?",
                                                    kProgram, std::strerror(error)));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? static_cast<Exit>(WEXITSTATUS(status)) : Exit::kFailed;
}

}  // namespace agent::ctl
