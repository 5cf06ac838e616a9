// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/if_bridge.h>

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/interface/interfaces.hpp"

namespace agent::interface {

/// What a kernel was killed at.
struct Killed {};

/// A kernel in a map. It can refuse an order by name, or be killed before or after the nth.
class FakeKernel : public Kernel {
 public:
  FakeKernel() { add("eth0", "", 0, "02:00:00:00:00:01"); }

  std::map<std::string, net::Link> devices;
  std::map<std::string, std::uint64_t> rates;
  std::map<std::string, journal::Filter> filters;
  std::map<std::uint32_t, journal::VfSettings> functions;  ///< of "pf0"; "eth0" is number 3
  bool is_function = false;
  std::string unable;                          ///< what the physical function says to check_vf()
  std::map<std::string, BridgeVlans> bridges;  ///< that filter VLANs, and such ports
  std::map<std::string, std::uint32_t> priorities;  ///< of VLAN devices
  std::string driver_name;
  std::string used_for;
  bool has_police = true;         ///< holds devices to their MTU
  std::set<std::string> refused;  ///< names of orders
  std::vector<std::string> orders;
  int kill_at = -1;  ///< count of orders; each is two points: before and after it
  PortResponse port_says = PortResponse::kSuccess;

  net::Link& add(const std::string& name, const std::string& kind, int lower,
                 const std::string& mac) {
    net::Link link;
    link.index = ++last_index_;
    link.name = name;
    link.kind = kind;
    link.lower = lower;
    link.address = *lldp::parse_mac_address(mac);
    link.admin_up = kind != "macvtap" && kind != "macvlan";
    return devices[name] = link;
  }

  std::vector<net::Link> links() override {
    std::vector<net::Link> all;
    for (const auto& [name, link] : devices) all.push_back(link);
    return all;
  }
  std::string host_use(int) override { return used_for; }
  std::optional<VfPlace> vf_place(const std::string& device) override {
    if (!is_function || device != "eth0") return std::nullopt;
    return VfPlace{"pf0", 3};
  }
  std::string driver(const std::string&) override { return driver_name; }
  std::string host_uuid() override { return {}; }
  std::optional<BridgeVlans> bridge_vlans(const std::string& port) override {
    const auto found = bridges.find(port);
    return found == bridges.end() ? std::nullopt : std::optional(found->second);
  }
  std::uint32_t vlan_priority(const std::string& device) override { return priorities[device]; }

  Done add_vlan(const journal::VlanDevice& order) override {
    return carry_out("add_vlan", [&] {
      add(order.name(), "vlan", devices.at(order.lower()).index,
          lldp::to_string(devices.at(order.lower()).address))
          .vid = static_cast<std::uint16_t>(order.vid());
      priorities[order.name()] = order.priority();
    });
  }
  Done set_bridge_vlan(const journal::BridgeVlan& order) override {
    return carry_out("set_bridge_vlan", [&] {
      put_vlan(order.port(), order.vid(),
               order.untagged() ? BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED : 0);
    });
  }
  Done restore_bridge_vlan(const journal::BridgeVlan& order) override {
    return carry_out("restore_bridge_vlan", [&] {
      if (order.member()) {
        put_vlan(order.port(), order.vid(), order.flags());
      } else {
        bridges[order.port()].erase(static_cast<std::uint16_t>(order.vid()));
      }
      if (order.pvid() != 0) put_vlan(order.port(), order.pvid(), order.pvid_flags());
    });
  }
  Done add_endpoint(const journal::Endpoint& order) override {
    return carry_out("add_endpoint", [&] {
      auto& made = add(order.name(), order.macvlan() ? "macvlan" : "macvtap",
                       devices.at(order.lower()).index, order.mac());
      made.macvlan_mode = 1U << static_cast<unsigned>(order.mode() == pb::MODE_PRIVATE  ? 0
                                                      : order.mode() == pb::MODE_VEPA   ? 1
                                                      : order.mode() == pb::MODE_BRIDGE ? 2
                                                                                        : 3);
    });
  }
  Done remove(const std::string& device) override {
    return carry_out("remove", [&] { devices.erase(device); });
  }
  Done set_address(const std::string& device, const lldp::MacAddress& mac) override {
    return carry_out("set_address", [&] { devices.at(device).address = mac; });
  }
  Done set_mtu(const std::string& device, std::uint32_t mtu) override {
    return carry_out("set_mtu", [&] { devices.at(device).mtu = mtu; });
  }
  bool is_held_to(const std::string& device, std::uint32_t mtu) override {
    return has_police && devices.at(device).mtu == mtu;
  }
  Done set_up(const std::string& device, bool up) override {
    return carry_out(up ? "set_up" : "set_down", [&] {
      if (devices.contains(device)) devices.at(device).admin_up = up;
    });
  }
  Done filter(const journal::Filter& order) override {
    return carry_out("filter", [&] { filters[order.device()] = order; });
  }
  bool is_filtered(const journal::Filter& order) override {
    const auto found = filters.find(order.device());
    return found != filters.end() && found->second.SerializeAsString() == order.SerializeAsString();
  }
  Done transmit(const journal::Transmit& order) override {
    return carry_out("transmit", [&] { set_rate(order.device(), order.has_rate(), order.rate()); });
  }
  Done receive(const journal::Receive& order) override {
    return carry_out(order.has_rate() ? "receive" : "receive without limit", [&] {
      if (order.has_rate() && !devices.contains(order.buffer())) {
        add(order.buffer(), "ifb", 0, "02:00:00:00:00:99");
      }
      if (!order.has_rate()) devices.erase(order.buffer());
      set_rate(order.buffer(), order.has_rate(), order.rate());
    });
  }
  std::optional<std::uint64_t> rate(const std::string& device) override {
    const auto found = rates.find(device);
    return found == rates.end() ? std::nullopt : std::optional(found->second);
  }
  tl::expected<journal::VfSettings, std::string> vf(const VfPlace& place) override {
    return functions[place.number];
  }
  Done check_vf(const VfPlace&, const journal::VfSettings&, const journal::VfSettings&) override {
    return unable.empty() ? Done() : tl::unexpected(unable);
  }
  Done set_vf(const VfPlace& place, const journal::VfSettings&,
              const journal::VfSettings& settings) override {
    return carry_out("set_vf", [&] { functions[place.number] = settings; });
  }
  Done port_profile(const journal::PortProfile& order, bool associate) override {
    return carry_out(associate ? "associate profile" : "disassociate profile",
                     [&] { profile = associate ? order.profile() : std::string(); });
  }
  PortResponse port_response(const journal::PortProfile&) override { return port_says; }

  std::string profile;

 private:
  template <class Change>
  Done carry_out(const std::string& order, Change&& change) {
    if (kill_at >= 0 && static_cast<int>(orders.size()) * 2 == kill_at) throw Killed{};
    orders.push_back(order);
    if (refused.contains(order)) return tl::unexpected("the kernel refuses " + order);
    change();
    if (kill_at >= 0 && static_cast<int>(orders.size()) * 2 - 1 == kill_at) throw Killed{};
    return {};
  }
  void put_vlan(const std::string& port, std::uint32_t vid, std::uint32_t flags) {
    auto& vlans = bridges[port];
    constexpr std::uint16_t kNoPvid = 0xFFFF ^ BRIDGE_VLAN_INFO_PVID;
    if ((flags & BRIDGE_VLAN_INFO_PVID) != 0) {
      for (auto& [other, has] : vlans) has = static_cast<std::uint16_t>(has & kNoPvid);
    }
    vlans[static_cast<std::uint16_t>(vid)] = static_cast<std::uint16_t>(flags);
  }
  void set_rate(const std::string& device, bool on, const journal::Rate& rate) {
    if (on) {
      rates[device] = rate.bits_per_second();
    } else {
      rates.erase(device);
    }
  }

  int last_index_ = 1;
};

}  // namespace agent::interface
