// SPDX-License-Identifier: Apache-2.0
#include "lldp/ecp_transmitter.hpp"

#include <cassert>
#include <utility>

namespace lldp {

// clang-format off
constexpr base::Arrow<EcpTransmitter> EcpTransmitter::kDiagram[] = {
    // from                  when                                to
    {std::nullopt,           &EcpTransmitter::port_down,         State::kInitTransmit},
    {State::kInitTransmit,   &EcpTransmitter::always,            State::kWaitForReq},
    {State::kWaitForReq,     &EcpTransmitter::request_received,  State::kTransmitEcpdu},
    {State::kTransmitEcpdu,  &EcpTransmitter::ack_received,      State::kWaitForReq},
    {State::kTransmitEcpdu,  &EcpTransmitter::may_resend,        State::kTransmitEcpdu},
    {State::kTransmitEcpdu,  &EcpTransmitter::ack_overdue,       State::kCountErrors},
    {State::kCountErrors,    &EcpTransmitter::always,            State::kWaitForReq},
};
// clang-format on

void EcpTransmitter::enter(State state) {
  state_ = state;
  ack_timer_.reset();
  switch (state) {
    case State::kInitTransmit:
      // The figure clears the sequence here. We go on counting: the peer may not have seen the port
      // go, and would take the old number for a repetition.
      request_received_ = false;
      break;
    case State::kWaitForReq:
      request_received_ = false;
      ack_received_ = false;
      retries_ = 0;
      break;
    case State::kTransmitEcpdu:
      ++(retries_ == 0 ? counters_.sent : counters_.retries);
      ++retries_;
      out_->push_back(SendEcpdu{ecpdu_});
      ack_timer_ = now_ + limits_.ack_time;
      break;
    case State::kCountErrors:
      ++counters_.failures;
      out_->push_back(EcpGivenUp{sequence_});
      break;
  }
}

void EcpTransmitter::port_enabled(base::Instant now, bool enabled, EcpOutputs& out) {
  enabled_ = enabled;
  run(now, out);
}

void EcpTransmitter::request(base::Instant now, base::Bytes ulpdu, EcpOutputs& out) {
  assert(ready());
  ++sequence_;  // after 65535 comes 0
  ecpdu_ = framing_->request(sequence_, ulpdu);
  request_received_ = true;
  run(now, out);
}

void EcpTransmitter::acknowledge(base::Instant now, std::uint16_t sequence, EcpOutputs& out) {
  if (state_ != State::kTransmitEcpdu || sequence != sequence_) {
    ++counters_.acks_ignored;
    return;
  }
  ++counters_.acks;
  ack_received_ = true;
  out.push_back(EcpAcknowledged{sequence});
  run(now, out);
}

void EcpTransmitter::time_passed(base::Instant now, EcpOutputs& out) { run(now, out); }

void EcpTransmitter::run(base::Instant now, EcpOutputs& out) {
  now_ = now;
  out_ = &out;
  base::run<kDiagram>(*this);
  out_ = nullptr;
}

std::string_view to_string(EcpTransmitter::State state) {
  switch (state) {
    case EcpTransmitter::State::kInitTransmit: return "INIT_TRANSMIT";
    case EcpTransmitter::State::kWaitForReq: return "WAIT_FOR_REQ";
    case EcpTransmitter::State::kTransmitEcpdu: return "TRANSMIT_ECPDU";
    case EcpTransmitter::State::kCountErrors: return "COUNT_ERRORS";
  }
  return "?";
}

}  // namespace lldp
