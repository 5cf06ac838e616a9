// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/netlink_table.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace agent::libvirt {
namespace {

constexpr std::uint32_t kPidLimit = 1U << 22U;

std::string read_all(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string network_namespace(const std::string& process) {
  std::error_code error;
  return std::filesystem::read_symlink(process + "/ns/net", error).string();
}

using Names = std::set<std::string, std::less<>>;

const Names kLibvirtDaemons{"libvirtd", "virtqemud", "virtlxcd"};

/// In our network namespace, or surely in another one.
std::vector<Process> search(const Names& names, const std::string& proc, bool here) {
  std::vector<Process> found;
  const auto own = network_namespace(proc + "/self");
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(proc, error)) {
    const auto text = entry.path().filename().string();
    Process process;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), process.pid);
    if (failed != std::errc() || end != text.data() + text.size()) continue;
    process.name = read_all(entry.path().string() + "/comm");
    if (process.name.ends_with('\n')) process.name.pop_back();
    if (!names.contains(process.name)) continue;
    const auto theirs = network_namespace(entry.path().string());
    const bool same = own.empty() || theirs.empty() || own == theirs;
    if (same == here) found.push_back(std::move(process));
  }
  std::ranges::sort(found, {}, &Process::pid);
  return found;
}

}  // namespace

std::vector<RouteSocketEntry> parse_netlink_table(std::string_view text) {
  std::vector<RouteSocketEntry> entries;
  std::istringstream lines{std::string(text)};
  std::string line;
  std::getline(lines, line);  // the headings
  while (std::getline(lines, line)) {
    // sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
    std::istringstream columns(line);
    std::string skipped;
    int protocol = -1;
    RouteSocketEntry entry;
    columns >> skipped >> protocol >> entry.port_id;
    for (int column = 0; column < 6; ++column) columns >> skipped;
    columns >> entry.inode;
    if (columns && protocol == 0) entries.push_back(entry);
  }
  return entries;
}

std::vector<RouteSocketEntry> read_netlink_table(const std::string& path) {
  return parse_netlink_table(read_all(path));
}

std::vector<Process> find_processes(const Names& names, const std::string& proc) {
  return search(names, proc, true);
}

std::vector<Process> find_libvirt_daemons(const std::string& proc) {
  return search(kLibvirtDaemons, proc, true);
}

std::vector<Process> find_libvirt_daemons_elsewhere(const std::string& proc) {
  return search(kLibvirtDaemons, proc, false);
}

std::vector<DaemonSockets> sockets_of(const std::vector<Process>& daemons,
                                      const std::vector<RouteSocketEntry>& table,
                                      const std::set<std::uint32_t>& known) {
  std::vector<DaemonSockets> result;
  for (const auto& daemon : daemons) {
    std::vector<RouteSocketEntry> own;
    std::ranges::copy_if(table, std::back_inserter(own), [&](const RouteSocketEntry& entry) {
      return entry.port_id != 0 && entry.port_id % kPidLimit == daemon.pid;
    });
    std::ranges::sort(own, {}, &RouteSocketEntry::inode);
    DaemonSockets sockets;
    sockets.daemon = daemon;
    sockets.requests = own;
    auto event = std::ranges::find_if(
        own, [&](const RouteSocketEntry& entry) { return known.contains(entry.port_id); });
    if (event == own.end()) {
      event = own.begin();
      sockets.guessed = own.size() > 1;
    }
    if (event != own.end()) {
      sockets.event = *event;
      std::erase(sockets.requests, *event);
    }
    result.push_back(std::move(sockets));
  }
  return result;
}

}  // namespace agent::libvirt
