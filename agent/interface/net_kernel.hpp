// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/interface/kernel.hpp"
#include "agent/net/route_socket.hpp"

namespace agent::interface {

/// This host's kernel, through rtnetlink and /sys.
class NetKernel : public Kernel {
 public:
  static tl::expected<NetKernel, std::string> open();

  std::vector<net::Link> links() override;
  std::string host_use(int index) override;
  std::optional<VfPlace> vf_place(const std::string& device) override;
  std::string driver(const std::string& device) override;
  std::string host_uuid() override;
  std::optional<BridgeVlans> bridge_vlans(const std::string& port) override;
  std::uint32_t vlan_priority(const std::string& device) override;

  Done add_vlan(const journal::VlanDevice& order) override;
  Done set_bridge_vlan(const journal::BridgeVlan& order) override;
  Done restore_bridge_vlan(const journal::BridgeVlan& order) override;
  Done add_endpoint(const journal::Endpoint& order) override;
  Done remove(const std::string& device) override;
  Done set_address(const std::string& device, const lldp::MacAddress& mac) override;
  Done set_mtu(const std::string& device, std::uint32_t mtu) override;
  bool is_held_to(const std::string& device, std::uint32_t mtu) override;
  Done set_up(const std::string& device, bool up) override;
  Done filter(const journal::Filter& order) override;
  bool is_filtered(const journal::Filter& order) override;
  Done transmit(const journal::Transmit& order) override;
  Done receive(const journal::Receive& order) override;
  std::optional<std::uint64_t> rate(const std::string& device) override;
  tl::expected<journal::VfSettings, std::string> vf(const VfPlace& place) override;
  Done check_vf(const VfPlace& place, const journal::VfSettings& before,
                const journal::VfSettings& wanted) override;
  Done set_vf(const VfPlace& place, const journal::VfSettings& before,
              const journal::VfSettings& settings) override;
  Done port_profile(const journal::PortProfile& order, bool associate) override;
  PortResponse port_response(const journal::PortProfile& order) override;

 private:
  explicit NetKernel(net::RouteSocket socket) : socket_(std::move(socket)) {}
  /// The interface's index, or a sentence that it does not exist.
  tl::expected<int, std::string> index(const std::string& device) const;
  Done perform(const std::string& device, net::NlMessage message, std::string_view what,
               int harmless = 0);
  Done set_filter(const std::string& device, int index, const journal::Filter& order,
                  Direction direction);
  Done put_bridge_vlan(const std::string& port, std::uint16_t vid, std::uint16_t flags);

  net::RouteSocket socket_;
};

}  // namespace agent::interface
