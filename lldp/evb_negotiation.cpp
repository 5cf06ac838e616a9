// SPDX-License-Identifier: Apache-2.0
#include "lldp/evb_negotiation.hpp"

#include <algorithm>

namespace lldp {
namespace {

/// The octet that describes the other end is repeated as it was heard; a reserved bit has no field
/// in EvbTlv, so none is repeated. Nothing heard: all zero.
void echo_bridge_status(EvbTlv& tlv, const EvbTlv& heard) {
  tlv.bridge_group_ids = heard.bridge_group_ids;
  tlv.relay_capable = heard.relay_capable;
  tlv.relay_control = heard.relay_control;
}

void echo_station_status(EvbTlv& tlv, const EvbTlv& heard) {
  tlv.station_group_ids = heard.station_group_ids;
  tlv.relay_request = heard.relay_request;
  tlv.relay_status = heard.relay_status;
}

}  // namespace

EvbNegotiation::EvbNegotiation(const EvbProposal& proposal) : proposal_(proposal) { negotiate(); }

void EvbNegotiation::set_proposal(const EvbProposal& proposal) {
  proposal_ = proposal;
  negotiate();
}

void EvbNegotiation::set_remote(const std::optional<EvbTlv>& remote) {
  remote_ = remote;
  negotiate();
}

void EvbNegotiation::set_relay_in_force(bool on) {
  relay_in_force_ = on;
  negotiate();
}

bool EvbNegotiation::relay_wanted() const {
  return proposal_.role == EvbRole::kBridge && operational_.on && proposal_.reflective_relay &&
         remote_->relay_request;
}

std::optional<EvbTlv> EvbNegotiation::local() const {
  if (!proposal_.transmit) return std::nullopt;
  EvbTlv tlv;
  tlv.max_retries = proposal_.max_retries;
  tlv.retransmit_exponent = proposal_.retransmit_exponent;
  // Both ends write what they propose, never the larger of what they heard. The station's RKA is
  // said to carry the value in use, but a bridge that writes max(own, heard), as lldpad does, would
  // give that value back for ever: neither end could lower it again. With ROL beside it, the
  // proposal says as much, and every bridge known takes the larger of both anyway.
  tlv.resource_wait_delay = proposal_.resource_wait_delay;
  tlv.reinit_keep_alive = proposal_.reinit_keep_alive;
  tlv.remote_rwd = operational_.resource_wait_delay != proposal_.resource_wait_delay;
  tlv.remote_rka = operational_.reinit_keep_alive != proposal_.reinit_keep_alive;

  const EvbTlv heard = operational_.on ? *remote_ : EvbTlv{.relay_status = RelayStatus::kOff};
  if (proposal_.role == EvbRole::kStation) {
    tlv.mode = EvbMode::kEvbStation;
    tlv.station_group_ids = proposal_.group_ids;
    tlv.relay_request = proposal_.reflective_relay;
    tlv.relay_status = operational_.relay_status;
    echo_bridge_status(tlv, heard);
  } else {
    tlv.mode = EvbMode::kEvbBridge;
    tlv.bridge_group_ids = proposal_.group_ids;
    tlv.relay_capable = proposal_.reflective_relay;
    tlv.relay_control = operational_.relay_status == RelayStatus::kOn;
    echo_station_status(tlv, heard);
  }
  return tlv;
}

void EvbNegotiation::negotiate() {
  const bool bridge = proposal_.role == EvbRole::kBridge;
  EvbOperational& use = operational_;
  use.on = proposal_.transmit && remote_ && remote_->mode == other_mode(proposal_.role);
  const EvbTlv heard = use.on ? *remote_ : EvbTlv{};
  const auto larger = [&](std::uint8_t ours, std::uint8_t theirs) {
    return use.on && !proposal_.manual ? std::max(ours, theirs) : ours;
  };
  use.max_retries = larger(proposal_.max_retries, heard.max_retries);
  use.retransmit_exponent = larger(proposal_.retransmit_exponent, heard.retransmit_exponent);
  use.resource_wait_delay = larger(proposal_.resource_wait_delay, heard.resource_wait_delay);
  use.reinit_keep_alive = larger(proposal_.reinit_keep_alive, heard.reinit_keep_alive);
  use.group_ids =
      use.on && proposal_.group_ids && (bridge ? heard.station_group_ids : heard.bridge_group_ids);
  if (bridge) {
    const bool control = relay_wanted() && relay_in_force_;
    use.relay_status = control ? RelayStatus::kOn : RelayStatus::kOff;
  } else if (!use.on) {
    use.relay_status = RelayStatus::kUnknown;
  } else {
    use.relay_status = heard.relay_control ? RelayStatus::kOn : RelayStatus::kOff;
  }
}

}  // namespace lldp
