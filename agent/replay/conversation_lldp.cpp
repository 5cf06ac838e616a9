// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "agent/replay/conversation.hpp"

namespace agent::replay {
namespace {

constexpr double kTxCreditMax = 5;  // 802.1AB's default
constexpr double kNanosecondsPerCredit = 1e9;
constexpr Nanoseconds kFastLeast = 500'000'000;
/// A fast start sends txFastInit LLDPDUs, 4 by default and 8 at most: so many after its first. More
/// are those of an interval of a second.
constexpr unsigned kFastStart = 2;
constexpr unsigned kLongestFastStart = 7;

/// txCredit after one more LLDPDU, if it was full before the first.
double credit_after(const LldpState* before, Nanoseconds now) {
  if (before == nullptr) return kTxCreditMax - 1;
  const auto gained = static_cast<double>(now - before->heard.at) / kNanosecondsPerCredit;
  return std::min(kTxCreditMax, before->credit + gained) - 1;
}

FastRun run_after(const LldpState* before, const DecodedFrame& frame, Moment now, Moment newcomer) {
  const auto payload = frame.payload();
  FastRun run;
  run.said = std::hash<std::string_view>()(
      {reinterpret_cast<const char*>(payload.data()), payload.size()});
  if (before == nullptr) return run;
  const auto& former = before->fast;
  const auto gap = now.at - before->heard.at;
  run.repeats = run.said == former.said;
  run.unasked_for = former.unasked_for;
  if (run.repeats && gap >= kFastLeast && gap <= kFastMost) {
    run.count = former.count + 1;
    const bool changed = former.count == 0 && !former.repeats;
    run.asked_for = former.asked_for || changed || newcomer.at >= before->heard.at - kFastMost;
  } else if (former.count >= kFastStart) {
    const bool needless = !former.asked_for && gap > kFastMost && former.count <= kLongestFastStart;
    run.unasked_for = needless ? former.unasked_for + 1 : 0;
  }
  return run;
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
  const bool evb = frame.scan.evb || frame.scan.draft_evb;
  if (evb && !end.lldp->speaks_evb() && !end.evb_gone) {  // the agent that we waited for
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
  LldpFact fact{scene(end, &frame)};
  fact.before = before ? &*before : nullptr;
  const auto run = run_after(fact.before, frame, last_, newcomer_);
  fact.newcomer = newcomer_;
  if (before && run.unasked_for > before->fast.unasked_for) fact.unasked_for = run.unasked_for;
  listener_->on(fact);
  if (!frame.lldpdu) return;
  if (!before || before->ttl == 0 || before->until() < last_.at) newcomer_ = last_;

  if (agent == nullptr) agent = &one.lldp.emplace(LldpState{frame.link.destination});
  agent->credit = credit_after(fact.before, last_.at);
  if (before && (before->ttl == 0 || before->until() < last_.at)) agent->returned = last_;
  agent->fast = run;
  agent->heard = last_;
  agent->ttl = frame.lldpdu->ttl;
  if (agent == &*one.lldp) take_evb_tlvs(end, frame, fact.before);
  if (frame.scan.cdcp) take_cdcp(end, frame);
}

/// Of both dialects: an end that follows its peer sends both TLVs until it knows the peer's.
void Conversation::take_evb_tlvs(std::size_t end, const DecodedFrame& frame,
                                 const LldpState* before) {
  auto& one = ends_[end];
  if (!frame.evb && !frame.draft_evb) {
    if (one.lldp->speaks_evb()) evb_lost(end);
    return;
  }
  if (frame.evb) {
    const auto role = role_of(frame.evb->mode);
    if (role != Role::kUnknown) one.role = role;
  }
  const bool same = one.lldp->evb == frame.evb && one.lldp->draft_evb == frame.draft_evb;
  if (!same) evb_changed(end, frame.evb, frame.draft_evb);
  one.evb_gone = false;
  if (frame.evb) take_evb(end, frame, before);
  if (frame.draft_evb) take_draft02_evb(end, frame, before);
}

void Conversation::take_evb(std::size_t end, const DecodedFrame& frame, const LldpState* before) {
  EvbFact fact{scene(end, &frame)};
  fact.before = before;
  fact.tlv = &*frame.evb;
  fact.octets = frame.scan.evb->octets;
  if (fact.peer != nullptr && fact.peer->lldp && fact.peer->lldp->evb) {
    fact.remote = &*fact.peer->lldp;
  }
  listener_->on(fact);
}

void Conversation::take_cdcp(std::size_t end, const DecodedFrame& frame) {
  auto& one = ends_[end];
  CdcpFact fact{scene(end, &frame)};
  fact.octets = frame.scan.cdcp->octets;
  fact.tlv = frame.cdcp ? &*frame.cdcp : nullptr;
  if (fact.peer != nullptr && fact.peer->cdcp) fact.remote = &*fact.peer->cdcp;
  listener_->on(fact);
  if (frame.cdcp) one.cdcp = frame.cdcp;
}

void Conversation::evb_changed(std::size_t end, const std::optional<lldp::EvbTlv>& tlv,
                               const std::optional<lldp::Draft02EvbTlv>& draft_tlv) {
  auto& one = ends_[end];
  if (one.lldp->evb != tlv) one.lldp->evb_since = last_;
  if (one.lldp->draft_evb != draft_tlv) one.lldp->draft_evb_since = last_;
  one.lldp->evb = tlv;
  one.lldp->draft_evb = draft_tlv;
  const auto before = one.in_force;
  negotiate(one);
  if (one.peer) negotiate(ends_[*one.peer]);
  // What was agreed in one dialect ends with it.
  const bool over = before && (!one.in_force || one.in_force->dialect != before->dialect);
  if (over) settle_all(end, last_.at);
  if (evb_changes_.size() < kDetailLimit) {
    evb_changes_.push_back({last_, end, tlv, draft_tlv, one.in_force});
  } else {
    ++left_out_;
  }
}

/// The peer forgets everything now, and so do we: what ran between them is over.
void Conversation::evb_lost(std::size_t end) {
  settle_all(end, std::min(last_.at, ends_[end].lldp->until()));
  ends_[end].evb_gone = true;
  evb_changed(end, std::nullopt, std::nullopt);
}

}  // namespace agent::replay
