// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/recorder.hpp"
#include "agent/config/config.hpp"
#include "agent/evbd/port_driver.hpp"
#include "agent/evbd/s_channels.hpp"
#include "agent/net/bridge_control.hpp"
#include "agent/net/link_monitor.hpp"
#include "agent/ports.hpp"

namespace agent {

/// The agent without its front ends: the configured ports and what drives them. Everything happens
/// in handlers of one loop.
class Daemon : public Ports {
 public:
  Daemon(boost::asio::io_context& loop, Log& log, const Config& config, net::BridgeControl bridges);
  ~Daemon() override;

  /// Reads the link table, undoes what a killed agent left on bridge ports that are no longer ours,
  /// and starts every port. The error is a sentence.
  tl::expected<void, std::string> start();
  /// Whether this host can do what a configuration wants; the error is a sentence.
  tl::expected<void, std::string> accepts(const Config& config);
  /// Adds, removes and changes ports so that they are as `config` says; others are not disturbed.
  void apply(const Config& config);
  /// The VSI types of the profiles' database; `trouble`: why it cannot be read, if it cannot.
  void set_database_types(std::shared_ptr<const profiles::VsiTypes> types, std::string trouble);
  /// Says goodbye on every port and gives the bridge ports back.
  void shut_down();

  /// Observers must outlive the daemon's running; each hears every output after it was carried out.
  void add_observer(PortObserver& observer) { observers_.push_back(&observer); }
  /// Who wants to know of changes that are no outputs.
  void when_port_changes(std::function<void(std::string_view port)> tell) {
    port_changed_ = std::move(tell);
  }
  void when_type_changes(std::function<void(std::string_view port, const TypeStanding&)> tell) {
    type_changed_ = std::move(tell);
  }

  /// Who wants to know what clients ask the ports for: it is told before the port is.
  void when_asked(std::function<void(std::string_view port, const vdp::Input& input)> tell) {
    asked_ = std::move(tell);
  }
  /// Who wants to know that network interfaces came, changed or went.
  void when_links_change(std::function<void()> tell) { links_changed_.push_back(std::move(tell)); }
  capture::Recorder& recorder() { return recorder_; }
  const net::LinkMonitor& links() const { return links_; }
  /// nullptr when no such port is configured.
  const PortSettings* settings(std::string_view port) const;

  std::vector<PortInfo> list() const override;
  const vdp::Port* core(std::string_view port) const override;
  bool feed(std::string_view port, const vdp::Input& input) override;
  bool feed_all(std::string_view port, std::span<const vdp::Input> inputs) override;
  tl::expected<DevicePlace, std::string> place(std::string_view device) const override;
  vdp::ManagerId manager(std::string_view port, std::uint8_t id) const override;
  std::optional<TypeChange> type_change(std::string_view port,
                                        const vdp::VsiId& vsi) const override;
  std::vector<TypeApplied> apply_types(const TypeSelection& which, bool deassociate) override;
  base::Instant now() const override;
  std::chrono::system_clock::time_point wall_clock(base::Instant instant) const override;

 private:
  using Drivers = std::map<std::string, std::unique_ptr<PortDriver>, std::less<>>;

  PortDriver* find(std::string_view port) const;
  void add_port(const PortSettings& settings);
  void remove_port(Drivers::iterator port);
  void link_changed(const std::string& name);
  bool stays(const PortDriver& driver, const std::vector<PortSettings>& wanted) const;
  std::vector<PortSettings> with_s_channels(const std::vector<PortSettings>& ports) const;
  void look_for_s_channels(std::string_view port, std::span<const vdp::Output> outputs);
  void follow_s_channels_soon(std::string_view port);
  void follow_s_channels(const std::string& port);

  boost::asio::io_context& loop_;
  Log& log_;
  AgentConfig agent_;
  net::BridgeControl bridges_;
  /// place() lets it catch up, which changes nothing that a caller of place() could see before.
  mutable net::LinkMonitor links_;
  VsiPolicy policy_;
  SystemIdentity system_;
  capture::Recorder recorder_;
  std::vector<PortObserver*> observers_;
  std::function<void(std::string_view)> port_changed_;
  std::function<void(std::string_view, const TypeStanding&)> type_changed_;
  std::function<void(std::string_view, const vdp::Input&)> asked_;
  std::vector<std::function<void()>> links_changed_;
  DriverServices services_;
  std::vector<PortSettings> wanted_;  // until start()
  Drivers drivers_;
  std::uint32_t last_number_ = 0;
  SChannels s_channels_;
  std::set<std::string, std::less<>> cdcp_told_;  ///< ports whose CDCP has told of its channels
  bool ending_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace agent
