// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/interface/frame_filter.hpp"
#include "agent/net/route_socket.hpp"

// What has to be told rtnetlink about interfaces. libnl-route 3.7 makes the links; it has no calls
// for rates beyond 32 bits, VF settings as one change, and port profiles.

namespace agent::interface {

net::NlMessage vlan_message(const journal::VlanDevice& order, int lower);
net::NlMessage endpoint_message(const journal::Endpoint& order, int lower);

net::NlMessage set_address_message(int device, const lldp::MacAddress& mac);
net::NlMessage set_mtu_message(int device, std::uint32_t mtu);
net::NlMessage set_up_message(int device, bool up);

/// Instead of the filter that was there. `direction` is the guest's: what it transmits leaves the
/// device.
net::NlMessage filter_message(int device, Direction direction,
                              const std::vector<sock_filter>& program);
net::NlMessage no_filter_message(int device, Direction direction);
/// Asks for all filters of a direction; of each answer, read_filter() knows the program of
/// filter_message(), or nullopt: it is another one.
net::NlMessage filters_request(int device, Direction direction);
std::optional<std::vector<sock_filter>> read_filter(const nlmsghdr* header);
/// Frames that carry more than `mtu` octets are dropped: those with a VLAN tag in them, or the
/// others.
net::NlMessage mtu_filter_message(int device, Direction direction, bool tagged, std::uint32_t mtu);
/// Whether an answer to filters_request() is such a filter.
bool is_mtu_filter(const nlmsghdr* header, bool tagged, std::uint32_t mtu);
/// All that comes to the device goes through the queue of `buffer` first.
net::NlMessage redirect_message(int device, int buffer);
net::NlMessage no_redirect_message(int device);
/// A token bucket instead of the device's queue.
net::NlMessage rate_message(int device, const journal::Rate& rate, std::size_t mtu);
net::NlMessage no_rate_message(int device);

net::NlMessage vf_mac_message(int physical, std::uint32_t number, const lldp::MacAddress& mac);
/// VID 0: none.
net::NlMessage vf_vlan_message(int physical, std::uint32_t number, std::uint32_t vid,
                               std::uint32_t priority);
/// In Mbit/s; 0: no limit.
net::NlMessage vf_rate_message(int physical, std::uint32_t number, std::uint32_t rate);
/// RTM_SETLINK for drivers with port profiles of their own, as libvirt sends it: of the device with
/// IFLA_PORT_SELF, of a virtual function with IFLA_VF_PORTS and its address through `device`, the
/// physical function. libvirt sends the address of a whole device, too, as that of the function
/// 0xFFFFFFFF, which newer kernels refuse: here it is that of the device itself.
net::NlMessage port_profile_message(int device, const journal::PortProfile& order, bool associate);

}  // namespace agent::interface
