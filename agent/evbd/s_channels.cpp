// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/s_channels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace agent {
namespace {

constexpr std::size_t kLongestAlias = 255;  // IFALIASZ less the final zero

/// Whether a station asks for the channel that this device is for; a bridge's come by themselves.
bool is_wanted(const PortSettings& uplink, const std::string& device) {
  if (uplink.is_bridge() || !uplink.protocol.cdcp) return false;
  return std::ranges::any_of(uplink.protocol.cdcp->wants, [&](std::uint16_t scid) {
    return s_channel_device(uplink, scid) == device;
  });
}

}  // namespace

SChannels::SChannels(Log& log, net::LinkMonitor& links, const std::string& run_dir,
                     HoldsVsis holds_vsis)
    : log_(log),
      links_(links),
      mark_(("evbd S-channel, run_dir " + run_dir).substr(0, kLongestAlias)),
      holds_vsis_(std::move(holds_vsis)) {}

tl::expected<void, std::string> SChannels::open(bool needed) {
  auto control = net::SVlanControl::open();
  if (!control) return tl::unexpected(control.error());
  control_ = std::move(*control);
  return needed ? supported() : tl::expected<void, std::string>();
}

tl::expected<void, std::string> SChannels::supported() { return control_->supported(); }

/// A bridge's devices are in a Linux bridge by our own doing. VSIs count by themselves: a container
/// has its interface in a network namespace of its own, where it is not seen.
bool SChannels::in_use(const PortSettings& uplink, const net::Link& device) const {
  if (stood_on(device.index)) return true;
  return !uplink.is_bridge() && (device.master != 0 || holds_vsis_(device.name));
}

bool SChannels::stood_on(int index) const {
  return std::ranges::any_of(links_.links(),
                             [&](const auto& entry) { return entry.second.lower == index; });
}

std::vector<net::Link> SChannels::devices_on(int lower) const {
  std::vector<net::Link> devices;
  for (const auto& [index, link] : links_.links()) {
    if (link.lower == lower && is_ours(link)) devices.push_back(link);
  }
  return devices;
}

void SChannels::check(const tl::expected<void, std::string>& done) {
  if (!done) log_.error("{}", done.error());
}

void SChannels::remove(const net::Link& device) {
  if (stood_on(device.index)) {
    log_.warning("{}: its S-channel is gone, and with it the interfaces on it", device.name);
  }
  log_.info("{}: the S-channel's device is removed", device.name);
  check(control_->remove(device.name, device.index));
}

int SChannels::master_of(const PortSettings& uplink, const net::Link& lower) {
  return uplink.enforce && lower.bridge_port ? lower.master : 0;
}

/// Why it cannot be made, as far as that can be told without the kernel; else empty.
std::string SChannels::refusal(const net::SVlan& device) const {
  if (device.name.size() > kMaxInterfaceName) {
    return fmt::format("{}: no interface can have so long a name; set device_prefix in [port.cdcp]",
                       device.name);
  }
  if (links_.find(device.name) != nullptr) {
    return fmt::format(
        "{0}: there is such a device already, and evbd did not make it; remove it (`ip link del "
        "{0}`) or set device_prefix in [port.cdcp]",
        device.name);
  }
  for (const auto& other : devices_on(device.lower)) {
    if (other.vid != device.svid) continue;
    return fmt::format("{}: its SVID {} is still that of {}, which is in use", device.name,
                       device.svid, other.name);
  }
  return {};
}

std::string SChannels::trouble(std::string_view device) const {
  const auto found = problems_.find(device);
  return found == problems_.end() ? std::string() : found->second.why;
}

bool SChannels::waits(std::string_view device) const {
  const auto found = problems_.find(device);
  return found != problems_.end() && found->second.obstacle == Obstacle::kOldOne;
}

std::set<std::string> SChannels::waiting() const {
  std::set<std::string> uplinks;
  for (const auto& [name, problem] : problems_) {
    if (problem.obstacle == Obstacle::kOldOne) uplinks.insert(problem.uplink);
  }
  return uplinks;
}

/// "guest0, guest1"
std::string SChannels::users(const net::Link& device) const {
  std::set<std::string> names;
  for (const auto& [index, link] : links_.links()) {
    if (link.lower == device.index || index == device.master) names.insert(link.name);
  }
  return names.empty() ? "its VSIs" : fmt::format("{}", fmt::join(names, ", "));
}

void SChannels::note(const std::string& uplink, const net::SVlan& wanted, std::string why,
                     Obstacle obstacle) {
  const auto known = problems_.find(wanted.name);
  const bool again = known != problems_.end() && known->second.device == wanted &&
                     known->second.obstacle == obstacle;
  if (!again) log_.error("{}", why);
  problems_[wanted.name] = {wanted, uplink, std::move(why), obstacle};
}

/// Guests that are cut off may come back to life with the old SVID, or be moved one by one; those
/// whose interface is taken away cannot.
void SChannels::keep(const PortSettings& uplink, const net::Link& device,
                     const lldp::SChannel& channel) {
  note(uplink.name, {.name = device.name, .lower = device.lower, .svid = channel.svid},
       fmt::format("{0}: the bridge gives S-channel {1} of {2} SVID {3} now, and {0} has SVID {4}, "
                   "which cannot be changed; it is in use ({5}), so it stays, but set down, until "
                   "the bridge gives SVID {4} again, or until nobody uses it: then it is made anew",
                   device.name, channel.scid, uplink.name, channel.svid, device.vid, users(device)),
       Obstacle::kOldOne);
}

void SChannels::forget_problems(const PortSettings& uplink, int lower,
                                const std::vector<lldp::SChannel>& missing) {
  std::erase_if(problems_, [&](const auto& entry) {
    return entry.second.device.lower == lower &&
           std::ranges::none_of(missing, [&](const lldp::SChannel& channel) {
             return s_channel_device(uplink, channel.scid) == entry.first;
           });
  });
}

void SChannels::add(const PortSettings& uplink, const net::Link& lower,
                    const lldp::SChannel& channel) {
  const net::SVlan device{.name = s_channel_device(uplink, channel.scid),
                          .lower = lower.index,
                          .svid = channel.svid,
                          .alias = mark_,
                          .master = master_of(uplink, lower)};
  const auto known = problems_.find(device.name);
  // What the kernel refused changes the link table twice, and that brings us here again.
  if (known != problems_.end() && known->second.device == device &&
      known->second.obstacle == Obstacle::kKernel) {
    return;
  }
  if (auto why = refusal(device); !why.empty()) {
    note(uplink.name, device, std::move(why), Obstacle::kOther);
  } else if (auto done = control_->add(device); !done) {
    note(uplink.name, device, std::move(done.error()), Obstacle::kKernel);
  } else {
    problems_.erase(device.name);
    log_.info("{}: made for S-channel {} of {}, SVID {}", device.name, channel.scid, uplink.name,
              channel.svid);
  }
}

void SChannels::follow(const PortSettings& uplink, const std::vector<lldp::SChannel>& channels) {
  links_.catch_up();
  const auto* const found = links_.find(uplink.name);
  if (found == nullptr) {  // its VLAN devices went with it
    std::erase_if(problems_, [&](const auto& each) { return each.second.uplink == uplink.name; });
    return;
  }
  const auto lower = *found;
  std::vector<lldp::SChannel> missing(channels);
  std::erase_if(missing, [](const auto& each) { return each.scid == lldp::kDefaultSChannel.scid; });
  std::set<std::uint16_t> kept;
  for (const auto& device : devices_on(lower.index)) {
    const auto its = std::ranges::find_if(missing, [&](const lldp::SChannel& channel) {
      return s_channel_device(uplink, channel.scid) == device.name;
    });
    const bool elsewhere = uplink.is_bridge() && device.master != master_of(uplink, lower);
    if (its != missing.end() && its->svid == device.vid && !elsewhere) {
      if (!device.admin_up) check(control_->set_up(device.name, device.index, true));
      missing.erase(its);
    } else if (is_wanted(uplink, device.name) && in_use(uplink, device)) {
      if (device.admin_up) check(control_->set_up(device.name, device.index, false));
      if (its == missing.end()) continue;
      keep(uplink, device, *its);
      kept.insert(its->scid);
    } else {
      remove(device);
    }
  }
  forget_problems(uplink, lower.index, missing);
  links_.catch_up();
  for (const auto& channel : missing) {
    if (!kept.contains(channel.scid)) add(uplink, lower, channel);
  }
}

bool SChannels::remove(const PortSettings& uplink, bool even_in_use) {
  std::erase_if(problems_, [&](const auto& each) { return each.second.uplink == uplink.name; });
  links_.catch_up();
  const auto* const lower = links_.find(uplink.name);
  if (lower == nullptr) return false;
  bool some_stay = false;
  for (const auto& device : devices_on(lower->index)) {
    if (even_in_use || !in_use(uplink, device)) {
      remove(device);
    } else {
      log_.notice("{}: stays, since it is in use", device.name);
      some_stay = true;
    }
  }
  return some_stay;
}

void SChannels::remove_leftovers(const std::vector<PortSettings>& ports) {
  std::vector<net::Link> leftovers;
  for (const auto& entry : links_.links()) {
    const auto& link = entry.second;
    if (!is_ours(link)) continue;
    const auto* const lower = links_.find(link.lower);
    const bool stays =
        lower != nullptr && std::ranges::any_of(ports, [&](const PortSettings& port) {
          return port.name == lower->name && is_wanted(port, link.name);
        });
    if (!stays) leftovers.push_back(link);
  }
  for (const auto& device : leftovers) remove(device);
  if (!leftovers.empty()) links_.catch_up();
}

}  // namespace agent
