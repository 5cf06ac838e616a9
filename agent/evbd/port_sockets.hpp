// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/net/packet_socket.hpp"

namespace agent {

/// The packet sockets of a port: LLDP's, CDCP's if it has S-channels, and one for each dialect of
/// ECP that it may speak.
/// Whichever of them wakes the loop, waiting LLDPDUs are read before waiting ECPDUs: a bridge has
/// to know its neighbour before it is asked for anything.
class PortSockets {
 public:
  struct Destinations {
    lldp::MacAddress lldp;
    std::vector<net::FrameMatch> others;  ///< CDCP's LLDP before each dialect's ECP
    friend bool operator==(const Destinations&, const Destinations&) = default;
  };

  /// `drained`, if any, is called from the loop when the frames that woke it are handed over.
  PortSockets(boost::asio::io_context& loop, std::function<void(base::Bytes)> received,
              std::function<void(const std::string&)> trouble,
              std::function<void()> drained = nullptr);

  /// The error is a sentence; nothing is open then.
  tl::expected<void, std::string> open(int interface, const Destinations& to, net::Tap tap);
  void close();
  bool is_open() const { return lldp_.is_open(); }
  tl::expected<void, std::string> send(base::Bytes frame);
  /// Hands over the frames that wait; nothing from inside of the handing over.
  void drain();

 private:
  void wait(net::PacketSocket& socket);
  void drain(net::PacketSocket& socket);

  boost::asio::io_context& loop_;
  net::PacketSocket lldp_;
  struct OtherSocket {
    net::FrameMatch match;
    net::PacketSocket socket;
  };
  std::deque<OtherSocket> others_;  // stay where they are: handlers refer to them
  std::function<void(base::Bytes)> received_;
  std::function<void(const std::string&)> trouble_;
  std::function<void()> drained_;
  /// Handlers that were queued before close() or the destructor find it gone.
  std::shared_ptr<int> opened_;
};

}  // namespace agent
