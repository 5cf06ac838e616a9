// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/ports.hpp"
#include "lldp/base/overload.hpp"

namespace agent::api {

/// Ports without devices: a station "eth0" whose link leads to a bridge "sw1" in the same object,
/// both real cores, in virtual time. The bridge says `bridge_says` to every VSI.
class FakePorts : public Ports {
 public:
  FakePorts() {
    add("eth0", lldp::EvbRole::kStation, 0x01);
    add("sw1", lldp::EvbRole::kBridge, 0x02);
  }

  PortObserver* observer = nullptr;
  vdp::Reason bridge_says = vdp::Reason::kSuccess;
  bool bridge_hard = false;
  bool connected = true;  ///< frames pass between the two
  std::string trouble;    ///< of both
  base::Instant time{std::chrono::seconds(1000)};

  /// Both links come up and EVB is agreed.
  void link_up() {
    for (const auto* const name : {"eth0", "sw1"}) feed(name, vdp::LinkChanged{true});
    advance(std::chrono::seconds(3));
  }

  /// Lets time pass from deadline to deadline.
  void advance(base::Duration by) {
    const auto until = time + by;
    while (true) {
      std::string due;
      base::Instant earliest = until;
      for (const auto& [name, core] : cores_) {
        const auto deadline = core.deadline();
        if (deadline && *deadline <= earliest) {
          due = name;
          earliest = *deadline;
        }
      }
      if (due.empty()) break;
      time = std::max(time, earliest);
      feed(due, vdp::TimePassed{});
    }
    time = until;
  }

  std::vector<PortInfo> list() const override {
    std::vector<PortInfo> infos;
    for (const auto& [name, core] : cores_) {
      infos.push_back(PortInfo{name, name == "sw1" ? "br0" : "", true, trouble});
    }
    return infos;
  }
  const vdp::Port* core(std::string_view port) const override {
    const auto found = cores_.find(port);
    return found == cores_.end() ? nullptr : &found->second;
  }
  bool feed(std::string_view port, const vdp::Input& input) override {
    const auto found = cores_.find(port);
    if (found == cores_.end()) return false;
    handle(found->first, input);
    while (!later_.empty()) {
      const auto next = std::move(later_.front());
      later_.pop_front();
      if (const auto* const frame = std::get_if<base::Octets>(&next.second)) {
        handle(next.first, vdp::FrameReceived{*frame});
      } else {
        handle(next.first, std::get<vdp::Input>(next.second));
      }
    }
    return true;
  }
  tl::expected<DevicePlace, std::string> place(std::string_view device) const override {
    if (device == "eth0") return DevicePlace{"eth0", std::nullopt};
    if (device == "eth0.2") return DevicePlace{"eth0", std::uint16_t{2}};
    return tl::unexpected("'" + std::string(device) + "' leads to no configured port");
  }
  vdp::ManagerId manager(std::string_view, std::uint8_t id) const override {
    vdp::ManagerId manager;
    manager.octets[0] = id;
    return manager;
  }
  /// What apply_types() answers, and how the type of each VSI at "sw1" has changed.
  std::vector<TypeApplied> applied;
  std::optional<TypeChange> changed;
  std::optional<TypeSelection> selected;  ///< by the last apply_types()
  bool deassociated = false;              ///< asked for by it

  std::optional<TypeChange> type_change(std::string_view port, const vdp::VsiId&) const override {
    return port == "sw1" ? changed : std::nullopt;
  }
  std::vector<TypeApplied> apply_types(const TypeSelection& which, bool deassociate) override {
    selected = which;
    deassociated = deassociate;
    return applied;
  }
  base::Instant now() const override { return time; }
  /// The virtual clock began at 2026-01-31 12:00:00 UTC.
  std::chrono::system_clock::time_point wall_clock(base::Instant instant) const override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1769860800)) +
           (instant - base::Instant(std::chrono::seconds(1000)));
  }

 private:
  using Later = std::variant<base::Octets, vdp::Input>;

  void add(const std::string& name, lldp::EvbRole role, std::uint8_t number) {
    vdp::PortConfig config;
    config.evb.role = role;
    config.address = lldp::MacAddress{{0x02, 0, 0, 0, 0, number}};
    config.lldp.local.chassis_id = {4, {0x02, 0, 0, 0, 0, number}};
    config.lldp.local.port_id = {5, base::Octets(name.begin(), name.end())};
    config.lldp.local.system_name = role == lldp::EvbRole::kStation ? "host" : "switch";
    cores_.emplace(name, vdp::Port(config));
  }

  void handle(const std::string& port, const vdp::Input& input) {
    vdp::Outputs outputs;
    cores_.find(port)->second.handle(time, input, outputs);
    const std::string peer = port == "eth0" ? "sw1" : "eth0";
    for (const auto& output : outputs) {
      std::visit(base::Overload{
                     [&](const vdp::SendFrame& order) {
                       if (connected) later_.emplace_back(peer, order.frame);
                     },
                     [&](const vdp::ResolveVsiType& order) {
                       vdp::VsiTypeResolved answer{order.question, bridge_says, bridge_hard,
                                                   order.filters};
                       for (auto& entry : answer.filters.entries) {
                         if (entry.vid == 0) entry.vid = 7;
                       }
                       later_.emplace_back(port, vdp::Input(answer));
                     },
                     [&](const vdp::AdmitVsi& order) {
                       later_.emplace_back(port, vdp::Input(vdp::VsiAdmitted{order.question}));
                     },
                     [&](const vdp::SetReflectiveRelay& order) {
                       later_.emplace_back(port, vdp::Input(vdp::ReflectiveRelayChanged{order.on}));
                     },
                     [](const auto&) {},
                 },
                 output);
      if (observer != nullptr) observer->port_output(port, output);
    }
  }

  std::map<std::string, vdp::Port, std::less<>> cores_;
  std::deque<std::pair<std::string, Later>> later_;
};

inline constexpr const char* kFirstId = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f";
inline constexpr const char* kSecondId = "0a000000-0000-4000-8000-000000000002";

}  // namespace agent::api
