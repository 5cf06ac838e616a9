// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "agent/evbd/port_sockets.hpp"
#include "agent/replay/part.hpp"

namespace agent::replay {

struct LiveOptions {
  std::string interface;
  /// How many times faster than recorded; nullopt: as fast as the peer answers.
  std::optional<double> speed;
  /// How long to wait for an answer that the capture has.
  std::chrono::milliseconds patience{5000};
  /// What stands in the capture, and what is sent instead (and understood so in answers): VSI ids
  /// and MAC addresses as octets of the same number.
  std::vector<std::pair<base::Octets, base::Octets>> replaced;
};

/// Plays a part against whoever is on the wire: sends its LLDPDUs and ECP requests, the latter with
/// sequence numbers that follow on, repeated until they are acknowledged; acknowledges what comes;
/// and keeps what the peer says.
class LiveRun {
 public:
  LiveRun(const Part& part, LiveOptions options);

  /// The error is a sentence.
  tl::expected<void, std::string> open();
  /// Plays to the end.
  void run();

  const Facts& answers() const { return answers_; }
  /// What else went wrong, a sentence each.
  const std::vector<std::string>& troubles() const { return troubles_; }

 private:
  void next_step();
  void play(const Step& step);
  void transmit();
  void received(base::Bytes frame);
  void received_ecp(const DecodedFrame& frame);
  void wait_for_answers();
  bool answered() const;
  void step_done();
  base::Octets outgoing(const Step& step);
  base::Octets translated(base::Bytes frame, bool to_wire) const;
  void send(base::Bytes frame);

  const Part& part_;
  LiveOptions options_;
  boost::asio::io_context loop_{1};
  agent::PortSockets sockets_;
  boost::asio::steady_timer timer_;   // the next step, or the end of patience
  boost::asio::steady_timer resend_;  // ECP's ack timer
  lldp::MacAddress address_;
  std::chrono::steady_clock::time_point began_;
  std::size_t next_ = 0;
  std::uint16_t sequence_;
  base::Octets outstanding_;  // the request that waits for its acknowledgement
  unsigned transmissions_ = 0;
  bool waiting_ = false;
  Facts answers_;
  std::vector<std::string> troubles_;
};

}  // namespace agent::replay
