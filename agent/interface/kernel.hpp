// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/interface/journal.pb.h"
#include "agent/net/link_monitor.hpp"

namespace agent::interface {

namespace pb = ::evbd::v1;
namespace journal = ::evbd::journal;

/// The error is a sentence.
using Done = tl::expected<void, std::string>;

/// Seen from the guest.
enum class Direction : std::uint8_t { kTransmit, kReceive };

/// Which virtual function of which device an interface is (SR-IOV).
struct VfPlace {
  std::string physical;
  std::uint32_t number = 0;
};

/// What RTM_GETLINK says of a device's port profile (IFLA_PORT_RESPONSE).
enum class PortResponse : std::uint8_t { kNone, kInProgress, kSuccess, kRefused };

/// VIDs that a bridge admits at a port or at itself, each with its BRIDGE_VLAN_INFO_ flags.
using BridgeVlans = std::map<std::uint16_t, std::uint16_t>;

/// The host's interfaces as attaching sees and changes them. Each order is carried out before the
/// call returns. Taking away what is not there is no error.
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// All interfaces, as they are now.
  virtual std::vector<net::Link> links() = 0;
  /// What the host itself uses the interface for ("the address 192.0.2.1"); empty: nothing.
  virtual std::string host_use(int index) = 0;
  virtual std::optional<VfPlace> vf_place(const std::string& device) = 0;
  /// Name of the device's driver; empty for one without.
  virtual std::string driver(const std::string& device) = 0;
  virtual std::string host_uuid() = 0;  ///< 16 octets, or empty
  /// Of a port of a bridge, or of a bridge itself; nullopt where no bridge filters VLANs.
  virtual std::optional<BridgeVlans> bridge_vlans(const std::string& port) = 0;
  /// PCP that a VLAN device gives to frames of no particular priority.
  virtual std::uint32_t vlan_priority(const std::string& device) = 0;

  virtual Done add_vlan(const journal::VlanDevice& order) = 0;
  virtual Done set_bridge_vlan(const journal::BridgeVlan& order) = 0;
  /// As it was before.
  virtual Done restore_bridge_vlan(const journal::BridgeVlan& order) = 0;
  virtual Done add_endpoint(const journal::Endpoint& order) = 0;
  virtual Done remove(const std::string& device) = 0;
  virtual Done set_address(const std::string& device, const lldp::MacAddress& mac) = 0;
  /// Also drops what is longer, either way, where the kernel can: see is_held_to().
  virtual Done set_mtu(const std::string& device, std::uint32_t mtu) = 0;
  /// Whether longer frames are dropped.
  virtual bool is_held_to(const std::string& device, std::uint32_t mtu) = 0;
  virtual Done set_up(const std::string& device, bool up) = 0;
  virtual Done filter(const journal::Filter& order) = 0;
  /// Whether exactly this filter is in force.
  virtual bool is_filtered(const journal::Filter& order) = 0;
  /// No rate: the limit is taken away.
  virtual Done transmit(const journal::Transmit& order) = 0;
  virtual Done receive(const journal::Receive& order) = 0;
  /// Bits per second that the device's queue lets through; nullopt: as many as come.
  virtual std::optional<std::uint64_t> rate(const std::string& device) = 0;
  virtual tl::expected<journal::VfSettings, std::string> vf(const VfPlace& place) = 0;
  /// Whether the device can do what differs between the two; nothing is changed. The error names
  /// the parameter.
  virtual Done check_vf(const VfPlace& place, const journal::VfSettings& before,
                        const journal::VfSettings& wanted) = 0;
  /// Sets what is otherwise than in `before`; the error names the parameter.
  virtual Done set_vf(const VfPlace& place, const journal::VfSettings& before,
                      const journal::VfSettings& settings) = 0;
  virtual Done port_profile(const journal::PortProfile& order, bool associate) = 0;
  virtual PortResponse port_response(const journal::PortProfile& order) = 0;
};

/// nullptr when there is none of this name, or index.
const net::Link* find(const std::vector<net::Link>& links, std::string_view name);
const net::Link* find(const std::vector<net::Link>& links, int index);
/// A VLAN device of 802.1Q. That of an S-channel (802.1ad) is none: to its guests it is a link.
bool is_vlan(const net::Link& link);
/// Where a bridge takes in what `device` sends: the bridge itself, or the port that is the other
/// end of a veth pair; nullptr: no bridge of this host does.
const net::Link* bridge_end(const std::vector<net::Link>& links, const net::Link& device);
/// The mode of a macvtap or macvlan; unspecified for anything else.
pb::InterfaceMode mode_of(const net::Link& link);
/// "vepa", "bridge", "private", "passthrough".
std::string_view to_string(pb::InterfaceMode mode);

}  // namespace agent::interface
