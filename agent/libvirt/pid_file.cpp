// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/pid_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "agent/libvirt/netlink_table.hpp"
#include "agent/net/fd.hpp"

namespace agent::libvirt {
namespace {

constexpr std::size_t kLibvirtReads = 10;

tl::unexpected<std::string> failed(const std::string& path) {
  return tl::unexpected(fmt::format(
      "cannot write {}, where libvirt looks for its agent: {}; check pid_file in [libvirt]", path,
      std::strerror(errno)));
}

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::optional<std::uint32_t> parse_pid_file(std::string_view text) {
  text = text.substr(0, kLibvirtReads);
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::uint32_t number = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || number == 0 || end == last) return std::nullopt;
  const bool blank = *end == '\n' || *end == ' ' || *end == '\t' || *end == '\0';
  if (!blank) return std::nullopt;
  return number;
}

std::optional<std::uint32_t> read_pid_file(const std::string& path) {
  return parse_pid_file(file_text(path));
}

std::string PidFile::owner_of(std::uint32_t port_id) {
  for (const auto& process : find_processes({"lldpad"})) {
    if (process.pid == port_id) return fmt::format("lldpad, PID {}", process.pid);
  }
  const auto table = read_netlink_table();
  const bool bound = std::ranges::find(table, port_id, &RouteSocketEntry::port_id) != table.end();
  return bound ? fmt::format("another agent, netlink port id {}", port_id) : std::string();
}

tl::expected<void, std::string> PidFile::check(const std::string& path, std::uint32_t port_id) {
  const auto before = read_pid_file(path);
  if (before && *before != port_id) {
    const auto owner = owner_of(*before);
    if (!owner.empty()) {
      return tl::unexpected(fmt::format(
          "{} belongs to {}, which is libvirt's 802.1Qbg agent now; stop and disable it, or set "
          "enable = false in [libvirt]",
          path, owner));
    }
  }
  return {};
}

tl::expected<PidFile, std::string> PidFile::publish(const std::string& path,
                                                    std::uint32_t port_id) {
  if (auto free = check(path, port_id); !free) return tl::unexpected(free.error());
  const auto text = fmt::format("{}\n", port_id);
  const auto next = fmt::format("{}.{}", path, ::getpid());
  const net::Fd fd(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return failed(path);
  const bool written =
      ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      std::rename(next.c_str(), path.c_str()) == 0;
  if (written) return PidFile(path, port_id);
  auto error = failed(path);
  ::unlink(next.c_str());
  return error;
}

PidFile::PidFile(PidFile&& other) noexcept
    : path_(std::move(other.path_)), port_id_(std::exchange(other.port_id_, 0)) {}

PidFile& PidFile::operator=(PidFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(port_id_, other.port_id_);
  return *this;
}

PidFile::~PidFile() {
  if (port_id_ != 0 && read_pid_file(path_) == port_id_) ::unlink(path_.c_str());
}

}  // namespace agent::libvirt
