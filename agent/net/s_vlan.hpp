// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "agent/net/route_socket.hpp"

namespace agent::net {

/// A VLAN device of 802.1ad, which carries one S-channel: what it sends gets an S-tag (88A8) with
/// the SVID.
struct SVlan {
  std::string name;
  int lower = 0;  ///< index of the device below
  std::uint16_t svid = 0;
  std::string alias;  ///< by which its maker knows it again
  int master = 0;     ///< index of the bridge that it becomes a port of; 0: none
  friend bool operator==(const SVlan&, const SVlan&) = default;
};

/// Makes and removes such devices. Errors are sentences.
class SVlanControl {
 public:
  using Done = tl::expected<void, std::string>;

  static tl::expected<SVlanControl, std::string> open();

  /// Whether this kernel has VLAN devices; makes none.
  Done supported();
  /// Made and marked in one call: a killed agent leaves none without its mark. It goes up last, as
  /// a port of a bridge locked.
  Done add(const SVlan& device);
  Done set_up(const std::string& name, int index, bool up);
  /// One that is gone already is no error.
  Done remove(const std::string& name, int index);

 private:
  explicit SVlanControl(RouteSocket socket) : socket_(std::move(socket)) {}
  RouteSocket socket_;
};

}  // namespace agent::net
