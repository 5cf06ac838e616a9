// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

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

/// The agent's state; nullptr when this is its first LLDPDU, and it is the one that counts.
LldpState* Conversation::agent_of(End& end, const DecodedFrame& frame) {
  if (!end.lldp) return nullptr;
  const auto& destination = frame.link.destination;
  if (end.lldp->destination == destination) return &*end.lldp;
  auto found = std::ranges::find(end.other_agents, destination, &LldpState::destination);
  if (frame.scan.evb && !end.lldp->evb && !end.evb_gone) {  // the agent that we waited for
    const auto former =
        std::exchange(*end.lldp, found == end.other_agents.end() ? LldpState{destination} : *found);
    if (found == end.other_agents.end()) {
      end.other_agents.push_back(former);
    } else {
      *found = former;
    }
    return &*end.lldp;
  }
  if (found == end.other_agents.end()) {
    end.other_agents.push_back({destination});
    found = end.other_agents.end() - 1;
  }
  return &*found;
}

void Conversation::take_lldp(std::size_t end, const DecodedFrame& frame) {
  auto& one = ends_[end];
  LldpState* agent = agent_of(one, frame);
  std::optional<LldpState> before;
  if (agent != nullptr && agent->heard.frame != 0) before = *agent;
  LldpFact fact;
  static_cast<Scene&>(fact) = scene(end, &frame);
  fact.before = before ? &*before : nullptr;
  listener_->on(fact);
  if (!frame.lldpdu) return;

  if (agent == nullptr) agent = &one.lldp.emplace(LldpState{frame.link.destination});
  agent->credit = credit_after(fact.before, last_.at);
  agent->heard = last_;
  agent->ttl = frame.lldpdu->ttl;
  if (agent == &*one.lldp) {
    if (frame.scan.evb && frame.evb) {
      take_evb(end, frame, fact.before);
    } else if (agent->evb) {
      evb_lost(end);
    }
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
  if (fact.peer != nullptr && fact.peer->cdcp) fact.remote = &*fact.peer->cdcp;
  listener_->on(fact);
  if (frame.cdcp) one.cdcp = frame.cdcp;
}

void Conversation::evb_changed(std::size_t end, std::optional<lldp::EvbTlv> tlv) {
  auto& one = ends_[end];
  one.lldp->evb = tlv;
  one.lldp->evb_since = last_;
  negotiate(one);
  if (one.peer) negotiate(ends_[*one.peer]);
  if (evb_changes_.size() < kDetailLimit) {
    evb_changes_.push_back({last_, end, tlv, one.in_force});
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
