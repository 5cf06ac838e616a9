// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/journal.hpp"

namespace agent::capture {

/// One port in a recording: from when it was recorded, and as what.
struct Tape {
  std::string port;
  vdp::PortConfig config;  ///< at its first stimulus that is still held
  bool from_start = true;  ///< nothing of the port's life is missing
  base::Instant began;
  std::uint16_t service_vid = 0;  ///< now, of the S-channel whose VLAN device the port is; 0: none
};

/// One stimulus and what the core made of it.
struct Record {
  std::shared_ptr<Tape> tape;
  Stimulus stimulus;
  vdp::Outputs outputs;    ///< frames and facts; questions to the bridge's database are left out
  std::size_t octets = 0;  ///< of memory, about
  std::uint16_t service_vid = 0;  ///< the S-tag that the frames have below the port's VLAN device
};
using Records = std::vector<std::shared_ptr<const Record>>;

/// What a recording holds, and how full it is.
struct RecorderStatus {
  bool on = false;
  std::vector<std::string> ports;  ///< empty: all
  std::size_t frames = 0;
  std::size_t stimuli = 0;
  std::uint64_t dropped = 0;  ///< stimuli that had to make room
  std::size_t octets = 0;
  std::size_t max_octets = 0;
};

inline constexpr std::size_t kDefaultMaxOctets = std::size_t{16} << 20U;

/// What goes through the ports' doors, in a ring of bounded memory. While it is off, ports have no
/// tape, and a test of that pointer is all that it costs them.
class Recorder {
 public:
  /// Called when it was started or stopped: every port has to ask for its tape anew.
  std::function<void()> on_switch;

  /// Forgets what an earlier recording held.
  void start(std::vector<std::string> ports, std::size_t max_octets);
  /// What was recorded stays until the next start.
  void stop();

  /// The tape of a port, nullptr when it is not recorded. `from_start`: the port has been fed
  /// nothing yet.
  std::shared_ptr<Tape> tape(std::string_view port, const vdp::PortConfig& config, bool from_start,
                             base::Instant now) const;
  /// Inputs that were given to the core in one call, and what it put out.
  void record(const std::shared_ptr<Tape>& tape, base::Instant now,
              std::span<const vdp::Input> inputs, const vdp::Outputs& outputs);

  RecorderStatus status() const;
  /// What the ring holds now, in its order.
  Records records() const { return {ring_.begin(), ring_.end()}; }

 private:
  void make_room();

  RecorderStatus status_;
  std::deque<std::shared_ptr<const Record>> ring_;
};

}  // namespace agent::capture
