// SPDX-License-Identifier: Apache-2.0
#include "lldp/draft02_negotiation.hpp"

#include <algorithm>

namespace lldp {
namespace {

constexpr std::uint8_t kMaxRetries = 2;  // three transmissions, as lldpad does

}  // namespace

Draft02Negotiation::Draft02Negotiation(const EvbProposal& proposal) : proposal_(proposal) {
  negotiate();
}

void Draft02Negotiation::set_proposal(const EvbProposal& proposal) {
  proposal_ = proposal;
  negotiate();
}

void Draft02Negotiation::set_remote(const std::optional<Draft02EvbTlv>& remote) {
  remote_ = remote;
  negotiate();
}

void Draft02Negotiation::set_relay_in_force(bool on) {
  relay_in_force_ = on;
  negotiate();
}

bool Draft02Negotiation::relay_wanted() const {
  return proposal_.role == EvbRole::kBridge && operational_.on && proposal_.reflective_relay &&
         remote_->configured.reflective_relay;
}

std::optional<Draft02EvbTlv> Draft02Negotiation::local() const {
  if (!proposal_.transmit) return std::nullopt;
  Draft02EvbTlv tlv;
  tlv.supported = {.standard_bridging = true,
                   .reflective_relay = proposal_.reflective_relay,
                   .rte = true,
                   .ecp = true,
                   .vdp = true};
  auto& chosen = tlv.configured;
  if (proposal_.role == EvbRole::kBridge) {
    chosen.reflective_relay = operational_.relay_status == RelayStatus::kOn;
  } else {
    chosen.reflective_relay =
        proposal_.reflective_relay && (!remote_ || remote_->supported.reflective_relay);
  }
  chosen.standard_bridging = !chosen.reflective_relay;
  chosen.rte = !remote_ || remote_->supported.rte;
  chosen.ecp = !remote_ || remote_->supported.ecp;
  chosen.vdp = !remote_ || remote_->supported.vdp;
  // The number of VSIs stays 0: each change of it would cost an LLDPDU, and nobody acts on it.
  tlv.retransmit_exponent = operational_.retransmit_exponent;
  return tlv;
}

void Draft02Negotiation::negotiate() {
  EvbOperational& use = operational_;
  use.dialect = Dialect::kDraft02;
  use.on = proposal_.transmit && remote_ && remote_->supported.ecp && remote_->supported.vdp;
  use.max_retries = kMaxRetries;
  use.retransmit_exponent = use.on && !proposal_.manual ? std::max(proposal_.retransmit_exponent,
                                                                   remote_->retransmit_exponent)
                                                        : proposal_.retransmit_exponent;
  use.resource_wait_delay = use.reinit_keep_alive = 0;
  use.group_ids = false;
  if (proposal_.role == EvbRole::kBridge) {
    use.relay_status = relay_wanted() && relay_in_force_ ? RelayStatus::kOn : RelayStatus::kOff;
  } else if (!use.on) {
    use.relay_status = RelayStatus::kUnknown;
  } else {
    use.relay_status = remote_->configured.reflective_relay ? RelayStatus::kOn : RelayStatus::kOff;
  }
}

}  // namespace lldp
