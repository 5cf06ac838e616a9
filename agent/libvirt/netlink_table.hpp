// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace agent::libvirt {

/// A NETLINK_ROUTE socket of this network namespace.
struct RouteSocketEntry {
  std::uint32_t port_id = 0;
  /// Its sockets are numbered as they are made, but by each processor from a range of its own.
  std::uint64_t inode = 0;
  friend bool operator==(const RouteSocketEntry&, const RouteSocketEntry&) = default;
};

/// Reads the text of /proc/net/netlink.
std::vector<RouteSocketEntry> parse_netlink_table(std::string_view text);
std::vector<RouteSocketEntry> read_netlink_table(
    const std::string& path = "/proc/self/net/netlink");

struct Process {
  std::uint32_t pid = 0;
  std::string name;
};
/// The processes of these names, as far as they share our network namespace or that cannot be told.
std::vector<Process> find_processes(const std::set<std::string, std::less<>>& names,
                                    const std::string& proc = "/proc");
/// libvirtd, virtqemud and virtlxcd.
std::vector<Process> find_libvirt_daemons(const std::string& proc = "/proc");

/// The same daemons in other network namespaces.
std::vector<Process> find_libvirt_daemons_elsewhere(const std::string& proc = "/proc");

/// One daemon's sockets: libnl adds multiples of 2^22 to the PID.
struct DaemonSockets {
  Process daemon;
  /// The one that it keeps; port id 0: it has none.
  RouteSocketEntry event;
  bool guessed = false;  ///< the event socket, by its inode, among several of which none is known
  /// The others: each lives for one request, and the next one mostly gets the same port id.
  std::vector<RouteSocketEntry> requests;
};

/// `known`: event ports that daemons have told in their requests.
std::vector<DaemonSockets> sockets_of(const std::vector<Process>& daemons,
                                      const std::vector<RouteSocketEntry>& table,
                                      const std::set<std::uint32_t>& known = {});

}  // namespace agent::libvirt
