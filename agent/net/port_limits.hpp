// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "agent/net/bridge_state.hpp"
#include "agent/net/route_socket.hpp"
#include "profiles/network_parameters.hpp"
#include "vdp/vsi.hpp"

namespace agent::net {

/// What a VSI may send and receive, as its guest sees it.
struct VsiLimits {
  std::optional<profiles::Rate> transmit, receive;
  bool any() const { return transmit || receive; }
};

/// The bandwidth of VSIs on one bridge port. What a guest receives leaves the port through a class
/// of HTB; what it sends is redirected, as it comes in, through HTB on an ifb. Frames are told by
/// their MAC address. Nothing of it exists while no VSI is limited.
class PortLimits {
 public:
  /// What of the kernel failed; `text` begins with the parameter's name.
  using Failure = RouteSocket::Failure;

  /// `original` has to outlive it.
  PortLimits(RouteSocket& socket, const BridgePortState& original)
      : socket_(socket), original_(original) {}

  /// Limits the VSI instead of what limited it before. After a failure it is limited as it was.
  std::optional<Failure> set(const vdp::VsiId& vsi, std::vector<lldp::MacAddress> macs,
                             const VsiLimits& limits);
  void remove(const vdp::VsiId& vsi);
  /// How a VSI is limited, and by which addresses its frames are told.
  struct Held {
    std::vector<lldp::MacAddress> macs;
    VsiLimits limits;
  };
  Held held(const vdp::VsiId& vsi) const;

  /// Takes away all that a PortLimits has left on the port; the port may have left its bridge.
  static void undo(RouteSocket& socket, const BridgePortState& original);

 private:
  struct Limited : Held {
    std::uint16_t number = 0;  ///< of its classes and filters
  };

  std::optional<Failure> install(const Limited& wanted, const Limited& before);
  std::optional<Failure> prepare_receive();
  std::optional<Failure> prepare_transmit();
  std::optional<Failure> limit(int device, const Limited& wanted, bool transmit);
  void lift(int device, std::uint16_t number, bool transmit);
  std::optional<std::uint16_t> free_number() const;

  RouteSocket& socket_;
  const BridgePortState& original_;
  std::unordered_map<vdp::VsiId, Limited> vsis_;
  std::map<std::uint16_t, vdp::VsiId> numbers_;
  bool receives_ = false;  ///< HTB is on the port
  int ifb_ = 0;            ///< index; 0: there is none
};

}  // namespace agent::net
