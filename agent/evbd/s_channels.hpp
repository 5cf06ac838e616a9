// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/evbd/log.hpp"
#include "agent/net/link_monitor.hpp"
#include "agent/net/s_vlan.hpp"
#include "lldp/cdcp_tlv.hpp"

namespace agent {

/// Keeps the VLAN devices of S-channels as CDCP says. A device that evbd made carries a mark, its
/// alias with the run_dir, so that a later run knows it again.
///
/// A station's device is in use while interfaces stand on it, it is a port of a Linux bridge, or
/// its port holds VSIs; a bridge's while interfaces stand on it.
class SChannels {
 public:
  using HoldsVsis = std::function<bool(std::string_view port)>;

  SChannels(Log& log, net::LinkMonitor& links, const std::string& run_dir, HoldsVsis holds_vsis);

  /// The error is a sentence; it says what the kernel lacks when `needed`.
  tl::expected<void, std::string> open(bool needed);
  /// Whether this kernel has VLAN devices.
  tl::expected<void, std::string> supported();

  /// Makes, replaces and removes devices until these channels of the uplink have theirs and no
  /// other has. One in use is only set down while its channel is wanted: taking it away would take
  /// the interfaces on it along.
  void follow(const PortSettings& uplink, const std::vector<lldp::SChannel>& channels);
  /// The uplink is no longer configured, or has no S-channels any more.
  void remove_all(const PortSettings& uplink) { remove(uplink, true); }
  /// evbd ends: true when devices stay because they are in use.
  bool give_back(const PortSettings& uplink) { return remove(uplink, false); }
  /// Removes what an earlier run left, but for devices of channels that a station still wants: CDCP
  /// will tell of these.
  void remove_leftovers(const std::vector<PortSettings>& ports);

 private:
  bool is_ours(const net::Link& link) const { return link.service_vlan && link.alias == mark_; }
  bool in_use(const PortSettings& uplink, const net::Link& device) const;
  bool stood_on(int index) const;
  static int master_of(const PortSettings& uplink, const net::Link& lower);
  std::string refusal(const net::SVlan& device) const;
  std::vector<net::Link> devices_on(int lower) const;
  bool remove(const PortSettings& uplink, bool even_in_use);
  void remove(const net::Link& device);
  void add(const PortSettings& uplink, const net::Link& lower, const lldp::SChannel& channel);
  void check(const tl::expected<void, std::string>& done);

  Log& log_;
  net::LinkMonitor& links_;
  std::string mark_;
  HoldsVsis holds_vsis_;
  std::optional<net::SVlanControl> control_;
  /// What could not be made. The kernel is not asked again for what it refused.
  struct Refused {
    net::SVlan device;
    bool by_kernel = false;
  };
  std::map<std::string, Refused> refused_;
};

}  // namespace agent
