// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/libvirt/libvirt_agent.hpp"
#include "tests/support/libvirt_messages.hpp"

// Ports that do as the test says, and a host of thin air.

namespace agent::libvirt::testing {

/// One station port "eth0", one "up0" with an S-channel "up0.s2", and one bridge port "sw0", each
/// with a real core without a neighbour, which knows the VSIs; what the bridge says to them is told
/// by the test.
class FakePorts : public Ports {
 public:
  FakePorts() {
    vdp::PortConfig station;
    vdp::PortConfig bridge;
    bridge.evb.role = lldp::EvbRole::kBridge;
    cores_.emplace("eth0", vdp::Port(station));
    cores_.emplace("up0.s2", vdp::Port(station));
    station.cdcp = lldp::CdcpConfig{.wants = {2}};
    cores_.emplace("up0", vdp::Port(station));
    cores_.emplace("sw0", vdp::Port(bridge));
  }

  std::vector<PortInfo> list() const override {
    return {{"eth0", "", true, ""}, {"sw0", "br0", true, ""}};
  }
  const vdp::Port* core(std::string_view port) const override {
    const auto found = cores_.find(port);
    return found == cores_.end() ? nullptr : &found->second;
  }
  bool feed(std::string_view port, const vdp::Input& input) override {
    const auto found = cores_.find(port);
    if (found == cores_.end()) return false;
    if (asked) asked(port, input);
    fed.push_back(input);
    fed_to.emplace_back(port);
    vdp::Outputs outputs;
    found->second.handle(time, input, outputs);
    for (const auto& output : outputs) tell(port, output);
    return true;
  }
  tl::expected<DevicePlace, std::string> place(std::string_view device) const override {
    if (cores_.contains(device)) return DevicePlace{std::string(device), std::nullopt};
    if (device == "eth0.7") return DevicePlace{"eth0", std::uint16_t{7}};
    return tl::unexpected("device " + std::string(device) + " is no configured port");
  }
  vdp::ManagerId manager(std::string_view, std::uint8_t id) const override {
    vdp::ManagerId manager;
    manager.octets[0] = id;
    return manager;
  }
  base::Instant now() const override { return time; }
  std::chrono::system_clock::time_point wall_clock(base::Instant instant) const override {
    return std::chrono::system_clock::time_point(instant.time_since_epoch());
  }

  void tell(std::string_view port, const vdp::Output& output) {
    for (auto* const observer : observers) observer->port_output(port, output);
  }
  void confirm(std::uint32_t number, vdp::VsiState state = vdp::VsiState::kAssociated) {
    tell("eth0", vdp::VsiChanged{id_number(number), state, vdp::VsiCause::kConfirmed, {}, false});
  }
  void fail(std::uint32_t number, vdp::Failure failure,
            vdp::VsiState state = vdp::VsiState::kDeassociated) {
    tell("eth0", vdp::VsiChanged{id_number(number), state, failure.cause, failure, false});
  }
  void refuse(std::uint32_t number, vdp::Reason reason) {
    fail(number, {.cause = vdp::VsiCause::kRefusedByBridge, .reason = reason, .since = time});
  }
  template <class Input>
  std::vector<Input> fed_of() const {
    std::vector<Input> found;
    for (const auto& input : fed) {
      if (const auto* const one = std::get_if<Input>(&input)) found.push_back(*one);
    }
    return found;
  }

  base::Instant time{std::chrono::hours(1)};
  std::vector<PortObserver*> observers;
  std::vector<vdp::Input> fed;
  std::vector<std::string> fed_to;  ///< the port of each
  std::function<void(std::string_view, const vdp::Input&)> asked;

 private:
  std::map<std::string, vdp::Port, std::less<>> cores_;
};

class FakeHost : public Host {
 public:
  void send(std::uint32_t to, const base::Octets& message) override {
    sent.push_back({to, message});
  }
  std::uint32_t own_port_id() const override { return 321; }
  std::string interface_name(int index) const override { return index == 2 ? "eth0" : ""; }
  std::vector<DevicePlace> guest_places(const net::GuestDevice& told) const override {
    const auto found = places.find({std::string(told.root), told.vlan});
    return found == places.end() ? std::vector<DevicePlace>() : found->second;
  }
  bool guest_device_exists(const lldp::MacAddress& mac) const override {
    return devices.contains(mac);
  }
  bool guest_device_moved(const lldp::MacAddress& mac) const override {
    return moved.contains(mac);
  }
  bool vm_is_leaving(const vdp::VsiId& id, const lldp::MacAddress&) const override {
    return leaving.contains(id);
  }
  bool bridge_may_assign_vlan(std::string_view) const override { return vid_zero; }
  void remember(const VsiKey& key, const state::LibvirtOrigin& origin) override {
    remembered[key.id] = origin;
  }
  void log(LogLevel, const std::string& sentence) override { logged.push_back(sentence); }
  void wake() override { woken = true; }

  std::vector<Sent> sent;
  std::set<lldp::MacAddress> devices;
  /// Of any guest, by the root device and the VLAN that libvirt tells.
  std::map<std::pair<std::string, std::uint32_t>, std::vector<DevicePlace>> places;
  std::set<lldp::MacAddress> moved;
  std::set<vdp::VsiId> leaving;
  std::map<vdp::VsiId, state::LibvirtOrigin> remembered;
  std::vector<std::string> logged;
  bool vid_zero = true;
  bool woken = false;
};

}  // namespace agent::libvirt::testing
