// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "lldp/agent_variables.hpp"
#include "lldp/base/machine.hpp"
#include "lldp/lldpdu.hpp"
#include "lldp/remote_table.hpp"

namespace lldp {

/// The receive state machine of 802.1AB (9.2.10) and the remote systems that it keeps.
class ReceiveMachine {
 public:
  enum class State : std::uint8_t {
    kLldpWaitPortOperational,
    kDeleteAgedInfo,
    kRxLldpInitialize,
    kRxWaitForFrame,
    kRxFrame,
    kDeleteInfo,
    kUpdateInfo,
  };
  static const base::Arrow<ReceiveMachine> kDiagram[13];

  explicit ReceiveMachine(AgentVariables& variables) : v_(variables) {}

  void run(base::Instant now, LldpOutputs& out);
  /// An LLDPDU arrived; it is ignored unless the machine waits for one.
  void receive(base::Instant now, base::Bytes lldpdu, const MacAddress& source, LldpOutputs& out);
  /// When the next remote system ages or tooManyNeighbors clears.
  std::optional<base::Instant> deadline() const;

  const RemoteTable& remote() const { return remote_; }
  bool too_many_neighbors() const { return too_many_until_.has_value(); }

  State state() const { return state_; }
  void enter(State state);
  base::ArrowLog& arrow_log() { return arrow_log_; }
  const base::ArrowLog& arrow_log() const { return arrow_log_; }

 private:
  /// What rxProcessFrame() found out of the frame at hand.
  enum class Verdict : std::uint8_t { kBadFrame, kShutdown, kChanged, kUnchanged };

  bool always() const { return true; }
  bool port_disabled() const { return !v_.port_enabled; }
  bool port_enabled() const { return v_.port_enabled; }
  bool port_left_info() const { return !v_.port_enabled && !remote_.empty(); }
  bool rx_enabled() const { return v_.receive_enabled(); }
  bool rx_disabled() const { return !v_.receive_enabled(); }
  bool rcv_frame() const { return received_.has_value(); }
  bool rx_info_age() const { return remote_.next_age() && *remote_.next_age() <= now_; }
  bool shutdown() const { return verdict_ == Verdict::kShutdown; }
  bool rx_changes() const { return verdict_ == Verdict::kChanged; }

  struct Received {
    base::Bytes lldpdu;
    MacAddress source;
  };

  Verdict process_frame();
  Verdict judge();
  Verdict refuse(base::DecodeError error);
  void note_too_many();
  void delete_info(State from);
  void delete_all();
  void update_info();

  AgentVariables& v_;
  RemoteTable remote_;
  State state_ = State::kLldpWaitPortOperational;
  base::Instant now_{};
  std::optional<Received> received_;  // rcvFrame
  Lldpdu lldpdu_;                     // the frame at hand, in RX_FRAME and after
  MacAddress source_;
  Verdict verdict_ = Verdict::kBadFrame;
  std::optional<base::Instant> too_many_until_;  // tooManyNeighborsTimer
  LldpOutputs* out_ = nullptr;                   // valid during run()
  base::ArrowLog arrow_log_;
};

std::string_view to_string(ReceiveMachine::State state);

}  // namespace lldp
