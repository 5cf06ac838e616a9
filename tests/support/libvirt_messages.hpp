// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "agent/libvirt/attributes.hpp"
#include "agent/libvirt/messages.hpp"

// libvirt's side of the conversation with its 802.1Qbg agent: its messages, and how it reads ours.

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

/// Calls this with the id and the response, if any, of each VSI in an answer to a poll.
template <class Each>
void for_each_state(base::Bytes message, const Each& each) {
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
      each(id, response);
    }
  }
}

inline PollAnswer read_poll_answer(base::Bytes message) {
  PollAnswer answer;
  for_each_state(message, [&](const vdp::VsiId& id, std::optional<std::uint16_t> response) {
    answer.responses[id] = response;
    ++answer.entries;
  });
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

}  // namespace agent::libvirt::testing
