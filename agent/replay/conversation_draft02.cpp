// SPDX-License-Identifier: Apache-2.0
// What draft 0.2 does otherwise: its EVB TLV, and VDP TLVs that do not say who asks and who
// answers.
#include <utility>

#include "agent/replay/conversation.hpp"
#include "vdp/draft02_rules.hpp"

namespace agent::replay {

void Conversation::take_draft02_evb(std::size_t end, const DecodedFrame& frame,
                                    const LldpState* before) {
  Draft02EvbFact fact{scene(end, &frame, lldp::Dialect::kDraft02)};
  fact.before = before;
  fact.tlv = &*frame.draft_evb;
  fact.octets = frame.scan.draft_evb->octets;
  if (fact.peer != nullptr && fact.peer->lldp && fact.peer->lldp->draft_evb) {
    fact.remote = &*fact.peer->lldp;
  }
  listener_->on(fact);
}

/// Both ways were captured for longer than a request waits for its answer.
bool Conversation::is_watched(std::size_t end) const {
  return ends_[end].peer && last_.at - first_.at > kDraft02LongestAnswer;
}

void Conversation::take_draft02_vdp(std::size_t end, const DecodedFrame& frame, bool repeated) {
  const auto& tlvs = frame.draft_vdpdu->tlvs;
  if (tlvs.empty()) return;                                   // lldpad begins with such a PDU
  if (repeated && ends_[end].role == Role::kUnknown) return;  // it shows nothing new
  UnplacedPdu pdu{end, last_, ends_[end].request->exchange, is_watched(end), repeated, {}};
  const auto peer = ends_[end].peer;
  if (ends_[end].role == Role::kUnknown) {
    pdu.tlvs = tlvs;
    set_role(end, draft02_roles_.shown_by(pdu, peer));
    if (ends_[end].role == Role::kUnknown) {
      deliver_kept(draft02_roles_.keep(std::move(pdu)));
      return;
    }
  }
  deliver_kept(draft02_roles_.take(end, peer));
  const bool from_station = ends_[end].role == Role::kStation;
  for (const auto& tlv : tlvs) deliver_draft02(pdu, tlv, &frame, from_station);
}

/// What came before it was known who is who, told at its own moments. Where nobody will know, a
/// sender counts as the station.
void Conversation::deliver_kept(std::vector<UnplacedPdu> kept) {
  if (kept.empty()) return;
  const auto now = last_;
  for (const auto& pdu : kept) {
    last_ = pdu.moment;
    const bool from_station = ends_[pdu.end].role != Role::kBridge;
    for (const auto& tlv : pdu.tlvs) deliver_draft02(pdu, tlv, nullptr, from_station);
  }
  last_ = now;
}

void Conversation::deliver_draft02(const UnplacedPdu& pdu, const vdp::Draft02Tlv& tlv,
                                   const DecodedFrame* frame, bool from_station) {
  const auto receiver = from_station ? lldp::EvbRole::kBridge : lldp::EvbRole::kStation;
  auto association = vdp::association_of(tlv, receiver);
  association.reason = vdp::reason_of(tlv.response);  // a station's is wrong, and has to be seen
  const Delivery delivery{pdu.end,     from_station, pdu.exchange, lldp::Dialect::kDraft02,
                          pdu.watched, pdu.repeated};
  take_association(delivery, frame, vdp::manager_of(tlv.manager), association);
}

}  // namespace agent::replay
