// SPDX-License-Identifier: Apache-2.0
#include "lldp/transmit_machine.hpp"

#include "lldp/lldpdu.hpp"

namespace lldp {

// clang-format off
constexpr base::Arrow<TransmitMachine> TransmitMachine::kDiagram[] = {
  // from                     when                              to
  {std::nullopt,              &TransmitMachine::port_disabled,  State::kTxLldpInitialize},
  {State::kTxLldpInitialize,  &TransmitMachine::tx_enabled,     State::kTxIdle},
  {State::kTxIdle,            &TransmitMachine::tx_disabled,    State::kTxShutdownFrame},
  {State::kTxIdle,            &TransmitMachine::may_send,       State::kTxInfoFrame},
  {State::kTxInfoFrame,       &TransmitMachine::always,         State::kTxIdle},
  {State::kTxShutdownFrame,   &TransmitMachine::shutdown_over,  State::kTxLldpInitialize},
};
// clang-format on

void TransmitMachine::run(base::Instant now, LldpOutputs& out) {
  now_ = now;
  out_ = &out;
  base::run<kDiagram>(*this);
  out_ = nullptr;
}

std::optional<base::Instant> TransmitMachine::deadline() const {
  if (state_ != State::kTxShutdownFrame) return std::nullopt;
  return shutdown_ends_;
}

void TransmitMachine::retire_identity(LldpOutputs& out) {
  if (announced_) send_shutdown_frame(out);
}

void TransmitMachine::enter(State state) {
  state_ = state;
  switch (state) {
    case State::kTxLldpInitialize: announced_ = false; break;
    case State::kTxIdle: break;
    case State::kTxInfoFrame: send_info_frame(); break;
    case State::kTxShutdownFrame:
      send_shutdown_frame(*out_);
      shutdown_ends_ = now_ + std::chrono::seconds(v_.config.timers.reinit_delay);
      break;
  }
}

void TransmitMachine::send_info_frame() {
  auto lldpdu = encode_lldpdu(v_.config.local, v_.tx_ttl());
  if (lldpdu.tlvs_left_out > 0) ++v_.counters.length_errors;
  ++v_.counters.frames_out;
  out_->push_back(SendLldpdu{std::move(lldpdu.octets)});
  v_.spend_credit(now_);
  v_.tx_now = false;
  announced_ = true;
}

void TransmitMachine::send_shutdown_frame(LldpOutputs& out) {
  ++v_.counters.frames_out;
  out.push_back(SendLldpdu{encode_shutdown_lldpdu(v_.config.local)});
  announced_ = false;
}

std::string_view to_string(TransmitMachine::State state) {
  switch (state) {
    using enum TransmitMachine::State;
    case kTxLldpInitialize: return "TX_LLDP_INITIALIZE";
    case kTxIdle: return "TX_IDLE";
    case kTxInfoFrame: return "TX_INFO_FRAME";
    case kTxShutdownFrame: return "TX_SHUTDOWN_FRAME";
  }
  return "?";
}

}  // namespace lldp
