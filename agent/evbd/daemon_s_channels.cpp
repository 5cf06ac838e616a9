// SPDX-License-Identifier: Apache-2.0
// The half of the daemon that follows S-channels.
#include <boost/asio/post.hpp>
#include <iterator>

#include "agent/evbd/daemon.hpp"

namespace agent {

/// The ports, and those of their S-channels: a station has one for each channel that it wants, a
/// bridge one for each that there is now.
std::vector<PortSettings> Daemon::with_s_channels(const std::vector<PortSettings>& ports) const {
  std::vector<PortSettings> all;
  for (const auto& port : ports) {
    all.push_back(port);
    if (!port.protocol.cdcp) continue;
    auto scids = port.protocol.cdcp->wants;
    if (port.is_bridge()) {
      const auto* const driver = find(port.name);
      const bool has_channels = driver != nullptr && driver->settings().is_bridge();
      const auto* const cdcp = has_channels ? driver->core().cdcp() : nullptr;
      scids.clear();
      for (const auto& channel :
           cdcp == nullptr ? std::vector<lldp::SChannel>() : cdcp->channels()) {
        if (channel.scid != lldp::kDefaultSChannel.scid) scids.push_back(channel.scid);
      }
    }
    for (const auto scid : scids) all.push_back(s_channel_port(port, scid));
  }
  return all;
}

void Daemon::look_for_s_channels(std::string_view port, std::span<const vdp::Output> outputs) {
  for (const auto& output : outputs) {
    if (std::holds_alternative<vdp::SChannelsChanged>(output)) follow_s_channels_soon(port);
    const auto* const vsi = std::get_if<vdp::VsiChanged>(&output);
    // The last VSI of a device that is kept may be gone.
    if (vsi != nullptr && vsi->gone && s_channels_.waits(port)) {
      follow_s_channels_soon(find(port)->settings().uplink);
    }
  }
}

/// From the loop: the port is still telling what its outputs were.
void Daemon::follow_s_channels_soon(std::string_view port) {
  boost::asio::post(loop_, [this, name = std::string(port), alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) follow_s_channels(name);
  });
}

/// Devices follow what CDCP has agreed, and a bridge's ports do, too. Before CDCP has told of
/// anything, a killed run's devices stay as they are.
void Daemon::follow_s_channels(const std::string& port) {
  const auto* const driver = find(port);
  if (driver == nullptr || ending_) return;
  const auto settings = driver->settings();
  if (!settings.uplink.empty()) return;
  const auto* const cdcp = driver->core().cdcp();
  const auto channels = cdcp == nullptr ? std::vector<lldp::SChannel>() : cdcp->channels();
  cdcp_told_.insert(port);
  if (settings.is_bridge()) {
    const auto wanted = with_s_channels({settings});
    for (auto each = drivers_.begin(); each != drivers_.end();) {
      const auto next = std::next(each);
      if (each->second->settings().uplink == port && !stays(*each->second, wanted)) {
        remove_port(each);
      }
      each = next;
    }
    for (const auto& each : wanted) {
      if (find(each.name) == nullptr) add_port(each);
    }
  }
  std::map<std::string, std::string> before;
  for (const auto& [name, each] : drivers_) before[name] = s_channels_.trouble(name);
  s_channels_.follow(settings, channels);
  if (!port_changed_) return;
  for (const auto& [name, trouble] : before) {
    if (trouble != s_channels_.trouble(name)) port_changed_(name);
  }
}

}  // namespace agent
