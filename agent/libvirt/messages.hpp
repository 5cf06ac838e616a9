// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/netlink.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"
#include "lldp/mac_address.hpp"
#include "vdp/vsi.hpp"

// The messages that libvirt and its 802.1Qbg agent exchange over NETLINK_ROUTE. All integers are in
// the host's order. Nothing here does I/O.

namespace agent::libvirt {

/// IFLA_PORT_REQUEST.
enum class PortRequest : std::uint8_t {
  kPreAssociate = 0,
  kPreAssociateWithReservation = 1,
  kAssociate = 2,
  kDisassociate = 3,
};
std::string_view to_string(PortRequest request);

/// IFLA_PORT_VSI_TYPE.
struct VsiTypeField {
  std::uint8_t manager = 0;
  vdp::VsiType type;
  friend bool operator==(const VsiTypeField&, const VsiTypeField&) = default;
};

/// RTM_SETLINK: what is wanted for one VSI.
struct SetLink {
  int ifindex = 0;     ///< of the root device: the end of the chain of lower devices
  std::string ifname;  ///< of the same; may be absent
  std::optional<lldp::MacAddress> mac;
  std::uint32_t vlan = 0;  ///< 0: libvirt knows none
  std::optional<VsiTypeField> vsi_type;
  vdp::VsiId id;
  PortRequest request = PortRequest::kAssociate;
  friend bool operator==(const SetLink&, const SetLink&) = default;
};

/// RTM_GETLINK: asks for the states of all VSIs of a root device.
struct GetLink {
  int ifindex = 0;
  std::string ifname;
  friend bool operator==(const GetLink&, const GetLink&) = default;
};

using Request = std::variant<SetLink, GetLink>;

/// One netlink message of a datagram.
struct Message {
  nlmsghdr header;
  base::Bytes payload;  ///< after the header
};

/// Takes the next message off the front of a datagram. An error means that nothing usable follows;
/// its octet counts from the front of `datagram`, and `header` holds as much as there was.
base::Result<Message> take_message(base::Bytes& datagram, nlmsghdr& header);

/// Reads a message of type RTM_SETLINK or RTM_GETLINK; any other type is kWrongSubtype. Octets in
/// the error count from the start of the message. Attributes that mean nothing here are skipped, as
/// netlink wants it; what the agent needs may stand only once.
base::Result<Request> decode(const Message& message);

/// The answer to a request: `error` is 0 or a negative errno.
base::Octets acknowledgement(const nlmsghdr& request, int error);

/// What a poll is told of one VSI.
struct PortState {
  vdp::VsiId id;
  VsiTypeField vsi_type;
  PortRequest request = PortRequest::kAssociate;
  std::optional<std::uint16_t> response;  ///< absent: in progress; 0: success
};

/// The list of states is one attribute, whose length has 16 bits.
inline constexpr std::size_t kMaxPortStates = 1600;
/// The answer to a poll: RTM_NEWLINK. At most kMaxPortStates; a long list leaves out the parts that
/// libvirt does not read.
base::Octets port_states(const nlmsghdr& request, int ifindex, std::string_view ifname,
                         std::span<const PortState> states);

/// The agent's own message to libvirt: the VSI of this MAC address is no longer associated. libvirt
/// answers with the associate request again.
struct Notification {
  int ifindex = 0;
  std::string ifname;  ///< empty: left out
  lldp::MacAddress mac;
  std::uint32_t vlan = 0;
  std::optional<VsiTypeField> vsi_type;
  std::optional<vdp::VsiId> id;
};
/// `own_port_id` is the number in the pid file; libvirt drops messages that do not carry it.
base::Octets encode(const Notification& notification, std::uint32_t sequence,
                    std::uint32_t own_port_id);

}  // namespace agent::libvirt
