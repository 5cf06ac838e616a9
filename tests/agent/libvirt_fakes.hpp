// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/libvirt/attributes.hpp"
#include "agent/libvirt/libvirt_agent.hpp"

// libvirt's side of the conversation, ports that do as the test says, and a host of thin air.

namespace agent::libvirt::testing {

inline const lldp::MacAddress kMac{{0x52, 0x54, 0x00, 0xAA, 0x00, 0x11}};

inline vdp::VsiId id_number(std::uint32_t number) {
  vdp::VsiId id;
  id.octets[0] = 0x09;
  for (unsigned i = 0; i < 4; ++i) {
    id.octets[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}
inline lldp::MacAddress mac_number(std::uint32_t number) {
  auto mac = kMac;
  mac.octets[4] = static_cast<std::uint8_t>(number >> 8U);
  mac.octets[5] = static_cast<std::uint8_t>(number);
  return mac;
}

/// RTM_SETLINK as libvirt writes it.
struct SetLinkMessage {
  PortRequest request = PortRequest::kAssociate;
  std::uint32_t number = 1;
  std::uint32_t event_port = 500;
  std::string ifname = "eth0";
  int ifindex = 2;
  std::uint32_t vlan = 42;
  std::optional<lldp::MacAddress> mac{};

  base::Octets octets() const {
    const Notification body{ifindex,
                            ifname,
                            mac.value_or(mac_number(number)),
                            vlan,
                            VsiTypeField{11, {0x123457, 2}},
                            id_number(number)};
    auto message = encode(body, 77, event_port);
    message[message.size() - 4] = static_cast<std::uint8_t>(request);
    return message;
  }
};

inline base::Octets poll_message(std::uint32_t event_port = 500, int ifindex = 2) {
  MessageWriter writer(RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, 78, event_port);
  ifinfomsg info{};
  info.ifi_index = ifindex;
  writer.put_raw(info);
  writer.put_value(IFLA_EXT_MASK, std::uint32_t{1});
  return std::move(writer).finish();
}

/// What libvirt takes from an answer to its poll.
struct PollAnswer {
  std::map<vdp::VsiId, std::optional<std::uint16_t>> responses;
  std::size_t entries = 0;
};

inline PollAnswer read_poll_answer(base::Bytes message) {
  PollAnswer answer;
  AttributeReader top(message.subspan(32), 32);
  while (const auto attribute = top.next()) {
    if (attribute->type != IFLA_VF_PORTS) continue;
    AttributeReader ports(attribute->value, 0);
    while (const auto port = ports.next()) {
      AttributeReader fields(port->value, 0);
      vdp::VsiId id;
      std::optional<std::uint16_t> response;
      while (const auto field = fields.next()) {
        if (field->type == IFLA_PORT_INSTANCE_UUID) {
          std::copy(field->value.begin(), field->value.end(), id.octets.begin());
        } else if (field->type == IFLA_PORT_RESPONSE) {
          std::uint16_t value = 0;
          std::memcpy(&value, field->value.data(), sizeof value);
          response = value;
        }
      }
      answer.responses[id] = response;
      ++answer.entries;
    }
  }
  return answer;
}

struct Sent {
  std::uint32_t to;
  base::Octets message;

  nlmsghdr header() const {
    nlmsghdr header{};
    std::memcpy(&header, message.data(), sizeof header);
    return header;
  }
  unsigned type() const { return header().nlmsg_type; }
  int error() const {
    int error = 0;
    std::memcpy(&error, message.data() + sizeof(nlmsghdr), sizeof error);
    return error;
  }
  PollAnswer poll() const { return read_poll_answer(message); }
  /// Of the only VSI in the answer.
  std::optional<std::uint16_t> response() const {
    const auto answer = poll();
    return answer.responses.size() == 1 ? answer.responses.begin()->second : std::nullopt;
  }
};

/// One station port "eth0" and one bridge port "sw0", each with a real core without a neighbour,
/// which knows the VSIs; what the bridge says to them is told by the test.
class FakePorts : public Ports {
 public:
  FakePorts() {
    vdp::PortConfig station;
    vdp::PortConfig bridge;
    bridge.evb.role = lldp::EvbRole::kBridge;
    cores_.emplace("eth0", vdp::Port(station));
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
  void remember(const state::WishKey& key, const state::LibvirtOrigin& origin) override {
    remembered[key.id] = origin;
  }
  void log(LogLevel, const std::string& sentence) override { logged.push_back(sentence); }
  void wake() override { woken = true; }

  std::vector<Sent> sent;
  std::set<lldp::MacAddress> devices;
  std::set<lldp::MacAddress> moved;
  std::set<vdp::VsiId> leaving;
  std::map<vdp::VsiId, state::LibvirtOrigin> remembered;
  std::vector<std::string> logged;
  bool vid_zero = true;
  bool woken = false;
};

}  // namespace agent::libvirt::testing
