// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "lldp/base/machine.hpp"
#include "lldp/base/time.hpp"
#include "lldp/ecp_framing.hpp"

namespace lldp {

/// Order: send this ECPDU. A repetition has the same octets as the first.
struct SendEcpdu {
  base::Octets ecpdu;
};
/// Fact: the outstanding ECPDU was acknowledged.
struct EcpAcknowledged {
  std::uint16_t sequence;
};
/// Fact: the outstanding ECPDU was sent maxRetries+1 times and never acknowledged.
struct EcpGivenUp {
  std::uint16_t sequence;
};
/// Order: hand this request's content to the upper layer; it points into the received frame.
struct DeliverUlpdu {
  base::Bytes ulpdu;
};
using EcpOutput = std::variant<SendEcpdu, EcpAcknowledged, EcpGivenUp, DeliverUlpdu>;
using EcpOutputs = std::vector<EcpOutput>;

/// The ECP transmit machine (figure 43-2): stop and wait, one ECPDU outstanding. It is pulled: when
/// `ready()`, the upper layer may hand over its next PDU, so that a burst packs itself while an
/// ECPDU is under way.
class EcpTransmitter {
 public:
  enum class State : std::uint8_t { kInitTransmit, kWaitForReq, kTransmitEcpdu, kCountErrors };
  static const base::Arrow<EcpTransmitter> kDiagram[7];

  struct Limits {
    unsigned max_retries = 3;  ///< R: sends after the first
    base::Duration ack_time = base::exponent_time(14);
  };
  struct Counters {
    std::uint64_t sent = 0;     ///< new ECPDUs
    std::uint64_t retries = 0;  ///< repetitions
    std::uint64_t failures = 0;
    std::uint64_t acks = 0;
    std::uint64_t acks_ignored = 0;
  };

  /// The first ECPDU gets `first_sequence`. A station that restarts should not begin where it began
  /// before: a receiver takes a sequence equal to the last one it saw for a repetition.
  explicit EcpTransmitter(std::uint16_t first_sequence = 1)
      : sequence_(static_cast<std::uint16_t>(first_sequence - 1)) {}

  /// Applies from the next send on (43.3.6.1, 43.3.7.4).
  void set_limits(const Limits& limits) { limits_ = limits; }
  /// Applies from the next ECPDU on.
  void set_framing(const EcpFraming& framing) { framing_ = &framing; }
  void port_enabled(base::Instant now, bool enabled, EcpOutputs& out);
  /// Whether a PDU may be handed over now.
  bool ready() const { return state_ == State::kWaitForReq; }
  void request(base::Instant now, base::Bytes ulpdu, EcpOutputs& out);
  /// An acknowledgement with this sequence arrived.
  void acknowledge(base::Instant now, std::uint16_t sequence, EcpOutputs& out);
  void time_passed(base::Instant now, EcpOutputs& out);
  std::optional<base::Instant> deadline() const { return ack_timer_; }

  std::uint16_t sequence() const { return sequence_; }
  const Counters& counters() const { return counters_; }

  // For the engine.
  State state() const { return state_; }
  void enter(State state);
  base::ArrowLog& arrow_log() { return arrows_; }
  const base::ArrowLog& arrow_log() const { return arrows_; }

 private:
  void run(base::Instant now, EcpOutputs& out);

  bool always() const { return true; }
  bool port_down() const { return !enabled_; }
  bool request_received() const { return request_received_; }
  bool ack_received() const { return ack_received_; }
  bool ack_overdue() const { return ack_timer_ && *ack_timer_ <= now_; }
  bool may_resend() const { return ack_overdue() && retries_ <= limits_.max_retries; }

  const EcpFraming* framing_ = &ecp_framing(Dialect::kRatified);
  Limits limits_;
  State state_ = State::kInitTransmit;
  bool enabled_ = false;
  bool request_received_ = false;
  bool ack_received_ = false;
  unsigned retries_ = 0;    ///< sends of the outstanding ECPDU
  std::uint16_t sequence_;  ///< of the ECPDU sent last
  base::Octets ecpdu_;
  std::optional<base::Instant> ack_timer_;
  Counters counters_;
  base::ArrowLog arrows_;
  base::Instant now_{};
  EcpOutputs* out_ = nullptr;
};

std::string_view to_string(EcpTransmitter::State state);

}  // namespace lldp
