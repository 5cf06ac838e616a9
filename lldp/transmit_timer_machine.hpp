// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "lldp/agent_variables.hpp"
#include "lldp/base/machine.hpp"

namespace lldp {

/// The transmit timer state machine of 802.1AB (9.2.9): says when an LLDPDU is due. Its timers are
/// instants; a second is counted when somebody looks, so an idle port does not wake for ticks.
class TransmitTimerMachine {
 public:
  enum class State : std::uint8_t {
    kTxTimerInitialize,
    kTxTimerIdle,
    kTxTimerExpires,
    kTxTick,
    kSignalTx,
    kTxFastStart,
  };
  static const base::Arrow<TransmitTimerMachine> kDiagram[10];

  /// `variables` hold the configuration already: the first box, TX_TIMER_INITIALIZE, is run here.
  explicit TransmitTimerMachine(AgentVariables& variables) : v_(variables) { initialize(); }

  void run(base::Instant now);
  /// When txTTR runs out, or when the credit comes that an LLDPDU waits for.
  std::optional<base::Instant> deadline() const;

  State state() const { return state_; }
  void enter(State state);
  base::ArrowLog& arrow_log() { return arrow_log_; }
  const base::ArrowLog& arrow_log() const { return arrow_log_; }

 private:
  bool always() const { return true; }
  bool tx_disabled() const { return !v_.port_enabled || !v_.transmit_enabled(); }
  bool tx_enabled() const { return !tx_disabled(); }
  bool new_neighbor() const { return v_.new_neighbor; }
  bool local_change() const { return v_.local_change; }
  bool tx_ttr_expired() const { return now_ >= tx_ttr_ends_; }
  bool tx_tick() const {
    return v_.tx_credit < v_.config.timers.tx_credit_max && now_ >= next_tick();
  }

  base::Instant next_tick() const { return v_.ticked + std::chrono::seconds(1); }
  void initialize();
  void add_credit();
  void signal_tx();

  AgentVariables& v_;
  State state_ = State::kTxTimerInitialize;
  base::Instant now_{};
  base::Instant tx_ttr_ends_{};  // txTTR
  unsigned tx_fast_ = 0;         // txFast
  base::ArrowLog arrow_log_;
};

std::string_view to_string(TransmitTimerMachine::State state);

}  // namespace lldp
