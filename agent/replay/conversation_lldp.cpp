// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "agent/replay/conversation.hpp"

namespace agent::replay {
namespace {

constexpr double kTxCreditMax = 5;  // 802.1AB's default
constexpr double kNanosecondsPerCredit = 1e9;

/// txCredit after one more LLDPDU, if it was full before the first.
double credit_after(const LldpState* before, Nanoseconds now) {
  if (before == nullptr) return kTxCreditMax - 1;
  const auto gained = static_cast<double>(now - before->heard.at) / kNanosecondsPerCredit;
  return std::min(kTxCreditMax, before->credit + gained) - 1;
}

Role role_of(lldp::EvbMode mode) {
  switch (mode) {
    case lldp::EvbMode::kEvbStation: return Role::kStation;
    case lldp::EvbMode::kEvbBridge: return Role::kBridge;
    default: return Role::kUnknown;
  }
}

}  // namespace

void Conversation::take_lldp(std::size_t end, const DecodedFrame& frame) {
  auto& one = ends_[end];
  const std::optional<LldpState> before = one.lldp;
  LldpFact fact;
  static_cast<Scene&>(fact) = scene(end, &frame);
  fact.before = before ? &*before : nullptr;
  listener_->on(fact);
  if (!frame.lldpdu) return;

  LldpState state = before.value_or(LldpState{});
  state.credit = credit_after(fact.before, last_.at);
  state.heard = last_;
  state.ttl = frame.lldpdu->ttl;
  one.lldp = state;
  if (frame.scan.evb && frame.evb) {
    take_evb(end, frame, fact.before);
  } else if (state.evb) {
    evb_lost(end);
  }
  if (frame.scan.cdcp) take_cdcp(end, frame);
}

void Conversation::take_evb(std::size_t end, const DecodedFrame& frame, const LldpState* before) {
  auto& one = ends_[end];
  const auto& tlv = *frame.evb;
  const auto role = role_of(tlv.mode);
  if (role != Role::kUnknown) one.role = role;
  if (!before || !before->evb || *before->evb != tlv) evb_changed(end, tlv);
  one.evb_gone = false;
  EvbFact fact;
  static_cast<Scene&>(fact) = scene(end, &frame);
  fact.before = before;
  fact.tlv = &tlv;
  fact.octets = frame.scan.evb->octets;
  if (fact.peer != nullptr && fact.peer->lldp && fact.peer->lldp->evb) {
    fact.remote = &*fact.peer->lldp;
  }
  listener_->on(fact);
}

void Conversation::take_cdcp(std::size_t end, const DecodedFrame& frame) {
  auto& one = ends_[end];
  CdcpFact fact;
  static_cast<Scene&>(fact) = scene(end, &frame);
  fact.octets = frame.scan.cdcp->octets;
  fact.tlv = frame.cdcp ? &*frame.cdcp : nullptr;
  if (fact.peer != nullptr && fact.peer->lldp && fact.peer->lldp->cdcp) {
    fact.remote = &*fact.peer->lldp->cdcp;
  }
  listener_->on(fact);
  if (frame.cdcp) one.lldp->cdcp = frame.cdcp;
}

void Conversation::evb_changed(std::size_t end, std::optional<lldp::EvbTlv> tlv) {
  auto& one = ends_[end];
  one.lldp->evb = tlv;
  one.lldp->evb_since = last_;
  if (evb_changes_.size() < kDetailLimit) {
    evb_changes_.push_back({last_, end, tlv, in_force(one)});
  } else {
    ++left_out_;
  }
}

/// The peer forgets everything now, and so do we: what ran between them is over.
void Conversation::evb_lost(std::size_t end) {
  settle_all(end, std::min(last_.at, ends_[end].lldp->until()));
  ends_[end].evb_gone = true;
  evb_changed(end, std::nullopt);
}

}  // namespace agent::replay
