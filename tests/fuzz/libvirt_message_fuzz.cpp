// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "agent/libvirt/messages.hpp"

namespace {

using namespace agent::libvirt;

/// What was read from a request, told back as the answer to a poll and as a notification.
void tell_back(const nlmsghdr& header, const SetLink& request) {
  const PortState state{request.id, request.vsi_type.value_or(VsiTypeField{}), request.request, 0};
  assert(port_states(header, request.ifindex, request.ifname, {&state, 1}).size() >= 92);
  const Notification notification{
      request.ifindex, request.ifname,   request.mac.value_or(lldp::MacAddress{}),
      request.vlan,    request.vsi_type, request.id};
  const auto wire = encode(notification, 1, 2);
  base::Bytes datagram = wire;
  nlmsghdr own{};
  const auto again = decode(*take_message(datagram, own));
  assert(again);
  auto expected = request;
  expected.mac = notification.mac;
  expected.request = PortRequest::kDisassociate;
  assert(std::get<SetLink>(*again) == expected);
}

}  // namespace

/// One datagram from a process that may send to evbd's netlink socket.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Bytes datagram(data, size);
  while (!datagram.empty()) {
    nlmsghdr header{};
    const auto message = take_message(datagram, header);
    assert(acknowledgement(header, -22).size() == 36);
    if (!message) return 0;
    const auto request = decode(*message);
    if (!request) {
      assert(request.error().octet <= sizeof header + message->payload.size());
      continue;
    }
    if (const auto* const set = std::get_if<SetLink>(&*request)) tell_back(header, *set);
  }
  return 0;
}
