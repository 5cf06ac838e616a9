// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/state_names.hpp"

namespace agent::replay {
namespace {

using vdp::AssociationType;

bool of_draft(const VsiMoment& moment) { return moment.dialect == lldp::Dialect::kDraft02; }

std::string_view processing(AssociationType command) {
  switch (command) {
    case AssociationType::kAssociate: return "ASSOC_PROCESSING";
    case AssociationType::kDeAssociate: return "DEASSOC_PROCESSING";
    default: return "PREASSOC_PROCESSING";
  }
}

std::string_view held(const VsiMoment& moment) {
  switch (moment.state) {
    case vdp::VsiState::kDeassociated: return "UNASSOCIATED";
    case vdp::VsiState::kAssociated: return "ASSOCIATED";
    default: return "PREASSOCIATED";
  }
}

}  // namespace

std::string_view station_state(const VsiMoment& moment) {
  using State = vdp::StationVsi::State;
  if (!of_draft(moment)) return to_string(moment.station);
  switch (moment.station) {
    case State::kInit: return "UNASSOCIATED";
    case State::kStationProcessing:
    case State::kTransmitKeepalive: return processing(moment.command);
    case State::kTransmitDeassoc: return "DEASSOC_PROCESSING";
    default: return held(moment);
  }
}

std::string_view bridge_state(const VsiMoment& moment) {
  using State = vdp::BridgeVsi::State;
  if (!of_draft(moment)) return to_string(moment.bridge);
  switch (moment.bridge) {
    case State::kInit: return "UNASSOCIATED";
    case State::kBridgeProcessing:
    case State::kProcessKeepalive: return processing(moment.command);
    case State::kDeassoc:
    case State::kDeassociated: return "DEASSOC_PROCESSING";
    case State::kReleaseAll: return "EXIT";
    default: return held(moment);
  }
}

std::string manager_text(const VsiLife& life) {
  if (life.dialect == lldp::Dialect::kDraft02) return std::to_string(life.manager.octets[0]);
  return to_string(life.manager);
}

}  // namespace agent::replay
