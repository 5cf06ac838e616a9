// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/daemon.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/evbd/monotonic.hpp"
#include "agent/net/device_place.hpp"

namespace agent {

Daemon::Daemon(boost::asio::io_context& loop, Log& log, const Config& config,
               net::BridgeControl bridges)
    : log_(log),
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
                },
                [this](std::string_view port) {
                  if (port_changed_) port_changed_(port);
                },
                [this](std::string_view port, const TypeStanding& standing) {
                  if (type_changed_) type_changed_(port, standing);
                }},
      wanted_(config.ports) {
  policy_.set_types(config.types);
  if (config.capture.at_start) recorder_.start({}, config.capture.max_octets);
  recorder_.on_switch = [this] {
    for (auto& [name, driver] : drivers_) driver->follow_recorder();
  };
}

Daemon::~Daemon() = default;

tl::expected<void, std::string> Daemon::start() {
  if (auto done = links_.start(); !done) return done;
  const auto told = bridges_.give_back_leftovers([this](const std::string& name) {
    return std::any_of(wanted_.begin(), wanted_.end(),
                       [&](const PortSettings& port) { return port.name == name && port.enforce; });
  });
  for (const auto& sentence : told) log_.notice("{}", sentence);
  for (const auto& settings : std::exchange(wanted_, {})) add_port(settings);
  return {};
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
  port->second->shut_down();
  drivers_.erase(port);
}

void Daemon::apply(const Config& config) {
  policy_.set_types(config.types);
  const bool agent_changed = !(agent_ == config.agent);
  if (agent_changed) {
    agent_ = config.agent;
    const auto chassis = system_.chassis;
    system_ = read_system_identity(agent_);
    system_.chassis = chassis;
  }
  for (auto port = drivers_.begin(); port != drivers_.end();) {
    const auto next = std::next(port);
    const auto wanted = std::find_if(config.ports.begin(), config.ports.end(),
                                     [&](const auto& each) { return each.name == port->first; });
    const bool stays =
        wanted != config.ports.end() && wanted->is_bridge() == port->second->settings().is_bridge();
    if (!stays) remove_port(port);
    port = next;
  }
  for (const auto& settings : config.ports) {
    auto* const driver = find(settings.name);
    if (driver == nullptr) {
      add_port(settings);
    } else if (agent_changed || !same_settings(driver->settings(), settings)) {
      log_.info("{}: reconfigured", settings.name);
      driver->reconfigure(settings);
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
  for (auto& [name, driver] : drivers_) driver->shut_down();
}

void Daemon::link_changed(const std::string& name) {
  if (auto* const driver = find(name)) driver->follow_link();
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
