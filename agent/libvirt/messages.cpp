// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/messages.hpp"

#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstring>

#include "agent/libvirt/attributes.hpp"

namespace agent::libvirt {
namespace {

using base::Bytes;
using base::DecodeError;
using base::Fault;

constexpr std::size_t kVfMacSize = 36;   // struct ifla_vf_mac: u32 vf, 32 octets of address
constexpr std::size_t kVfVlanSize = 12;  // struct ifla_vf_vlan: u32 vf, vlan, qos
constexpr std::size_t kVsiTypeSize = 8;  // struct ifla_port_vsi
constexpr std::size_t kInterfaceName = 16;
constexpr std::uint32_t kNoVf = 0xFFFFFFFF;
/// Above this a reply leaves out what libvirt does not read: 60 octets of each become 40.
constexpr std::size_t kMaxFullStates = 32;

/// Collects the first fault while attributes are walked; octets count from the message's start.
class Faults {
 public:
  void add(Fault fault, std::size_t octet) {
    if (!first_) first_ = DecodeError{fault, octet};
  }
  const std::optional<DecodeError>& first() const { return first_; }

 private:
  std::optional<DecodeError> first_;
};

/// True if the attribute has this size; else, or when it stands twice, a fault.
bool once(Faults& faults, const Attribute& attribute, bool seen, std::size_t size) {
  if (seen) {
    faults.add(Fault::kDuplicate, attribute.octet);
  } else if (attribute.value.size() != size) {
    faults.add(Fault::kWrongLength, attribute.octet);
  } else {
    return true;
  }
  return false;
}

template <class Each>
void each_attribute(Faults& faults, Bytes octets, std::size_t offset, Each&& each) {
  AttributeReader reader(octets, offset);
  while (const auto attribute = reader.next()) each(*attribute);
  if (reader.fault()) faults.add(Fault::kTruncated, *reader.fault());
}

void read_name(Faults& faults, const Attribute& attribute, std::string& name) {
  const auto end = std::find(attribute.value.begin(), attribute.value.end(), 0);
  const auto size = static_cast<std::size_t>(end - attribute.value.begin());
  if (size == 0 || size >= kInterfaceName) {
    faults.add(Fault::kWrongLength, attribute.octet);
  } else {
    name.assign(attribute.value.begin(), end);
  }
}

void read_vf_info(Faults& faults, const Attribute& info, SetLink& to, bool& vlan_seen) {
  each_attribute(faults, info.value, info.value_octet(), [&](const Attribute& attribute) {
    if (attribute.type == IFLA_VF_MAC) {
      if (!once(faults, attribute, to.mac.has_value(), kVfMacSize)) return;
      lldp::MacAddress mac;
      std::copy_n(attribute.value.begin() + 4, mac.octets.size(), mac.octets.begin());
      to.mac = mac;
    } else if (attribute.type == IFLA_VF_VLAN) {
      if (!once(faults, attribute, vlan_seen, kVfVlanSize)) return;
      vlan_seen = true;
      std::memcpy(&to.vlan, attribute.value.data() + 4, sizeof to.vlan);
    }
  });
}

struct PortSeen {
  bool id = false;
  bool request = false;
};

void read_port(Faults& faults, const Attribute& port, SetLink& to, PortSeen& seen) {
  each_attribute(faults, port.value, port.value_octet(), [&](const Attribute& attribute) {
    const auto& value = attribute.value;
    switch (attribute.type) {
      case IFLA_PORT_VSI_TYPE:
        if (!once(faults, attribute, to.vsi_type.has_value(), kVsiTypeSize)) return;
        // The type's three octets have the least significant one first.
        to.vsi_type = VsiTypeField{
            value[0],
            {static_cast<std::uint32_t>(value[1] | value[2] << 8U | value[3] << 16U), value[4]}};
        break;
      case IFLA_PORT_INSTANCE_UUID:
        if (!once(faults, attribute, seen.id, to.id.octets.size())) return;
        seen.id = true;
        std::ranges::copy(value, to.id.octets.begin());
        break;
      case IFLA_PORT_REQUEST:
        if (!once(faults, attribute, seen.request, 1)) return;
        seen.request = true;
        if (value[0] > static_cast<std::uint8_t>(PortRequest::kDisassociate)) {
          faults.add(Fault::kReservedValue, attribute.value_octet());
        } else {
          to.request = static_cast<PortRequest>(value[0]);
        }
        break;
      default: break;
    }
  });
}

/// Hands the one element of a nested list to `each`; a second one is a fault.
template <class Each>
void single_element(Faults& faults, const Attribute& list, std::uint16_t type, bool& seen,
                    Each&& each) {
  each_attribute(faults, list.value, list.value_octet(), [&](const Attribute& element) {
    if (element.type != type) return;
    if (seen) return faults.add(Fault::kDuplicate, element.octet);
    seen = true;
    each(element);
  });
}

base::Result<Request> decode_set(const ifinfomsg& info, Bytes attributes, std::size_t offset) {
  SetLink to;
  to.ifindex = info.ifi_index;
  Faults faults;
  bool info_seen = false;
  bool port_seen = false;
  bool vlan_seen = false;
  PortSeen seen;
  each_attribute(faults, attributes, offset, [&](const Attribute& attribute) {
    if (attribute.type == IFLA_IFNAME) {
      read_name(faults, attribute, to.ifname);
    } else if (attribute.type == IFLA_VFINFO_LIST) {
      single_element(faults, attribute, IFLA_VF_INFO, info_seen, [&](const Attribute& element) {
        read_vf_info(faults, element, to, vlan_seen);
      });
    } else if (attribute.type == IFLA_VF_PORTS) {
      single_element(faults, attribute, IFLA_VF_PORT, port_seen,
                     [&](const Attribute& element) { read_port(faults, element, to, seen); });
    }
  });
  const bool typed = to.vsi_type || to.request == PortRequest::kDisassociate;
  if (!seen.id || !seen.request || !typed) faults.add(Fault::kMissing, offset + attributes.size());
  if (faults.first()) return tl::unexpected(*faults.first());
  return to;
}

base::Result<Request> decode_get(const ifinfomsg& info, Bytes attributes, std::size_t offset) {
  GetLink to;
  to.ifindex = info.ifi_index;
  Faults faults;
  each_attribute(faults, attributes, offset, [&](const Attribute& attribute) {
    if (attribute.type == IFLA_IFNAME) read_name(faults, attribute, to.ifname);
  });
  if (faults.first()) return tl::unexpected(*faults.first());
  return to;
}

std::array<std::uint8_t, kVsiTypeSize> octets_of(const VsiTypeField& field) {
  return {field.manager, static_cast<std::uint8_t>(field.type.id),
          static_cast<std::uint8_t>(field.type.id >> 8U),
          static_cast<std::uint8_t>(field.type.id >> 16U), field.type.version};
}

ifinfomsg interface(int index, std::uint16_t type) {
  ifinfomsg info{};
  info.ifi_type = type;
  info.ifi_index = index;
  return info;
}

void put_name(MessageWriter& writer, std::string_view name) {
  if (name.empty()) return;
  std::array<std::uint8_t, kInterfaceName> text{};
  const auto size = std::min(name.size(), kInterfaceName - 1);
  std::copy_n(name.begin(), size, text.begin());
  writer.put(IFLA_IFNAME, Bytes(text).first(size + 1));
}

void put_state(MessageWriter& writer, const PortState& state, bool full) {
  const auto port = writer.begin_nest(IFLA_VF_PORT);
  writer.put_value(IFLA_PORT_VF, kNoVf);
  if (full) writer.put(IFLA_PORT_VSI_TYPE, octets_of(state.vsi_type));
  writer.put(IFLA_PORT_INSTANCE_UUID, state.id.octets);
  if (full) writer.put_value(IFLA_PORT_REQUEST, state.request);
  if (state.response) writer.put_value(IFLA_PORT_RESPONSE, *state.response);
  writer.end_nest(port);
}

}  // namespace

std::string_view to_string(PortRequest request) {
  switch (request) {
    case PortRequest::kPreAssociate: return "pre-associate";
    case PortRequest::kPreAssociateWithReservation: return "pre-associate with reservation";
    case PortRequest::kAssociate: return "associate";
    case PortRequest::kDisassociate: return "disassociate";
  }
  return "?";
}

base::Result<Message> take_message(Bytes& datagram, nlmsghdr& header) {
  header = {};
  const auto there = std::min(datagram.size(), sizeof header);
  if (there > 0) std::memcpy(&header, datagram.data(), there);
  if (datagram.size() < sizeof header) {
    return tl::unexpected(DecodeError{Fault::kTruncated, datagram.size()});
  }
  if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) {
    return tl::unexpected(DecodeError{Fault::kOverrun, 0});
  }
  const auto payload = datagram.subspan(sizeof header, header.nlmsg_len - sizeof header);
  datagram =
      datagram.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
  return Message{header, payload};
}

base::Result<Request> decode(const Message& message) {
  const auto type = message.header.nlmsg_type;
  if (type != RTM_SETLINK && type != RTM_GETLINK) {
    return tl::unexpected(DecodeError{Fault::kWrongSubtype, offsetof(nlmsghdr, nlmsg_type)});
  }
  ifinfomsg info{};
  if (message.payload.size() < sizeof info) {
    return tl::unexpected(
        DecodeError{Fault::kTruncated, sizeof(nlmsghdr) + message.payload.size()});
  }
  std::memcpy(&info, message.payload.data(), sizeof info);
  const auto attributes = message.payload.subspan(sizeof info);
  constexpr auto kOffset = sizeof(nlmsghdr) + sizeof(ifinfomsg);
  return type == RTM_SETLINK ? decode_set(info, attributes, kOffset)
                             : decode_get(info, attributes, kOffset);
}

base::Octets acknowledgement(const nlmsghdr& request, int error) {
  MessageWriter writer(NLMSG_ERROR, 0, request.nlmsg_seq, request.nlmsg_pid);
  writer.put_raw(nlmsgerr{error, request});
  return std::move(writer).finish();
}

base::Octets port_states(const nlmsghdr& request, int ifindex, std::string_view ifname,
                         std::span<const PortState> states) {
  const bool full = states.size() <= kMaxFullStates;
  MessageWriter writer(RTM_NEWLINK, 0, request.nlmsg_seq, request.nlmsg_pid);
  writer.put_raw(interface(ifindex, ARPHRD_ETHER));
  put_name(writer, ifname);
  const auto ports = writer.begin_nest(IFLA_VF_PORTS);
  for (const auto& state : states.first(std::min(states.size(), kMaxPortStates))) {
    put_state(writer, state, full);
  }
  writer.end_nest(ports);
  return std::move(writer).finish();
}

base::Octets encode(const Notification& notification, std::uint32_t sequence,
                    std::uint32_t own_port_id) {
  MessageWriter writer(RTM_SETLINK, NLM_F_REQUEST, sequence, own_port_id);
  writer.put_raw(interface(notification.ifindex, 0));
  put_name(writer, notification.ifname);

  const auto list = writer.begin_nest(IFLA_VFINFO_LIST);
  const auto info = writer.begin_nest(IFLA_VF_INFO);
  ifla_vf_mac mac{};
  mac.vf = kNoVf;
  std::ranges::copy(notification.mac.octets, mac.mac);
  writer.put_value(IFLA_VF_MAC, mac);
  writer.put_value(IFLA_VF_VLAN, ifla_vf_vlan{kNoVf, notification.vlan, 0});
  writer.end_nest(info);
  writer.end_nest(list);

  const auto ports = writer.begin_nest(IFLA_VF_PORTS);
  const auto port = writer.begin_nest(IFLA_VF_PORT);
  writer.put_value(IFLA_PORT_VF, kNoVf);
  if (notification.vsi_type) writer.put(IFLA_PORT_VSI_TYPE, octets_of(*notification.vsi_type));
  if (notification.id) writer.put(IFLA_PORT_INSTANCE_UUID, notification.id->octets);
  writer.put_value(IFLA_PORT_REQUEST, PortRequest::kDisassociate);
  writer.end_nest(port);
  writer.end_nest(ports);
  return std::move(writer).finish();
}

}  // namespace agent::libvirt
