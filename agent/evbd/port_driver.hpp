// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/recorder.hpp"
#include "agent/evbd/log.hpp"
#include "agent/evbd/port_log.hpp"
#include "agent/evbd/port_sockets.hpp"
#include "agent/evbd/system_information.hpp"
#include "agent/evbd/vsi_policy.hpp"
#include "agent/net/bridge_control.hpp"
#include "agent/net/link_monitor.hpp"
#include "agent/ports.hpp"

namespace agent {

/// What all port drivers share; the daemon owns it and outlives them.
struct DriverServices {
  boost::asio::io_context& loop;
  Log& log;
  net::LinkMonitor& links;
  net::BridgeControl& bridges;
  VsiPolicy& policy;
  SystemIdentity& system;
  capture::Recorder& recorder;
  std::function<void(std::string_view port, std::span<const vdp::Output> outputs)> observe;
  /// Something that is no output of the core: presence, link, trouble.
  std::function<void(std::string_view port)> port_changed;
  /// A type changed under VSIs of the port, or they have it as it is now.
  std::function<void(std::string_view port, const TypeStanding& standing)> type_changed;
  /// Why an S-channel that CDCP tells of has no device, in a sentence; else empty.
  std::function<std::string(std::string_view device)> channel_trouble;
};

/// Everything around the core of one port: its sockets, its timer, its Linux bridge port.
class PortDriver {
 public:
  PortDriver(DriverServices& services, std::uint32_t number, PortSettings settings);
  ~PortDriver();
  PortDriver(const PortDriver&) = delete;
  PortDriver& operator=(const PortDriver&) = delete;

  /// The one door into the core: takes the time, hands the input in, carries the outputs out, tells
  /// the facts and sets the timer. What is fed from inside of an output's handling waits until that
  /// is done.
  void feed(const vdp::Input& input) { feed(std::span(&input, 1)); }
  /// The same for inputs that came together; of many, frames that come meanwhile are taken between.
  void feed(std::span<const vdp::Input> inputs);

  /// Takes up or leaves off recording, as the recorder wants now.
  void follow_recorder();
  /// Follows what the link table says of the interface now.
  void follow_link();
  /// Takes over changed settings; the role stays.
  void reconfigure(PortSettings settings);
  /// Gives the bridge port back, and says goodbye to the neighbour unless guests' VSIs are to
  /// outlive this run, its own or, with `others_stay`, those of its S-channels.
  void shut_down(bool others_stay = false);

  /// Bridge: see Ports.
  std::optional<TypeChange> type_change(const vdp::VsiId& vsi) const;
  std::vector<TypeApplied> apply_types(const TypeSelection& which, bool deassociate);
  /// Bridge: logs and tells which types are other ones now than VSIs here have them, as far as that
  /// is news.
  void tell_changed_types();

  const vdp::Port& core() const { return core_; }
  const PortSettings& settings() const { return settings_; }
  PortInfo info() const;

 private:
  void feed_now(std::span<const vdp::Input> inputs);
  void take(base::Instant now, std::span<const vdp::Input> inputs);
  void settle_answers(base::Instant now);
  void finish(bool look);
  std::size_t untold() const { return told_.size() - told_to_ + facts_.size(); }
  void tell_some();
  void arm_timer();
  void timer_fired();

  void perform(base::Instant now, const vdp::Output& output);
  void send(base::Instant now, const vdp::SendFrame& order);
  void tell_recorder_the_channel();
  VsiPolicy::Asker asker() const;
  void resolve(base::Instant now, const vdp::ResolveVsiType& question);
  void admit(base::Instant now, const vdp::AdmitVsi& order);
  void release(const vdp::ReleaseVsi& order);
  void set_relay(base::Instant now, bool on);
  void answer_admissions(base::Instant now);

  struct ChangedType {
    profiles::TypeBody now;
    std::size_t vsis = 0;
  };
  using ChangedTypes = std::map<std::pair<vdp::ManagerId, vdp::VsiType>, ChangedType>;
  std::vector<std::pair<vdp::VsiReport, TypeChange>> outdated() const;
  void tell_type(const ChangedTypes::value_type& type) const;
  void apply_type(const vdp::VsiReport& vsi, TypeApplied& result);
  void settle_types(std::vector<TypeApplied>& results);
  void end_kept(std::vector<TypeApplied>& results);

  vdp::PortConfig core_config() const;
  PortSockets::Destinations destinations() const;
  void open_sockets();
  void follow_bridge();
  void check_bridge_port();
  void leave_bridge(bool kernel_dropped_it);
  void tell_link();
  bool usable() const;
  void tell_s_channels(PortInfo& info) const;
  std::string absence() const;

  DriverServices& services_;
  std::uint32_t number_;  // tells the ports apart for VsiPolicy
  PortSettings settings_;
  std::optional<net::Link> link_;
  std::uint16_t first_ecp_sequence_;
  vdp::Port core_;
  std::shared_ptr<capture::Tape> tape_;  // nullptr: not recorded
  PortLog log_;
  PortSockets sockets_;
  std::unique_ptr<net::BridgePort> bridge_;
  std::string socket_trouble_;
  std::string bridge_trouble_;
  ChangedTypes told_types_;  // that VSIs here have as they were before

  boost::asio::steady_timer timer_;
  std::optional<base::Instant> armed_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);

  bool feeding_ = false;
  vdp::Outputs outputs_;
  vdp::Outputs facts_;               // to be logged and told, after
  vdp::Outputs told_;                // what is being logged and told,
  std::size_t told_to_ = 0;          // up to here
  std::vector<vdp::Input> answers_;  // to be fed next, as one batch
  std::vector<vdp::Input> batch_;    // being fed
};

}  // namespace agent
