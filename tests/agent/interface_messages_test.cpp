// SPDX-License-Identifier: Apache-2.0
// Port profiles of a driver of its own (enic): octet by octet what libvirt sends.
#include <gmock/gmock.h>
#include <linux/if_link.h>

#include "agent/interface/messages.hpp"

namespace agent::interface {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets from_hex(std::string_view text) {
  Octets octets;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    octets.push_back(
        static_cast<std::uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return octets;
}

/// All behind the netlink header, which the socket fills in.
Octets body(const net::NlMessage& message) {
  const auto* const header = nlmsg_hdr(message.get());
  const auto* const data = static_cast<const std::uint8_t*>(nlmsg_data(header));
  return {data, data + nlmsg_datalen(header)};
}

std::string text(const Octets& octets) { return {octets.begin(), octets.end()}; }

journal::PortProfile finance() {
  journal::PortProfile order;
  order.set_device("up0");
  order.set_profile("finance");
  order.set_instance(text(from_hex("cc31e3d7c2c746958d0f4f8f99491ff3")));
  order.set_host(text(from_hex("d42d3c054c1d4a8cb437b6f883327433")));
  return order;
}

/// What libvirtd 9.0.0 sent for type='802.1Qbh' on the interface with index 2 (strace of a start).
constexpr std::string_view kLink = "00000000020000000000000000000000";
constexpr std::string_view kAddress =
    "300016802c00018028000100ffffffff525400aa001100000000000000000000000000000000000000000000000000"
    "00";
constexpr std::string_view kPort =
    "400019800c00020066696e616e63650014000400cc31e3d7c2c746958d0f4f8f99491ff3"
    "14000500d42d3c054c1d4a8cb437b6f8833274330500060002000000";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const auto part : parts) all += part;
  return all;
}

TEST(PortProfileMessage, OfAWholeDeviceIsLibvirtsWithoutItsAddress) {
  const auto message = port_profile_message(2, finance(), true);
  EXPECT_EQ(nlmsg_hdr(message.get())->nlmsg_type, RTM_SETLINK);
  EXPECT_EQ(body(message), from_hex(joined({kLink, kPort})));
}

TEST(PortProfileMessage, OfAVirtualFunctionGoesThroughThePhysicalOneWithTheAddress) {
  auto order = finance();
  order.set_physical("pf0");
  order.set_number(3);
  order.set_mac("52:54:00:aa:00:11");
  std::string address(kAddress);
  address.replace(address.find("ffffffff"), 8, "03000000");
  std::string port(kPort);
  port = "4c00188048000180" + port.substr(8, port.size() - 24) + "08000100030000000500060002000000";
  EXPECT_EQ(body(port_profile_message(2, order, true)), from_hex(joined({kLink, address, port})));
}

TEST(PortProfileMessage, TheEndNamesOnlyWhoseItIs) {
  EXPECT_EQ(body(port_profile_message(2, finance(), false)),
            from_hex(joined({kLink, "0c0019800500060003000000"})));
  auto order = finance();
  order.set_physical("pf0");
  order.set_number(3);
  EXPECT_EQ(body(port_profile_message(2, order, false)),
            from_hex(joined({kLink,
                             "18001880140001800800010003000000"
                             "0500060003000000"})));
}

}  // namespace
}  // namespace agent::interface
