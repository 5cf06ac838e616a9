// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
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
  /// other has. One in use is only set down while its channel is wanted, also when that has another
  /// SVID now: taking it away would take the interfaces on it along.
  void follow(const PortSettings& uplink, const std::vector<lldp::SChannel>& channels);
  /// Why a channel that CDCP tells of has no device of its SVID, in a sentence; else empty.
  std::string trouble(std::string_view device) const;
  /// Whether the device is kept though its channel has another SVID now: when its use ends,
  /// follow() makes it anew.
  bool waits(std::string_view device) const;
  /// Uplinks of such devices.
  std::set<std::string> waiting() const;
  /// The uplink is no longer configured, or has no S-channels any more.
  void remove_all(const PortSettings& uplink) { remove(uplink, true); }
  /// evbd ends: true when devices stay because they are in use.
  bool give_back(const PortSettings& uplink) { return remove(uplink, false); }
  /// Removes what an earlier run left, but for devices of channels that a station still wants: CDCP
  /// will tell of these.
  void remove_leftovers(const std::vector<PortSettings>& ports);

 private:
  enum class Obstacle : std::uint8_t {
    kKernel,  ///< it refused, and is not asked again for the same
    kOther,   ///< another device, or the name
    kOldOne,  ///< the device with the SVID before, which is in use
  };

  bool is_ours(const net::Link& link) const { return link.service_vlan && link.alias == mark_; }
  bool in_use(const PortSettings& uplink, const net::Link& device) const;
  bool stood_on(int index) const;
  std::string users(const net::Link& device) const;
  void keep(const PortSettings& uplink, const net::Link& device, const lldp::SChannel& channel);
  /// Says why, unless that was said before.
  void note(const std::string& uplink, const net::SVlan& wanted, std::string why,
            Obstacle obstacle);
  void forget_problems(const PortSettings& uplink, int lower,
                       const std::vector<lldp::SChannel>& missing);
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
  struct Problem {
    net::SVlan device;  ///< that should be there
    std::string uplink;
    std::string why;
    Obstacle obstacle = Obstacle::kOther;
  };
  std::map<std::string, Problem, std::less<>> problems_;
};

}  // namespace agent
