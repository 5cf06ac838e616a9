// SPDX-License-Identifier: Apache-2.0
#include "lldp/ecp_receiver.hpp"

namespace lldp {

// clang-format off
constexpr base::Arrow<EcpReceiver> EcpReceiver::kDiagram[] = {
    // from                 when                          to
    {std::nullopt,          &EcpReceiver::port_down,      State::kReceiveWait},
    {State::kReceiveWait,   &EcpReceiver::ecpdu_received, State::kReceiveFirst},
    {State::kReceiveFirst,  &EcpReceiver::always,         State::kReceiveEcpdu},
    {State::kReceiveEcpdu,  &EcpReceiver::is_new,         State::kNewEcpdu},
    {State::kReceiveEcpdu,  &EcpReceiver::ecpdu_received, State::kSendAck},
    {State::kNewEcpdu,      &EcpReceiver::always,         State::kSendAck},
    {State::kSendAck,       &EcpReceiver::always,         State::kReceiveEcpdu},
};
// clang-format on

void EcpReceiver::enter(State state) {
  const State left = state_;
  state_ = state;
  switch (state) {
    case State::kReceiveWait:
    case State::kReceiveEcpdu: break;
    case State::kReceiveFirst:
      last_sequence_ = static_cast<std::uint16_t>(sequence_ - 1);  // so that any number is new
      break;
    case State::kNewEcpdu:
      last_sequence_ = sequence_;
      ++counters_.received;
      out_->push_back(DeliverUlpdu{ulpdu_});
      break;
    case State::kSendAck:
      if (left == State::kReceiveEcpdu) ++counters_.duplicates;
      ecpdu_received_ = false;
      out_->push_back(SendEcpdu{framing_->ack(sequence_, ulpdu_)});
      break;
  }
}

void EcpReceiver::port_enabled(bool enabled) {
  enabled_ = enabled;
  ecpdu_received_ = false;
  base::run<kDiagram>(*this);
}

void EcpReceiver::receive(std::uint16_t sequence, base::Bytes ulpdu, EcpOutputs& out) {
  if (!enabled_) return;
  sequence_ = sequence;
  ulpdu_ = ulpdu;
  ecpdu_received_ = true;
  out_ = &out;
  base::run<kDiagram>(*this);
  out_ = nullptr;
  ulpdu_ = {};
}

std::optional<std::uint16_t> EcpReceiver::last_sequence() const {
  if (state_ == State::kReceiveWait) return std::nullopt;
  return last_sequence_;
}

std::string_view to_string(EcpReceiver::State state) {
  switch (state) {
    case EcpReceiver::State::kReceiveWait: return "RECEIVE_WAIT";
    case EcpReceiver::State::kReceiveFirst: return "RECEIVE_FIRST";
    case EcpReceiver::State::kReceiveEcpdu: return "RECEIVE_ECPDU";
    case EcpReceiver::State::kNewEcpdu: return "NEW_ECPDU";
    case EcpReceiver::State::kSendAck: return "SEND_ACK";
  }
  return "?";
}

}  // namespace lldp
