// SPDX-License-Identifier: Apache-2.0
#include "vdp/station_vsi.hpp"

#include <utility>

namespace vdp {

// clang-format off
constexpr base::Arrow<StationVsi> StationVsi::kDiagram[] = {
    // from                     when                                  to
    {std::nullopt,              &StationVsi::begin,                   State::kInit},
    {State::kInit,              &StationVsi::new_cmd,                 State::kStationProcessing},
    {State::kStationProcessing, &StationVsi::given_up,                State::kStationProcessing},
    {State::kStationProcessing, &StationVsi::rx_deassociated,         State::kInit},
    {State::kStationProcessing, &StationVsi::rx_preassociated,        State::kPreassocNew},
    {State::kStationProcessing, &StationVsi::rx_associated,           State::kAssocNew},
    {State::kStationProcessing, &StationVsi::rx_kept,                 State::kAssocComplete},
    {State::kStationProcessing, &StationVsi::rx_kept_unknown,         State::kTransmitDeassoc},
    {State::kStationProcessing, &StationVsi::rx_refused,              State::kInit},
    {State::kStationProcessing, &StationVsi::waited,                  State::kInit},
    {State::kPreassocNew,       &StationVsi::always,                  State::kWaitSystemCmd},
    {State::kAssocNew,          &StationVsi::always,                  State::kAssocComplete},
    {State::kAssocComplete,     &StationVsi::always,                  State::kWaitSystemCmd},
    {State::kWaitSystemCmd,     &StationVsi::rx_deassociated,         State::kInit},
    {State::kWaitSystemCmd,     &StationVsi::new_cmd,                 State::kStationProcessing},
    {State::kWaitSystemCmd,     &StationVsi::waited,                  State::kTransmitKeepalive},
    {State::kTransmitKeepalive, &StationVsi::given_up,                State::kStationProcessing},
    {State::kTransmitKeepalive, &StationVsi::rx_deassociated,         State::kInit},
    {State::kTransmitKeepalive, &StationVsi::rx_kept_alive,           State::kWaitSystemCmd},
    {State::kTransmitKeepalive, &StationVsi::rx_keep_of_associate,    State::kTransmitDeassoc},
    {State::kTransmitKeepalive, &StationVsi::rx_keep_alive_refused,   State::kInit},
    {State::kTransmitKeepalive, &StationVsi::waited,                  State::kInit},
    {State::kTransmitDeassoc,   &StationVsi::rx_any,                  State::kInit},
    {State::kTransmitDeassoc,   &StationVsi::waited,                  State::kInit},
};
// clang-format on

void StationVsi::enter(State state) {
  const State left = std::exchange(state_, state);
  wait_until_.reset();
  switch (state) {
    case State::kInit: enter_init(left); break;
    case State::kStationProcessing:
      new_cmd_ = false;
      rx_resp_ = nullptr;
      transmit_ = true;
      break;
    case State::kPreassocNew:
      take_granted();
      vsi_state_ = state_after(oper_cmd_.type);
      break;
    case State::kAssocNew: take_granted(); break;
    case State::kAssocComplete:
      vsi_state_ = state_after(oper_cmd_.type);
      if (left == State::kStationProcessing) {
        outcome_ = {VsiCause::kRefusedByBridge, sys_cmd_.type, rx_resp_->reason,
                    hard_about(sys_cmd_), true};
      }
      break;
    case State::kWaitSystemCmd:
      if (left == State::kTransmitKeepalive) {
        outcome_ = {.cause = VsiCause::kConfirmed, .command = oper_cmd_.type, .keep_alive = true};
      }
      // A KEEP does not say what it keeps: after a lost response that may be something newer.
      wait_until_ = rx_resp_->reason == Reason::kSuccess ? now_ + waits_->keep_alive : now_;
      rx_resp_ = nullptr;
      break;
    case State::kTransmitKeepalive: transmit_ = true; break;
    case State::kTransmitDeassoc:
      if (left == State::kStationProcessing) oper_cmd_ = sys_cmd_;
      outcome_ = {VsiCause::kRefusedByBridge, oper_cmd_.type, rx_resp_->reason,
                  hard_about(oper_cmd_)};
      rx_resp_ = nullptr;
      vsi_state_ = VsiState::kDeassociated;  // it has ended for us, whatever the answer
      transmit_ = true;
      break;
  }
}

/// Says why the association or the attempt ended, then forgets it.
void StationVsi::enter_init(State left) {
  const bool released =
      left == State::kStationProcessing && sys_cmd_.type == AssociationType::kDeAssociate;
  const Command& asked = left == State::kStationProcessing ? sys_cmd_ : oper_cmd_;
  if (begin_) {
    if (left != State::kInit) outcome_ = {VsiCause::kEvbLost, asked.type};
  } else if (left == State::kTransmitDeassoc) {
    // The refusal of the keep-alive that led here has been told already.
  } else if (released) {
    outcome_ = {VsiCause::kDeassociatedByClient, AssociationType::kDeAssociate};
  } else if (rx_resp_ == nullptr) {
    outcome_ = {VsiCause::kNoResponse, asked.type};
  } else {
    // A refusal may come as a De-Associate; without a reason the bridge simply ended it.
    const bool reasoned = rx_resp_->reason != Reason::kSuccess;
    outcome_ = {reasoned && left != State::kWaitSystemCmd ? VsiCause::kRefusedByBridge
                                                          : VsiCause::kDeassociatedByBridge,
                asked.type, rx_resp_->reason, hard_about(asked)};
  }
  rx_resp_ = nullptr;
  new_cmd_ = false;
  transmit_ = false;
  vsi_state_ = VsiState::kDeassociated;
}

/// operCmd = sysCmd, with the VIDs and GroupIDs that the bridge filled in; PS and PCP are for the
/// client to know, requests keep what the client gave.
void StationVsi::take_granted() {
  oper_cmd_ = sys_cmd_;
  granted_ = rx_resp_->filters;
  for (std::size_t i = 0; i < granted_.entries.size(); ++i) {
    auto& asked = oper_cmd_.filters.entries[i];
    auto& granted = granted_.entries[i];
    if (asked.vid == 0) asked.vid = granted.vid;
    if (granted.vid == 0) granted.vid = asked.vid;
    if (granted.group == 0) granted.group = asked.group;
    if (!granted.ps) granted.pcp = 0;
  }
  outcome_ = {VsiCause::kConfirmed, oper_cmd_.type};
}

/// Whether the response is to this command (41.5.5.10): the same type, VSI type and filters, zeroes
/// aside. A refusal need not repeat the filters; what has not left yet cannot be answered.
bool StationVsi::answers(const Command& command) const {
  return rx_resp_ != nullptr && !transmit_ && rx_resp_->response &&
         rx_resp_->type == command.type && rx_resp_->vsi_type == command.vsi_type &&
         (rx_resp_->reason != Reason::kSuccess ||
          same_but_zeroes(rx_resp_->filters, command.filters));
}

/// Whether HARD-ERROR is about this command. A late refusal of an earlier one may end the VSI, too,
/// but must not keep a different command from being tried again.
bool StationVsi::hard_about(const Command& command) const {
  return rx_resp_->reason != Reason::kSuccess && rx_resp_->hard_or_m &&
         rx_resp_->vsi_type == command.vsi_type &&
         (rx_resp_->filters.entries.empty() || same_but_zeroes(rx_resp_->filters, command.filters));
}

void StationVsi::command(base::Instant now, const Command& command) {
  sys_cmd_ = command;
  new_cmd_ = true;
  run(now);
}

void StationVsi::end(base::Instant now) {
  begin_ = true;
  run(now);
  begin_ = false;
}

void StationVsi::transmitted(base::Instant now) {
  transmit_ = false;
  wait_until_ = now + waits_->response;
}

bool StationVsi::receive(base::Instant now, const AssociationTlv& response) {
  const auto before = arrows_;
  const auto state_before = state_;
  rx_resp_ = &response;
  run(now);
  rx_resp_ = nullptr;
  return state_ != state_before || arrows_.taken() != before.taken() || outcome_.has_value();
}

void StationVsi::time_passed(base::Instant now) { run(now); }

void StationVsi::hasten_keep_alive(base::Instant now) {
  if (state_ != State::kWaitSystemCmd) return;
  wait_until_ = now;
  run(now);
}

AssociationTlv StationVsi::to_transmit() const {
  const bool processing = state_ == State::kStationProcessing;
  const Command& command = command_to_transmit();
  AssociationTlv tlv{.type = command.type,
                     .keep_or_s = processing && command.migration.from_here,
                     .hard_or_m = processing && command.migration.to_here,
                     .vsi_type = command.vsi_type,
                     .id = id_,
                     .filters = command.filters};
  if (state_ == State::kTransmitDeassoc) tlv.type = AssociationType::kDeAssociate;
  return tlv;
}

std::string_view StationVsi::timer() const {
  if (!wait_until_) return {};
  return state_ == State::kWaitSystemCmd ? "reinitKeepAlive" : "respWaitDelay";
}

void StationVsi::run(base::Instant now) {
  now_ = now;
  base::run<kDiagram>(*this);
}

VsiState state_after(AssociationType type) {
  switch (type) {
    case AssociationType::kPreAssociate: return VsiState::kPreassociated;
    case AssociationType::kPreAssociateWithReservation:
      return VsiState::kPreassociatedWithReservation;
    case AssociationType::kAssociate: return VsiState::kAssociated;
    case AssociationType::kDeAssociate: return VsiState::kDeassociated;
  }
  return VsiState::kDeassociated;
}

std::string_view to_string(StationVsi::State state) {
  switch (state) {
    case StationVsi::State::kInit: return "INIT";
    case StationVsi::State::kStationProcessing: return "STATION_PROCESSING";
    case StationVsi::State::kPreassocNew: return "PREASSOC_NEW";
    case StationVsi::State::kAssocNew: return "ASSOC_NEW";
    case StationVsi::State::kAssocComplete: return "ASSOC_COMPLETE";
    case StationVsi::State::kWaitSystemCmd: return "WAIT_SYSTEM_CMD";
    case StationVsi::State::kTransmitKeepalive: return "TRANSMIT_KEEPALIVE";
    case StationVsi::State::kTransmitDeassoc: return "TRANSMIT_DEASSOC";
  }
  return "?";
}

}  // namespace vdp
