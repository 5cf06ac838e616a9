// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lldp/base/bytes.hpp"
#include "lldp/base/machine.hpp"
#include "lldp/base/time.hpp"
#include "lldp/ecp_transmitter.hpp"

namespace lldp {

/// The ECP receive machine (figure 43-3): every request is acknowledged, a repeated sequence is not
/// delivered again. There is no window: any other sequence than the last is new.
class EcpReceiver {
 public:
  enum class State : std::uint8_t {
    kReceiveWait,
    kReceiveFirst,
    kReceiveEcpdu,
    kNewEcpdu,
    kSendAck,
  };
  static const base::Arrow<EcpReceiver> kDiagram[7];

  struct Counters {
    std::uint64_t received = 0;    ///< new ECPDUs
    std::uint64_t duplicates = 0;  ///< repeated ones
  };

  void port_enabled(bool enabled);
  void set_framing(const EcpFraming& framing) { framing_ = &framing; }
  /// A request arrived. Outputs: DeliverUlpdu if it is new, and SendEcpdu with the acknowledgement.
  void receive(std::uint16_t sequence, base::Bytes ulpdu, EcpOutputs& out);

  /// Sequence of the last request, unless none came since the port was enabled.
  std::optional<std::uint16_t> last_sequence() const;
  const Counters& counters() const { return counters_; }

  // For the engine.
  State state() const { return state_; }
  void enter(State state);
  base::ArrowLog& arrow_log() { return arrows_; }
  const base::ArrowLog& arrow_log() const { return arrows_; }

 private:
  bool always() const { return true; }
  bool port_down() const { return !enabled_; }
  bool ecpdu_received() const { return ecpdu_received_; }
  bool is_new() const { return ecpdu_received_ && sequence_ != last_sequence_; }

  const EcpFraming* framing_ = &ecp_framing(Dialect::kRatified);
  State state_ = State::kReceiveWait;
  bool enabled_ = false;
  bool ecpdu_received_ = false;
  std::uint16_t sequence_ = 0;
  std::uint16_t last_sequence_ = 0;
  base::Bytes ulpdu_;
  Counters counters_;
  base::ArrowLog arrows_;
  EcpOutputs* out_ = nullptr;
};

std::string_view to_string(EcpReceiver::State state);

}  // namespace lldp
