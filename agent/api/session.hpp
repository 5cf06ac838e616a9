// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <vector>

#include "agent/api/framing.hpp"
#include "agent/api/service.hpp"

namespace agent::api {

using UnixSocket = boost::asio::local::stream_protocol::socket;

struct SessionLimits {
  std::size_t max_message = 0;
  std::size_t max_pending_output = 0;
};

/// One connection: octets to messages to the service, and answers back. Its memory is one message
/// of input, and max_pending_output and one chunk of output.
class Session : public ClientLink, public std::enable_shared_from_this<Session> {
 public:
  Session(UnixSocket socket, Service& service, const SessionLimits& limits);

  /// Called once, when the connection is closed for whatever reason.
  std::function<void(Session*)> on_closed;

  void start();
  /// Lets the streams write what there is to write, as far as there is room.
  void pump();
  void close();

  void send(const pb::ServerMessage& message) override;
  void add(std::unique_ptr<Stream> stream) override;
  std::size_t streams() const override { return streams_.size(); }

 private:
  void read();
  void take(std::size_t octets);
  bool take_message(base::Bytes message);
  bool handle(const pb::ClientMessage& message);
  /// Tells why, and closes once that is written or the client has not taken it for a while.
  void end(pb::Code code, std::string sentence);
  void close_after(std::chrono::seconds wait);
  void write();
  void write_at_once();

  UnixSocket socket_;
  boost::asio::steady_timer timer_;
  Service& service_;
  SessionLimits limits_;
  FrameReader reader_;
  std::array<std::uint8_t, 65536> input_{};
  std::string pending_;  // whole messages that wait
  std::string writing_;  // whole messages that are being written
  std::vector<std::unique_ptr<Stream>> streams_;
  bool greeted_ = false;
  bool reading_ = false;
  bool writing_now_ = false;
  bool ending_ = false;
  bool closed_ = false;
};

}  // namespace agent::api
