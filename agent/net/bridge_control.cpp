// SPDX-License-Identifier: Apache-2.0
#include "agent/net/bridge_control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "agent/net/bridge_messages.hpp"

namespace agent::net {

tl::expected<BridgeControl, std::string> BridgeControl::open(const std::string& run_dir) {
  auto socket = RouteSocket::open();
  if (!socket) return tl::unexpected(socket.error());
  return BridgeControl(std::move(*socket), run_dir);
}

tl::expected<BridgePortState, std::string> BridgeControl::read_original(int port) {
  auto state = read_port(*socket_, port);
  if (!state) return state;
  if (state->bridge == 0) {
    return tl::unexpected(fmt::format(
        "{} is not a port of a Linux bridge; add it to one, or set enforce = false", state->name));
  }
  if (!state->flags.locked) {
    return tl::unexpected(
        fmt::format("this kernel cannot lock bridge port {} (Linux 5.18 or later can); set enforce "
                    "= false to run VDP without touching the bridge",
                    state->name));
  }
  auto stations = read_static_stations(*socket_, port);
  if (!stations) return tl::unexpected(stations.error());
  state->stations = std::move(*stations);
  const auto clsact = read_clsact(*socket_, port);
  if (!clsact) return tl::unexpected(clsact.error());
  state->clsact = *clsact;
  if (!state->filters_vlans) return state;
  auto vlans = read_port_vlans(*socket_, port);
  if (!vlans) return tl::unexpected(vlans.error());
  state->vlans = std::move(*vlans);
  return state;
}

tl::expected<std::unique_ptr<BridgePort>, std::string> BridgeControl::take_over(int port) {
  auto now = read_port(*socket_, port);
  if (!now) return tl::unexpected(now.error());
  for (const auto& left : files_.all()) {
    if (left.name != now->name) continue;
    // Another index or bridge: the kernel has dropped what the file tells of, but for the limits.
    if (left.index == port && left.bridge == now->bridge) {
      if (auto done = restore(left); !done) return tl::unexpected(done.error());
    } else {
      lift_limits(left);
    }
    files_.remove(left.name);
  }
  auto original = read_original(port);
  if (!original) return tl::unexpected(original.error());
  if (auto saved = files_.save(*original); !saved) return tl::unexpected(saved.error());
  const BridgePortFlags ours{false, false, true, false};
  if (const auto failure = socket_->perform(set_port_flags(port, ours, true))) {
    files_.remove(original->name);
    return tl::unexpected(
        fmt::format("cannot lock bridge port {}: {}", original->name, failure->text));
  }
  return std::make_unique<BridgePort>(*socket_, std::move(*original));
}

/// Another interface may have the index by now: then only what is named after it is left.
void BridgeControl::lift_limits(const BridgePortState& original) {
  auto of = original;
  const auto now = read_port(*socket_, original.index);
  if (now && now->name != original.name) of.clsact = true;
  PortLimits::undo(*socket_, of);
}

tl::expected<void, std::string> BridgeControl::restore(const BridgePortState& original) {
  lift_limits(original);
  std::vector<NlMessage> messages;
  auto stations = read_static_stations(*socket_, original.index);
  if (!stations) return tl::unexpected(stations.error());
  for (const auto& station : *stations) {
    if (original.stations.contains(station)) continue;
    messages.push_back(fdb_remove(original.index, original.filters_vlans, station));
  }
  if (original.filters_vlans) {
    auto vlans = read_port_vlans(*socket_, original.index);
    if (!vlans) return tl::unexpected(vlans.error());
    for (const auto& [vid, flags] : *vlans) {
      if (!original.vlans.contains(vid)) messages.push_back(vlan_remove(original.index, vid));
    }
    for (const auto& [vid, flags] : original.vlans) {
      messages.push_back(vlan_add(original.index, vid, flags));
    }
  }
  messages.push_back(set_port_flags(original.index, original.flags, false));
  auto failures = socket_->perform(messages);
  std::erase_if(failures, [](const auto& failure) { return failure.error == ENOENT; });
  if (failures.empty()) return {};
  return tl::unexpected(
      fmt::format("cannot put bridge port {} back as it was: {}; compare it with `bridge -d link`",
                  original.name, failures.front().text));
}

tl::expected<void, std::string> BridgeControl::give_back(const BridgePort& port) {
  auto done = restore(port.original());
  if (done) files_.remove(port.original().name);
  return done;
}

void BridgeControl::forget(const BridgePort& port) {
  lift_limits(port.original());
  files_.remove(port.original().name);
}

std::vector<std::string> BridgeControl::give_back_leftovers(
    const std::function<bool(const std::string& port)>& still_wanted) {
  std::vector<std::string> told;
  for (const auto& left : files_.all()) {
    if (still_wanted(left.name)) continue;
    const auto now = read_port(*socket_, left.index);
    if (now && now->name == left.name && now->bridge == left.bridge) {
      const auto done = restore(left);
      told.push_back(done ? fmt::format("bridge port {}: undone what a killed evbd left", left.name)
                          : done.error());
    } else {
      lift_limits(left);
    }
    files_.remove(left.name);
  }
  return told;
}

}  // namespace agent::net
