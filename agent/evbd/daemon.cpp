// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/daemon.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/evbd/monotonic.hpp"
#include "agent/net/device_place.hpp"

namespace agent {
namespace {

bool has_s_channels(const std::vector<PortSettings>& ports) {
  return std::ranges::any_of(
      ports, [](const PortSettings& port) { return port.protocol.cdcp.has_value(); });
}

}  // namespace

Daemon::Daemon(boost::asio::io_context& loop, Log& log, const Config& config,
               net::BridgeControl bridges)
    : loop_(loop),
      log_(log),
      agent_(config.agent),
      bridges_(std::move(bridges)),
      links_(
          loop, [this](const std::string& name) { link_changed(name); },
          [this](const std::string& sentence) { log_.warning("{}", sentence); }),
      system_(read_system_identity(config.agent)),
      services_{loop,
                log_,
                links_,
                bridges_,
                policy_,
                system_,
                recorder_,
                [this](std::string_view port, std::span<const vdp::Output> outputs) {
                  for (auto* const observer : observers_) observer->port_outputs(port, outputs);
                  look_for_s_channels(port, outputs);
                },
                [this](std::string_view port) {
                  if (port_changed_) port_changed_(port);
                },
                [this](std::string_view port, const TypeStanding& standing) {
                  if (type_changed_) type_changed_(port, standing);
                },
                [this](std::string_view device) { return s_channels_.trouble(device); }},
      wanted_(config.ports),
      s_channels_(log, links_, config.agent.run_dir, [this](std::string_view port) {
        const auto* const driver = find(port);
        return driver != nullptr && driver->core().vsi_count() > 0;
      }) {
  policy_.set_types(config.types);
  if (config.capture.at_start) recorder_.start({}, config.capture.max_octets);
  recorder_.on_switch = [this] {
    for (auto& [name, driver] : drivers_) driver->follow_recorder();
  };
}

Daemon::~Daemon() = default;

tl::expected<void, std::string> Daemon::start() {
  if (auto done = s_channels_.open(has_s_channels(wanted_)); !done) return done;
  if (auto done = links_.start(); !done) return done;
  s_channels_.remove_leftovers(wanted_);
  const auto told = bridges_.give_back_leftovers([this](const std::string& name) {
    return std::any_of(wanted_.begin(), wanted_.end(),
                       [&](const PortSettings& port) { return port.name == name && port.enforce; });
  });
  for (const auto& sentence : told) log_.notice("{}", sentence);
  for (const auto& settings : with_s_channels(std::exchange(wanted_, {}))) add_port(settings);
  return {};
}

tl::expected<void, std::string> Daemon::accepts(const Config& config) {
  return has_s_channels(config.ports) ? s_channels_.supported() : tl::expected<void, std::string>();
}

void Daemon::add_port(const PortSettings& settings) {
  log_.info("{}: configured as {}", settings.name, settings.is_bridge() ? "bridge" : "station");
  auto driver = std::make_unique<PortDriver>(services_, ++last_number_, settings);
  const auto entered = drivers_.emplace(settings.name, std::move(driver)).first;
  entered->second->follow_link();
  const auto info = entered->second->info();
  if (!info.trouble.empty()) log_.notice("{}: {}", info.name, info.trouble);
}

void Daemon::remove_port(Drivers::iterator port) {
  log_.info("{}: no longer configured", port->first);
  const auto settings = port->second->settings();
  // An S-channel ends with all that it carried; the neighbour hears of it by CDCP.
  if (!settings.uplink.empty()) port->second->feed(vdp::LinkChanged{false});
  port->second->shut_down();
  drivers_.erase(port);
  cdcp_told_.erase(settings.name);
  if (settings.protocol.cdcp) s_channels_.remove_all(settings);
}

bool Daemon::stays(const PortDriver& driver, const std::vector<PortSettings>& wanted) const {
  return std::ranges::any_of(wanted, [&](const PortSettings& each) {
    const auto& now = driver.settings();
    return each.name == now.name && each.is_bridge() == now.is_bridge() &&
           each.uplink == now.uplink;
  });
}

void Daemon::apply(const Config& config) {
  policy_.set_types(config.types);
  const auto ports = with_s_channels(config.ports);
  const bool agent_changed = !(agent_ == config.agent);
  if (agent_changed) {
    agent_ = config.agent;
    const auto chassis = system_.chassis;
    system_ = read_system_identity(agent_);
    system_.chassis = chassis;
  }
  for (auto port = drivers_.begin(); port != drivers_.end();) {
    const auto next = std::next(port);
    if (!stays(*port->second, ports)) remove_port(port);
    port = next;
  }
  for (const auto& settings : ports) {
    auto* const driver = find(settings.name);
    if (driver == nullptr) {
      add_port(settings);
    } else if (agent_changed || !same_settings(driver->settings(), settings)) {
      log_.info("{}: reconfigured", settings.name);
      driver->reconfigure(settings);
      if (cdcp_told_.contains(settings.name)) follow_s_channels_soon(settings.name);
    }
  }
  for (const auto& [name, driver] : drivers_) driver->tell_changed_types();
}

void Daemon::set_database_types(std::shared_ptr<const profiles::VsiTypes> types,
                                std::string trouble) {
  policy_.set_database(std::move(types), std::move(trouble));
  for (const auto& [name, driver] : drivers_) driver->tell_changed_types();
}

std::optional<TypeChange> Daemon::type_change(std::string_view port, const vdp::VsiId& vsi) const {
  const auto* const driver = find(port);
  return driver == nullptr ? std::nullopt : driver->type_change(vsi);
}

std::vector<TypeApplied> Daemon::apply_types(const TypeSelection& which, bool deassociate) {
  std::vector<TypeApplied> results;
  for (const auto& [name, driver] : drivers_) {
    auto of_port = driver->apply_types(which, deassociate);
    std::move(of_port.begin(), of_port.end(), std::back_inserter(results));
  }
  return results;
}

void Daemon::shut_down() {
  ending_ = true;
  // S-channels say goodbye while they have devices, and an uplink unless some of these stay.
  for (auto& [name, driver] : drivers_) {
    if (!driver->settings().uplink.empty()) driver->shut_down();
  }
  for (auto& [name, driver] : drivers_) {
    const auto& settings = driver->settings();
    if (!settings.uplink.empty()) continue;
    driver->shut_down(settings.protocol.cdcp && s_channels_.give_back(settings));
  }
}

void Daemon::link_changed(const std::string& name) {
  if (auto* const driver = find(name)) {
    driver->follow_link();
    const auto& settings = driver->settings();
    const auto& uplink = settings.uplink.empty() ? name : settings.uplink;
    // Somebody may have taken a channel's device away, or put the uplink into another bridge.
    if (cdcp_told_.contains(uplink)) follow_s_channels_soon(uplink);
  }
  // What stood on a device that is kept may be gone.
  for (const auto& uplink : s_channels_.waiting()) follow_s_channels_soon(uplink);
  for (const auto& tell : links_changed_) tell();
}

PortDriver* Daemon::find(std::string_view port) const {
  const auto found = drivers_.find(port);
  return found == drivers_.end() ? nullptr : found->second.get();
}

const PortSettings* Daemon::settings(std::string_view port) const {
  const auto* const driver = find(port);
  return driver == nullptr ? nullptr : &driver->settings();
}

std::vector<PortInfo> Daemon::list() const {
  std::vector<PortInfo> infos;
  infos.reserve(drivers_.size());
  for (const auto& [name, driver] : drivers_) infos.push_back(driver->info());
  return infos;
}

const vdp::Port* Daemon::core(std::string_view port) const {
  const auto* const driver = find(port);
  return driver == nullptr ? nullptr : &driver->core();
}

bool Daemon::feed(std::string_view port, const vdp::Input& input) {
  return feed_all(port, std::span(&input, 1));
}

bool Daemon::feed_all(std::string_view port, std::span<const vdp::Input> inputs) {
  auto* const driver = find(port);
  if (driver == nullptr) return false;
  for (const auto& input : inputs) {
    if (asked_) asked_(port, input);
  }
  driver->feed(inputs);
  return true;
}

tl::expected<DevicePlace, std::string> Daemon::place(std::string_view device) const {
  links_.catch_up();
  return net::place_device(
      links_, [this](std::string_view name) { return find(name) != nullptr; }, device);
}

vdp::ManagerId Daemon::manager(std::string_view port, std::uint8_t id) const {
  const auto* const driver = find(port);
  static const profiles::ManagerTable kNone{};
  return profiles::manager_octets(driver == nullptr ? kNone : driver->settings().managers, id);
}

base::Instant Daemon::now() const { return monotonic_now(); }

std::chrono::system_clock::time_point Daemon::wall_clock(base::Instant instant) const {
  return std::chrono::system_clock::now() + (instant - monotonic_now());
}

}  // namespace agent
