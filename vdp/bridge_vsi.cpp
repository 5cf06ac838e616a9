// SPDX-License-Identifier: Apache-2.0
#include "vdp/bridge_vsi.hpp"

#include <utility>

#include "vdp/station_vsi.hpp"

namespace vdp {

// clang-format off
constexpr base::Arrow<BridgeVsi> BridgeVsi::kDiagram[] = {
    // from                    when                         to
    {State::kInit,             &BridgeVsi::bridge_exit,     State::kReleaseAll},
    {State::kInit,             &BridgeVsi::rx_command,      State::kBridgeProcessing},
    {State::kBridgeProcessing, &BridgeVsi::deassociating,   State::kDeassoc},
    {State::kBridgeProcessing, &BridgeVsi::bridge_exit,     State::kDeassociated},
    {State::kBridgeProcessing, &BridgeVsi::granted,         State::kSuccess},
    {State::kBridgeProcessing, &BridgeVsi::refused_keeping, State::kKeep},
    {State::kBridgeProcessing, &BridgeVsi::refused,         State::kDeassoc},
    {State::kBridgeProcessing, &BridgeVsi::waited,          State::kDeassociated},
    {State::kSuccess,          &BridgeVsi::always,          State::kWaitStationCmd},
    {State::kKeep,             &BridgeVsi::always,          State::kWaitStationCmd},
    {State::kDeassoc,          &BridgeVsi::always,          State::kReleaseAll},
    {State::kWaitStationCmd,   &BridgeVsi::bridge_exit,     State::kDeassociated},
    {State::kWaitStationCmd,   &BridgeVsi::rx_keep_alive,   State::kProcessKeepalive},
    {State::kWaitStationCmd,   &BridgeVsi::rx_command,      State::kBridgeProcessing},
    {State::kWaitStationCmd,   &BridgeVsi::waited,          State::kDeassociated},
    {State::kProcessKeepalive, &BridgeVsi::always,          State::kWaitStationCmd},
    {State::kDeassociated,     &BridgeVsi::always,          State::kReleaseAll},
};
// clang-format on

void BridgeVsi::enter(State state) {
  const State left = std::exchange(state_, state);
  const bool ran_out = waited();
  wait_until_.reset();
  switch (state) {
    case State::kInit: break;
    case State::kBridgeProcessing: enter_bridge_processing(); break;
    case State::kSuccess:
      oper_cmd_ = cmd_;
      oper_cmd_.filters = answer_.filters;
      oper_manager_ = manager_;
      event_ = VsiCause::kConfirmed;
      respond_as_agreed(oper_cmd_.type);
      break;
    case State::kKeep:
      event_ = VsiCause::kRefusedByBridge;
      respond_to_command(cmd_.type, true);
      break;
    case State::kDeassoc:
      if (deassociating()) answer_ = {};
      event_ = deassociating() ? VsiCause::kDeassociatedByClient : VsiCause::kRefusedByBridge;
      respond_to_command(AssociationType::kDeAssociate, false);
      break;
    case State::kWaitStationCmd:
      vsi_state_ = state_after(oper_cmd_.type);
      wait_until_ = now_ + rules_->keep_alive;
      break;
    case State::kProcessKeepalive:
      rx_cmd_.reset();
      respond_as_agreed(oper_cmd_.type);
      break;
    case State::kDeassociated: enter_deassociated(left, ran_out); break;
    case State::kReleaseAll:
      question_ = false;
      vsi_state_ = VsiState::kDeassociated;
      break;
  }
}

void BridgeVsi::enter_bridge_processing() {
  cmd_ = *std::exchange(rx_cmd_, std::nullopt);
  manager_ = rx_manager_;
  answered_ = false;
  event_ = VsiCause::kRequested;
  question_ = !deassociating();
  wait_until_ = now_ + rules_->resources;
}

/// The bridge ends it unasked; 41.2.3 has a reason for a manager that does not answer, none for a
/// station that does not.
void BridgeVsi::enter_deassociated(State left, bool ran_out) {
  const bool processing = left == State::kBridgeProcessing;
  const auto waited_for = processing ? VsiCause::kNoResources : VsiCause::kNoKeepAlive;
  event_ = ran_out && !exit_ ? waited_for : VsiCause::kDeassociatedByBridge;
  const auto why = processing ? Reason::kUnreachableManager : Reason::kSuccess;
  answer_ = {.reason = exit_.value_or(why), .hard = false, .filters = {}};
  if (processing) {
    respond_to_command(AssociationType::kDeAssociate, false);
  } else {
    respond_as_agreed(AssociationType::kDeAssociate);
    response_->tlv.reason = answer_.reason;
  }
}

/// The command's own TLV back, with the outcome.
void BridgeVsi::respond_to_command(AssociationType type, bool keep) {
  response_ = BridgeResponse{manager_, cmd_, cmd_.type};
  response_->tlv.type = type;
  response_->tlv.response = true;
  response_->tlv.keep_or_s = keep;
  response_->tlv.hard_or_m = answer_.hard && answer_.reason != Reason::kSuccess;
  response_->tlv.reason = answer_.reason;
}

void BridgeVsi::respond_as_agreed(AssociationType type) {
  response_ = BridgeResponse{oper_manager_, oper_cmd_, type};
  response_->tlv.type = type;
  response_->tlv.response = true;
  response_->tlv.keep_or_s = false;
  response_->tlv.hard_or_m = false;
  response_->tlv.reason = Reason::kSuccess;
}

/// rxCmd == operCmd, zeroes and the M and S bits aside: a keep-alive must not disturb the VSI.
bool BridgeVsi::rx_keep_alive() const {
  return rx_cmd_ && rx_cmd_->type == oper_cmd_.type && rx_cmd_->vsi_type == oper_cmd_.vsi_type &&
         rx_manager_ == oper_manager_ && same_but_zeroes(rx_cmd_->filters, oper_cmd_.filters);
}

void BridgeVsi::receive(base::Instant now, const AssociationTlv& command,
                        const ManagerId& manager) {
  rx_cmd_ = command;
  rx_manager_ = manager;
  run(now);
}

void BridgeVsi::resources(base::Instant now, const ResourceAnswer& answer) {
  if (state_ != State::kBridgeProcessing) return;
  answer_ = answer;
  answered_ = true;
  run(now);
}

void BridgeVsi::end(base::Instant now, Reason reason) {
  exit_ = reason;
  run(now);
}

void BridgeVsi::time_passed(base::Instant now) { run(now); }

bool BridgeVsi::take_question() { return std::exchange(question_, false); }

std::optional<BridgeResponse> BridgeVsi::take_response() {
  return std::exchange(response_, std::nullopt);
}

std::optional<VsiCause> BridgeVsi::take_event() { return std::exchange(event_, std::nullopt); }

std::string_view BridgeVsi::timer() const {
  if (!wait_until_) return {};
  return state_ == State::kBridgeProcessing ? "resourceWaitDelay" : "toutKeepAlive";
}

void BridgeVsi::run(base::Instant now) {
  now_ = now;
  base::run<kDiagram>(*this);
}

std::string_view to_string(BridgeVsi::State state) {
  switch (state) {
    case BridgeVsi::State::kInit: return "INIT";
    case BridgeVsi::State::kBridgeProcessing: return "BRIDGE_PROCESSING";
    case BridgeVsi::State::kSuccess: return "SUCCESS";
    case BridgeVsi::State::kKeep: return "KEEP";
    case BridgeVsi::State::kDeassoc: return "DEASSOC";
    case BridgeVsi::State::kWaitStationCmd: return "WAIT_STATION_CMD";
    case BridgeVsi::State::kProcessKeepalive: return "PROCESS_KEEPALIVE";
    case BridgeVsi::State::kDeassociated: return "DEASSOCIATED";
    case BridgeVsi::State::kReleaseAll: return "RELEASE_ALL";
  }
  return "?";
}

}  // namespace vdp
