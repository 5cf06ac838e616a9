// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "lldp/agent_variables.hpp"
#include "lldp/base/machine.hpp"

namespace lldp {

/// The transmit state machine of 802.1AB (9.2.8): sends LLDPDUs when the timer machine wants them
/// and the credit allows, and the shutdown LLDPDU when transmission is turned off.
class TransmitMachine {
 public:
  enum class State : std::uint8_t {
    kTxLldpInitialize,
    kTxIdle,
    kTxInfoFrame,
    kTxShutdownFrame,
  };
  static const base::Arrow<TransmitMachine> kDiagram[6];

  explicit TransmitMachine(AgentVariables& variables) : v_(variables) {}

  void run(base::Instant now, LldpOutputs& out);
  /// When txShutdownWhile ends.
  std::optional<base::Instant> deadline() const;
  /// Ends the identity under which we were known: the chassis or port ID is about to change.
  void retire_identity(LldpOutputs& out);

  State state() const { return state_; }
  void enter(State state);
  base::ArrowLog& arrow_log() { return arrow_log_; }
  const base::ArrowLog& arrow_log() const { return arrow_log_; }

 private:
  bool always() const { return true; }
  bool port_disabled() const { return !v_.port_enabled; }
  bool tx_enabled() const { return v_.transmit_enabled(); }
  bool tx_disabled() const { return !v_.transmit_enabled(); }
  bool may_send() const { return v_.tx_now && v_.tx_credit > 0; }
  bool shutdown_over() const { return now_ >= shutdown_ends_; }

  void send_info_frame();
  void send_shutdown_frame(LldpOutputs& out);

  AgentVariables& v_;
  State state_ = State::kTxLldpInitialize;
  base::Instant now_{};
  base::Instant shutdown_ends_{};  // txShutdownWhile
  bool announced_ = false;         // an LLDPDU was sent that has not been taken back
  LldpOutputs* out_ = nullptr;     // valid during run()
  base::ArrowLog arrow_log_;
};

std::string_view to_string(TransmitMachine::State state);

}  // namespace lldp
