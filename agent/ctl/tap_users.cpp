// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/tap_users.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

namespace agent::ctl {
namespace {

namespace fs = std::filesystem;

/// The tap's number, as the interface's network namespace has it in its /sys.
std::optional<dev_t> tap_number(const std::string& interface, std::uint32_t index) {
  std::ifstream file(fmt::format("/sys/class/net/{}/tap{}/dev", interface, index));
  unsigned major_part = 0;
  unsigned minor_part = 0;
  char colon = 0;
  if (!(file >> major_part >> colon >> minor_part)) return std::nullopt;
  return makedev(major_part, minor_part);
}

bool has_open(const fs::path& process, dev_t number) {
  std::error_code error;  // a process that ends meanwhile, or that is not ours to look into
  for (fs::directory_iterator file(process / "fd", error), end; !error && file != end;
       file.increment(error)) {
    struct stat found {};
    const bool there = ::stat(file->path().c_str(), &found) == 0;
    if (there && S_ISCHR(found.st_mode) && found.st_rdev == number) return true;
  }
  return false;
}

std::string command_of(const fs::path& process) {
  std::ifstream file(process / "comm");
  std::string command;
  std::getline(file, command);
  return command;
}

}  // namespace

std::vector<TapUser> tap_users(const std::string& interface, std::uint32_t index) {
  std::vector<TapUser> users;
  const auto number = tap_number(interface, index);
  if (!number) return users;
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    const auto name = process->path().filename().string();
    std::uint32_t pid = 0;
    const auto [rest, failed] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (failed != std::errc() || rest != name.data() + name.size()) continue;
    if (has_open(process->path(), *number)) users.push_back({pid, command_of(process->path())});
  }
  std::ranges::sort(users, {}, &TapUser::pid);
  return users;
}

}  // namespace agent::ctl
