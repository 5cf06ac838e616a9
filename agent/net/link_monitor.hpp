// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "lldp/mac_address.hpp"

struct nlmsghdr;

namespace agent::net {

/// A network interface of this network namespace, as rtnetlink describes it.
struct Link {
  int index = 0;
  std::string name;
  std::string alias;
  std::string kind;  ///< "vlan", "macvtap", "bridge", ...; empty for a physical one
  lldp::MacAddress address;
  std::size_t mtu = 1500;
  bool running = false;  ///< administratively up and with carrier
  bool admin_up = false;
  int master = 0;  ///< index of the bridge, bond ... it belongs to; 0: none
  bool bridge_port = false;
  int lower = 0;                   ///< index of the device below it in this namespace; 0: none
  std::uint16_t vid = 0;           ///< of a "vlan"
  bool service_vlan = false;       ///< the "vlan" is one of 802.1ad
  std::uint32_t macvlan_mode = 0;  ///< MACVLAN_MODE_ of a "macvtap" or "macvlan"
  std::size_t max_mtu = 0;         ///< 0: not known
  friend bool operator==(const Link&, const Link&) = default;
};

/// Keeps the table of network interfaces as the kernel changes it. Losing messages (ENOBUFS) makes
/// it read the whole table again.
class LinkMonitor {
 public:
  /// `changed` is called from the loop, once per name and burst, after the table has changed or a
  /// bridge has told of a change to its port;
  /// `trouble` with a sentence when netlink fails.
  LinkMonitor(boost::asio::io_context& loop, std::function<void(const std::string& name)> changed,
              std::function<void(const std::string& sentence)> trouble);

  /// Opens the socket and reads the whole table before it returns.
  tl::expected<void, std::string> start();
  /// Takes in what the kernel has said so far, so that a question sees an interface that was
  /// created a moment ago. `changed` is called later all the same.
  void catch_up();

  const Link* find(std::string_view name) const;
  const Link* find(int index) const;
  /// Everything in the table, by index.
  const std::unordered_map<int, Link>& links() const { return links_; }
  /// Whether a macvtap or macvlan with this address is here.
  bool has_guest_device(const lldp::MacAddress& address) const {
    return guest_devices_.contains(address);
  }
  /// Whether one was moved into another network namespace, where a container uses it.
  bool has_moved_away(const lldp::MacAddress& address) const {
    return moved_away_.contains(address);
  }

 private:
  void wait();
  tl::expected<void, std::string> request_dump();
  /// False when messages were lost.
  bool drain();
  void take(const nlmsghdr* header);
  void store(Link link);
  void remove(int index);
  void count_guest(const Link& link, bool present);
  void end_dump();
  void mark_changed(const std::string& name);
  void tell();

  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor socket_;
  std::function<void(const std::string&)> changed_;
  std::function<void(const std::string&)> trouble_;
  std::vector<std::uint8_t> buffer_;
  std::unordered_map<int, Link> links_;
  std::map<std::string, int, std::less<>> by_name_;
  std::multiset<lldp::MacAddress> guest_devices_;
  std::set<lldp::MacAddress> moved_away_;
  std::set<std::string> names_changed_;
  std::set<int> not_seen_;  ///< of a dump under way: who was in the table and has not been told of
  bool dumping_ = false;
  bool telling_ = false;
};

}  // namespace agent::net
