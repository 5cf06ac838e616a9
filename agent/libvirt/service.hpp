// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/evbd/daemon.hpp"
#include "agent/evbd/rate_limit.hpp"
#include "agent/libvirt/libvirt_agent.hpp"
#include "agent/libvirt/netlink_socket.hpp"
#include "agent/libvirt/netlink_table.hpp"
#include "agent/libvirt/pid_file.hpp"
#include "agent/libvirt/vm_names.hpp"
#include "agent/state/keeper.hpp"

namespace agent::libvirt {

/// Ties LibvirtAgent to the host: the netlink socket, the pid file, the table of interfaces, the
/// state and the loop's clock. Everything happens in handlers of the loop; nothing waits.
class Service : public Host {
 public:
  /// `socket` was opened before any other netlink socket of the process.
  Service(boost::asio::io_context& loop, Log& log, Daemon& daemon, state::Keeper& keeper,
          const LibvirtConfig& config, NetlinkSocket socket);
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Takes over what was wanted, publishes the port id, frees what a predecessor left waiting, and
  /// asks libvirt for VSIs that nobody remembers. The error is a sentence.
  tl::expected<void, std::string> start();
  void reconfigure(const LibvirtConfig& config);
  /// Answers what is waiting and withdraws the port id.
  void stop();

  LibvirtAgent& agent() { return agent_; }
  VmNames& names() { return names_; }
  /// "" when none is known, also after a look at the files that came meanwhile.
  std::string vm_name(const vdp::VsiId& id, const std::optional<lldp::MacAddress>& mac);
  const LibvirtConfig& config() const { return config_; }
  /// Messages that a reader was too slow for.
  std::uint64_t dropped() const { return dropped_; }

  void send(std::uint32_t to, const base::Octets& message) override;
  std::uint32_t own_port_id() const override { return socket_.port_id(); }
  std::string interface_name(int index) const override;
  std::vector<DevicePlace> guest_places(const net::GuestDevice& told) const override;
  bool guest_device_exists(const lldp::MacAddress& mac) const override;
  bool guest_device_moved(const lldp::MacAddress& mac) const override;
  bool vm_is_leaving(const vdp::VsiId& id, const lldp::MacAddress& mac) const override;
  bool bridge_may_assign_vlan(std::string_view port) const override;
  void remember(const VsiKey& key, const state::LibvirtOrigin& origin) override;
  void log(LogLevel level, const std::string& sentence) override;
  void wake() override;

 private:
  struct Greeting {
    std::uint32_t client = 0;
    Notification notification;
  };

  void wait();
  void serve();
  void work();
  void arm_timer();
  void go_on();
  void time_passed();
  void links_changed();
  std::vector<DaemonSockets> daemons() const;
  net::IsPort is_port() const;
  void look_for_stuck_requests();
  void free_stuck_requests();
  void plan_resync();
  void resync_some();
  void expect_names();
  void refresh_names();
  template <class Handler>
  void after(boost::asio::steady_timer& timer, std::chrono::milliseconds time, Handler handler);

  boost::asio::io_context& loop_;
  Log& log_;
  Daemon& daemon_;
  state::Keeper& keeper_;
  LibvirtConfig config_;
  NetlinkSocket socket_;
  boost::asio::posix::stream_descriptor readable_;
  std::optional<PidFile> pid_file_;
  VmNames names_;
  LibvirtAgent agent_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer links_timer_;
  boost::asio::steady_timer stuck_timer_;
  boost::asio::steady_timer resync_timer_;
  boost::asio::steady_timer names_timer_;
  std::optional<base::Instant> armed_;
  bool working_ = false;
  bool going_on_ = false;
  bool links_pending_ = false;
  bool names_pending_ = false;
  std::optional<base::Instant> names_missed_;  ///< when the files were last looked at for a name
  unsigned names_rounds_ = 0;                  ///< how often the names are still to be looked at
  std::vector<RouteSocketEntry> suspects_;
  std::deque<Greeting> greetings_;
  std::uint64_t dropped_ = 0;
  RateLimit refusals_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace agent::libvirt
