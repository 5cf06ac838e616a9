// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/net/bridge_port.hpp"
#include "agent/net/bridge_state.hpp"
#include "agent/net/route_socket.hpp"

namespace agent::net {

/// Takes bridge ports over and gives them back as they were. What they were is on file in run_dir
/// while evbd holds them, so that an agent that was killed leaves nothing behind for long.
class BridgeControl {
 public:
  /// Opens the netlink socket; the error is a sentence.
  static tl::expected<BridgeControl, std::string> open(const std::string& run_dir);

  /// Locks the port: from now on it admits nobody. What a killed agent left is undone first. The
  /// error is a sentence that says what is wrong with the port and what to do.
  tl::expected<std::unique_ptr<BridgePort>, std::string> take_over(int port);
  /// Gives the port back: flags, FDB and VLANs as they were. The error is a sentence.
  tl::expected<void, std::string> give_back(const BridgePort& port);
  /// The interface left the bridge or vanished, and the kernel dropped its state with it, but for
  /// limits of bandwidth, which are taken off here.
  void forget(const BridgePort& port);
  /// Puts back every port that is on file and that `still_wanted` does not claim; returns a
  /// sentence for each.
  std::vector<std::string> give_back_leftovers(
      const std::function<bool(const std::string& port)>& still_wanted);

 private:
  BridgeControl(RouteSocket socket, const std::string& run_dir)
      : socket_(std::make_unique<RouteSocket>(std::move(socket))), files_(run_dir) {}

  tl::expected<BridgePortState, std::string> read_original(int port);
  void lift_limits(const BridgePortState& original);
  tl::expected<void, std::string> restore(const BridgePortState& original);

  std::unique_ptr<RouteSocket> socket_;  // ports keep a reference: it must not move
  BridgeStateFiles files_;
};

}  // namespace agent::net
