// SPDX-License-Identifier: Apache-2.0
#include "lldp/transmit_timer_machine.hpp"

namespace lldp {

// clang-format off
// newNeighbor comes first: one LLDPDU then answers a change and the timer as well.
constexpr base::Arrow<TransmitTimerMachine> TransmitTimerMachine::kDiagram[] = {
  // from                      when                                     to
  {std::nullopt,               &TransmitTimerMachine::tx_disabled,      State::kTxTimerInitialize},
  {State::kTxTimerInitialize,  &TransmitTimerMachine::tx_enabled,       State::kTxTimerIdle},
  {State::kTxTimerIdle,        &TransmitTimerMachine::tx_tick,          State::kTxTick},
  {State::kTxTimerIdle,        &TransmitTimerMachine::new_neighbor,     State::kTxFastStart},
  {State::kTxTimerIdle,        &TransmitTimerMachine::tx_ttr_expired,   State::kTxTimerExpires},
  {State::kTxTimerIdle,        &TransmitTimerMachine::local_change,     State::kSignalTx},
  {State::kTxTick,             &TransmitTimerMachine::always,           State::kTxTimerIdle},
  {State::kTxFastStart,        &TransmitTimerMachine::always,           State::kTxTimerExpires},
  {State::kTxTimerExpires,     &TransmitTimerMachine::always,           State::kSignalTx},
  {State::kSignalTx,           &TransmitTimerMachine::always,           State::kTxTimerIdle},
};
// clang-format on

void TransmitTimerMachine::run(base::Instant now) {
  now_ = now;
  base::run<kDiagram>(*this);
}

std::optional<base::Instant> TransmitTimerMachine::deadline() const {
  if (state_ != State::kTxTimerIdle) return std::nullopt;
  if (v_.tx_now && v_.tx_credit == 0) return std::min(tx_ttr_ends_, next_tick());
  return tx_ttr_ends_;
}

void TransmitTimerMachine::enter(State state) {
  state_ = state;
  switch (state) {
    case State::kTxTimerInitialize: initialize(); break;
    case State::kTxTimerIdle: break;
    case State::kTxTimerExpires:
      if (tx_fast_ > 0) --tx_fast_;
      break;
    case State::kTxTick: add_credit(); break;
    case State::kSignalTx: signal_tx(); break;
    case State::kTxFastStart:
      v_.new_neighbor = false;
      if (tx_fast_ == 0) tx_fast_ = v_.config.timers.tx_fast_init;
      break;
  }
}

/// txShutdownWhile is not cleared here, unlike in the figure: it belongs to the transmit machine,
/// which has to outlast this box with it.
void TransmitTimerMachine::initialize() {
  v_.tx_now = false;
  v_.local_change = false;
  v_.new_neighbor = false;
  v_.tx_credit = v_.config.timers.tx_credit_max;
  tx_ttr_ends_ = {};  // txTTR = 0: due as soon as transmission is possible
  tx_fast_ = 0;
}

/// txAddCredit() for every whole second since the last one counted.
void TransmitTimerMachine::add_credit() {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now_ - v_.ticked);
  v_.ticked += seconds;
  const auto room = v_.config.timers.tx_credit_max - v_.tx_credit;
  v_.tx_credit += static_cast<unsigned>(std::min<std::int64_t>(room, seconds.count()));
}

void TransmitTimerMachine::signal_tx() {
  const auto& timers = v_.config.timers;
  v_.tx_now = true;
  v_.local_change = false;
  tx_ttr_ends_ =
      now_ + std::chrono::seconds(tx_fast_ > 0 ? timers.msg_fast_tx : timers.msg_tx_interval);
}

std::string_view to_string(TransmitTimerMachine::State state) {
  switch (state) {
    using enum TransmitTimerMachine::State;
    case kTxTimerInitialize: return "TX_TIMER_INITIALIZE";
    case kTxTimerIdle: return "TX_TIMER_IDLE";
    case kTxTimerExpires: return "TX_TIMER_EXPIRES";
    case kTxTick: return "TX_TICK";
    case kSignalTx: return "SIGNAL_TX";
    case kTxFastStart: return "TX_FAST_START";
  }
  return "?";
}

}  // namespace lldp
