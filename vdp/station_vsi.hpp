// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "lldp/base/machine.hpp"
#include "lldp/base/time.hpp"
#include "vdp/port_events.hpp"
#include "vdp/vdpdu.hpp"

namespace vdp {

/// A command to the bridge: one of the four association types and its parameters.
struct Command {
  AssociationType type = AssociationType::kAssociate;
  ManagerId manager;
  VsiType vsi_type;
  FilterInfo filters;
  MigrationHint migration;
};

/// What came of a command or of an association.
struct StationOutcome {
  VsiCause cause = VsiCause::kConfirmed;
  AssociationType command = AssociationType::kAssociate;
  Reason reason = Reason::kSuccess;
  bool hard = false;
  bool keep = false;
  bool keep_alive = false;  ///< the answer to a keep-alive, not to a command
};

/// The station's machine of one VSI (figure 41-6, clause 41.5.3). It says when it has a TLV to send
/// (`to_transmit`) and is told when the TLV leaves (`transmitted`): waitWhile starts only then, so
/// a VSI that queues behind others does not run out of time before it has spoken.
class StationVsi {
 public:
  enum class State : std::uint8_t {
    kInit,
    kStationProcessing,
    kPreassocNew,
    kAssocNew,
    kAssocComplete,
    kWaitSystemCmd,
    kTransmitKeepalive,
    kTransmitDeassoc,
  };
  static const base::Arrow<StationVsi> kDiagram[24];

  /// The two waits of 41.5.5, the same for all VSIs of a port; the owner keeps them up to date.
  struct Waits {
    base::Duration response = {};    ///< respWaitDelay
    base::Duration keep_alive = {};  ///< reinitKeepAlive
  };

  StationVsi(const VsiId& id, const Waits& waits) : id_(id), waits_(&waits) {}

  /// newCmd with this sysCmd. Taken in INIT and WAIT_SYSTEM_CMD; a De-Associate at any time, since
  /// a client that gives up must not wait for an answer to what it no longer wants.
  void command(base::Instant now, const Command& command);
  /// BEGIN: EVB went; back to INIT at once.
  void end(base::Instant now);
  /// The TLV that `to_transmit` gave is on its way.
  void transmitted(base::Instant now);
  /// A response or De-Associate for this VSI id. False: it answers nothing that was asked.
  bool receive(base::Instant now, const AssociationTlv& response);
  void time_passed(base::Instant now);
  /// Lets the keep-alive fall due now, so that it leaves with others.
  void hasten_keep_alive(base::Instant now);

  const VsiId& id() const { return id_; }
  bool wants_to_transmit() const { return transmit_; }
  AssociationTlv to_transmit() const;
  /// Its filters.
  const FilterInfo& filters_to_transmit() const { return command_to_transmit().filters; }
  /// Of the TLV to transmit.
  const ManagerId& manager() const { return command_to_transmit().manager; }
  /// Whether a new command would be taken now.
  bool at_rest() const { return state_ == State::kInit || state_ == State::kWaitSystemCmd; }
  /// Whether a De-Associate of ours is queued or under way.
  bool releasing() const {
    return state_ == State::kTransmitDeassoc ||
           (state_ == State::kStationProcessing && sys_cmd_.type == AssociationType::kDeAssociate);
  }
  VsiState vsi_state() const { return vsi_state_; }
  /// sysCmd: the command in process, or the last one.
  const Command& sys_command() const { return sys_cmd_; }
  /// operCmd, when vsi_state() is not de-associated; its VIDs are those the bridge chose.
  const Command& oper_command() const { return oper_cmd_; }
  /// The filters as the bridge granted them, with PS and PCP.
  const FilterInfo& granted() const { return granted_; }
  std::optional<base::Instant> wait_until() const { return wait_until_; }
  /// The name of the timer behind `wait_until`.
  std::string_view timer() const;
  /// What happened since it was last asked.
  std::optional<StationOutcome> take_outcome() { return std::exchange(outcome_, std::nullopt); }

  // For the engine.
  State state() const { return state_; }
  void enter(State state);
  base::ArrowLog& arrow_log() { return arrows_; }
  const base::ArrowLog& arrow_log() const { return arrows_; }

 private:
  const Command& command_to_transmit() const {
    return state_ == State::kStationProcessing ? sys_cmd_ : oper_cmd_;
  }
  void run(base::Instant now);
  void enter_init(State left);
  void take_granted();
  bool answers(const Command& command) const;
  bool hard_about(const Command& command) const;

  bool always() const { return true; }
  bool begin() const { return begin_; }
  bool new_cmd() const { return new_cmd_; }
  bool given_up() const { return new_cmd_ && sys_cmd_.type == AssociationType::kDeAssociate; }
  bool waited() const { return wait_until_ && *wait_until_ <= now_; }
  bool rx_deassociated() const {
    return rx_resp_ && rx_resp_->type == AssociationType::kDeAssociate;
  }
  bool rx_granted() const { return answers(sys_cmd_) && rx_resp_->reason == Reason::kSuccess; }
  bool rx_preassociated() const {
    return rx_granted() && sys_cmd_.type != AssociationType::kAssociate;
  }
  bool rx_associated() const {
    return rx_granted() && sys_cmd_.type == AssociationType::kAssociate;
  }
  bool rx_kept() const {
    return answers(sys_cmd_) && rx_resp_->keep_or_s && vsi_state_ == VsiState::kAssociated;
  }
  /// KEEP of what we do not hold, as after a response that was lost: each new try would keep it
  /// alive at the bridge, so it has to be released first. Not in the figure.
  bool rx_kept_unknown() const {
    return answers(sys_cmd_) && rx_resp_->reason != Reason::kSuccess && rx_resp_->keep_or_s &&
           vsi_state_ == VsiState::kDeassociated;
  }
  bool rx_refused() const { return answers(sys_cmd_); }
  bool rx_kept_alive() const { return answers(oper_cmd_) && rx_resp_->reason == Reason::kSuccess; }
  bool rx_keep_of_associate() const {
    return answers(oper_cmd_) && rx_resp_->keep_or_s &&
           oper_cmd_.type == AssociationType::kAssociate;
  }
  bool rx_keep_alive_refused() const { return answers(oper_cmd_); }
  bool rx_any() const { return rx_resp_ != nullptr && (!transmit_ || rx_deassociated()); }

  VsiId id_;
  const Waits* waits_;
  State state_ = State::kInit;
  VsiState vsi_state_ = VsiState::kDeassociated;
  bool begin_ = false;
  bool new_cmd_ = false;
  bool transmit_ = false;
  Command sys_cmd_;
  Command oper_cmd_;
  FilterInfo granted_;
  const AssociationTlv* rx_resp_ = nullptr;  ///< only while it is being handled
  std::optional<base::Instant> wait_until_;
  std::optional<StationOutcome> outcome_;
  base::ArrowLog arrows_;
  base::Instant now_{};
};

std::string_view to_string(StationVsi::State state);
/// vsiState of an agreed command.
VsiState state_after(AssociationType type);

}  // namespace vdp
