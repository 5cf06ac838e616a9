// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>

#include "agent/ports.hpp"

namespace agent {

/// Makes the bridges speak that VSIs of an earlier run wait for. A bridge sends
/// an LLDPDU when a neighbour is new or when it has something new to say, else
/// each 30 s, in which it may end our VSIs. When the last run ended after its
/// first LLDPDU, ours is the same and says nothing new. But a bridge repeats
/// our station status (D.2.12), so while none is heard, one bit of it
/// alternates: SGID, which is in nobody's way before there are VSIs with
/// GroupIDs.
class Knock {
 public:
  static constexpr std::chrono::seconds kPause{1};
  static constexpr unsigned kTimes = 10;

  Knock(boost::asio::io_context& loop, Ports& ports) : ports_(ports), timer_(loop) {}

  /// From now on, a few times, on the station ports that have VSIs and hear no
  /// EVB bridge.
  void start();

 private:
  void wait();
  void knock();
  void propose(const std::string& port, bool group_ids);

  Ports& ports_;
  boost::asio::steady_timer timer_;
  unsigned left_ = 0;
  std::map<std::string, bool> knocked_;  ///< ports, and whether they really propose GroupIDs
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace agent
