// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>

#include "agent/net/bridge_state.hpp"
#include "agent/net/route_socket.hpp"

// rtnetlink's messages about bridge ports, for which libnl-route 3.7 has no calls (locked, VLANs)
// or calls that cannot be put into one sendmsg (FDB).

namespace agent::net {

/// Adds a static FDB entry; `exclusive`: fails with EEXIST where the address is known already,
/// otherwise takes it over.
NlMessage fdb_add(int port, bool filters_vlans, const Station& station, bool exclusive);
NlMessage fdb_remove(int port, bool filters_vlans, const Station& station);
/// Whose membership it is.
enum class VlanOf : std::uint8_t {
  kPort,
  kBridge,  ///< the bridge's own, as an interface of the host
};
/// `flags` are BRIDGE_VLAN_INFO_*.
NlMessage vlan_add(int port, std::uint16_t vid, std::uint16_t flags, VlanOf of = VlanOf::kPort);
NlMessage vlan_remove(int port, std::uint16_t vid, VlanOf of = VlanOf::kPort);
/// Sets the flags that have a value; `flush` also forgets what the port has learned.
NlMessage set_port_flags(int port, const BridgePortFlags& flags, bool flush);

/// Flags, bridge and VLAN filtering; the error is a sentence. `bridge` is 0 for what is no bridge
/// port.
tl::expected<BridgePortState, std::string> read_port(RouteSocket& socket, int port);
/// Whether it is a bridge that filters VLANs.
tl::expected<bool, std::string> read_vlan_filtering(RouteSocket& socket, int bridge);
tl::expected<std::set<Station>, std::string> read_static_stations(RouteSocket& socket, int port);
/// Of a port, or of a bridge itself.
tl::expected<std::map<std::uint16_t, std::uint16_t>, std::string> read_port_vlans(
    RouteSocket& socket, int port);
/// Whether the device has tc's place for filters (clsact, or ingress alone).
tl::expected<bool, std::string> read_clsact(RouteSocket& socket, int device);
/// Whether the address is one of the bridge's own (a "permanent" entry), which nobody may take.
bool is_bridge_address(RouteSocket& socket, int bridge, bool filters_vlans, const Station& station);

}  // namespace agent::net
