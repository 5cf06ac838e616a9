// SPDX-License-Identifier: Apache-2.0
// Draft 0.2: its frames, its EVB TLV, and which dialect is spoken. What it demands is listed, with
// where that is known from, in README.md.
#include <fmt/format.h>

#include <algorithm>

#include "agent/replay/frame_line.hpp"
#include "agent/replay/rule.hpp"
#include "lldp/ethernet.hpp"

namespace agent::replay {
namespace {

constexpr std::size_t kEvbSize = 9;               // after OUI and subtype
constexpr Nanoseconds kReaction = 2'000'000'000;  // TLVs cross, and LLDP sends once a second

// ---- Frames of its Ethertype -----------------------------------------------------------------

bool is_draft_ecp(const FrameFact& fact) { return fact.frame->protocol == Protocol::kDraftEcp; }

Judgement ecp_is_untagged(const FrameFact& fact) {
  if (!is_draft_ecp(fact)) return silent();
  const auto tags = fact.frame->link.tags();
  const bool customer = std::ranges::any_of(tags, [](auto& tag) { return !tag.service(); });
  return customer ? broken("no C-tag", tags_text(fact.frame->link)) : held();
}

Judgement ecp_destination(const FrameFact& fact) {
  const auto& destination = fact.frame->link.destination;
  if (!is_draft_ecp(fact) || !destination) return silent();
  if (*destination == lldp::kNearestBridge) return held();
  return broken("01:80:c2:00:00:0e", to_string(*destination));
}

Judgement ecp_is_readable(const FrameFact& fact) {
  if (!is_draft_ecp(fact) || fact.frame->unknown_tail) return silent();
  if (fact.frame->draft_ecpdu) return held();
  if (fact.frame->faults.empty()) return silent();
  return broken("subtype 0, mode 0 or 1, nine octets", fault_text(fact.frame->faults.front()));
}

Judgement ack_is_zero(const FrameFact& fact) {
  const auto& ecpdu = fact.frame->draft_ecpdu;
  if (!ecpdu || ecpdu->operation != lldp::EcpOperation::kAck) return silent();
  const bool zero = std::ranges::all_of(ecpdu->ulpdu, [](auto octet) { return octet == 0; });
  if (zero) return held();
  return broken("nothing but zeroes after the header",
                fmt::format("{} octets that are not all zero", ecpdu->ulpdu.size()));
}

Judgement vdp_is_readable(const FrameFact& fact) {
  const auto& frame = *fact.frame;
  const auto& ecpdu = frame.draft_ecpdu;
  if (!ecpdu || ecpdu->operation != lldp::EcpOperation::kRequest || frame.unknown_tail) {
    return silent();
  }
  if (frame.faults.empty()) return held();
  return broken("mode 0 to 3, response 0 to 6, format 2, as many entries as fit the length",
                fault_text(frame.faults.front()));
}

Judgement vdp_tlvs_are_known(const FrameFact& fact) {
  if (!fact.frame->draft_vdpdu) return silent();
  const auto skipped = fact.frame->draft_vdpdu->skipped;
  if (skipped == 0) return held();
  return broken("VDP TLVs: type 127, OUI 00-1B-3F, subtype 2",
                fmt::format("{} TLVs of other kinds", skipped));
}

constexpr Rule<FrameFact> kFrameRules[] = {
    {{"draft02-tagged", Severity::kShould, "draft 0.2 ECP", "D05",
      "ECPDUs of draft 0.2 are not tagged.",
      "the sender sends through a VLAN device, or a bridge in between tags its port's PVID"},
     ecp_is_untagged},
    {{"draft02-destination", Severity::kMust, "draft 0.2 ECP", "D05",
      "ECPDUs of draft 0.2, acknowledgements as well, go to the nearest bridge.",
      "the sender uses the address of the ratified standard, or the peer's own; lldpad drops it"},
     ecp_destination},
    {{"draft02-ecp-unreadable", Severity::kMust, "draft 0.2 ECP", "D05",
      "An ECPDU of draft 0.2 has subtype 0 and a known mode.",
      "another draft, or the ratified header below the draft's Ethertype"},
     ecp_is_readable},
    {{"draft02-ack-contents", Severity::kShould, "draft 0.2 ECP", "D06",
      "An acknowledgement of draft 0.2 is zero behind its header.",
      "the sender turned the request round without clearing it"},
     ack_is_zero},
    {{"draft02-vdp-unreadable", Severity::kMust, "draft 0.2 VDP", "D08",
      "A VDP TLV's mode, response, format and number of entries are known and fit its length.",
      "ratified values in the draft's TLV, or a length that was counted wrong"},
     vdp_is_readable},
    {{"draft02-unknown-tlv", Severity::kNote, "draft 0.2 VDP", "D08",
      "TLVs of other kinds are skipped by a receiver.", "a vendor's own TLV, or another draft"},
     vdp_tlvs_are_known},
};

// ---- LLDPDUs with its EVB TLV ----------------------------------------------------------------

Judgement evb_is_readable(const LldpFact& fact) {
  const auto& frame = *fact.frame;
  if (!frame.scan.draft_evb || !frame.lldpdu || frame.unknown_tail) return silent();
  if (frame.draft_evb) return held();
  return broken("13 octets, RTE 0 to 31",
                frame.faults.empty() ? "others" : fault_text(frame.faults.front()));
}

Judgement evb_destination(const LldpFact& fact) {
  const auto& destination = fact.frame->link.destination;
  if (!fact.frame->scan.draft_evb || !destination) return silent();
  if (*destination == lldp::kNearestCustomerBridge) return held();
  return broken("the EVB TLV to 01:80:c2:00:00:00", to_string(*destination));
}

constexpr Rule<LldpFact> kLldpRules[] = {
    {{"draft02-evb-unreadable", Severity::kMust, "draft 0.2 EVB TLV", "D01",
      "The EVB TLV of draft 0.2 has 13 octets, and an RTE of 0 to 31.",
      "another draft, or a length that was counted wrong"},
     evb_is_readable},
    {{"draft02-evb-destination", Severity::kShould, "draft 0.2 EVB TLV", "D01",
      "The EVB TLV of draft 0.2 goes to the nearest customer bridge.",
      "the sender has one LLDP agent for everything, on 01:80:c2:00:00:0e; lldpad ignores it"},
     evb_destination},
};

Judgement evb_length(const Draft02EvbFact& fact) {
  if (fact.octets.size() == kEvbSize) return held();
  return broken("13 octets", fmt::format("{}", fact.octets.size() + 4));
}

Judgement evb_reserved(const Draft02EvbFact& fact) {
  const auto& o = fact.octets;
  const unsigned reserved = (o[0] & 0x3FU) | (o[1] & 0xF8U) | (o[2] & 0x3FU) | (o[3] & 0xF8U);
  if (reserved == 0) return held();
  return broken("reserved bits 0", fmt::format("supported {:02x} {:02x}, configured {:02x} {:02x}",
                                               o[0], o[1], o[2], o[3]));
}

std::string abilities_text(const lldp::Draft02Abilities& abilities) {
  return fmt::format("relay={} RTE={} ECP={} VDP={}", abilities.reflective_relay ? 1 : 0,
                     abilities.rte ? 1 : 0, abilities.ecp ? 1 : 0, abilities.vdp ? 1 : 0);
}

/// Standard bridging is left out: it is what there is without reflective relay.
bool within(const lldp::Draft02Abilities& chosen, const lldp::Draft02Abilities& able) {
  return (!chosen.reflective_relay || able.reflective_relay) && (!chosen.rte || able.rte) &&
         (!chosen.ecp || able.ecp) && (!chosen.vdp || able.vdp);
}

Judgement evb_chosen_is_supported(const Draft02EvbFact& fact) {
  if (within(fact.tlv->configured, fact.tlv->supported)) return held();
  return broken(fmt::format("at most {}", abilities_text(fact.tlv->supported)),
                fmt::format("configured {}", abilities_text(fact.tlv->configured)));
}

/// What the peer says has been on the wire long enough to be answered.
bool peer_is_settled(const Draft02EvbFact& fact) {
  return fact.remote != nullptr && fact.moment.at - fact.remote->draft_evb_since.at >= kReaction;
}
/// Wrong now, and in the TLV before, which was sent when the peer's was known as well.
template <class Wrong>
bool stays(const Draft02EvbFact& fact, Wrong wrong) {
  return wrong(*fact.tlv) && fact.before != nullptr && fact.before->draft_evb &&
         fact.before->heard.at >= fact.remote->draft_evb_since.at && wrong(*fact.before->draft_evb);
}

Judgement evb_chosen_is_common(const Draft02EvbFact& fact) {
  if (!peer_is_settled(fact)) return silent();
  const auto& able = fact.remote->draft_evb->supported;
  const auto wrong = [&](const auto& tlv) { return !within(tlv.configured, able); };
  if (!wrong(*fact.tlv)) return held();
  if (!stays(fact, wrong)) return silent();
  return broken(fmt::format("at most what the peer supports, {}", abilities_text(able)),
                fmt::format("configured {}", abilities_text(fact.tlv->configured)));
}

Judgement evb_rte_is_larger(const Draft02EvbFact& fact) {
  if (!peer_is_settled(fact)) return silent();
  const auto larger = fact.remote->draft_evb->retransmit_exponent;
  const auto wrong = [&](const auto& tlv) { return tlv.retransmit_exponent < larger; };
  if (!wrong(*fact.tlv)) return held();
  if (!stays(fact, wrong)) return silent();
  return broken(fmt::format("RTE {}, the peer's", larger),
                fmt::format("RTE {}", fact.tlv->retransmit_exponent));
}

Judgement evb_vsis_fit(const Draft02EvbFact& fact) {
  if (fact.tlv->configured_vsis <= fact.tlv->supported_vsis) return held();
  return broken(fmt::format("{} VSIs at most", fact.tlv->supported_vsis),
                fmt::format("{}", fact.tlv->configured_vsis));
}

constexpr Rule<Draft02EvbFact> kEvbRules[] = {
    {{"draft02-evb-length", Severity::kShould, "draft 0.2 EVB TLV", "D01",
      "The EVB TLV of draft 0.2 has 13 octets.",
      "another draft, or octets that belong to another TLV; lldpad copies them unchecked"},
     evb_length},
    {{"draft02-evb-reserved-bits", Severity::kShould, "draft 0.2 EVB TLV", "D01",
      "Reserved bits of the draft's EVB TLV are sent as 0.", "bits of another layout"},
     evb_reserved},
    {{"draft02-evb-chosen", Severity::kShould, "draft 0.2 EVB TLV", "D02",
      "An end configures what it supports.", "the two halves of the TLV are filled independently"},
     evb_chosen_is_supported},
    {{"draft02-evb-agreed", Severity::kShould, "draft 0.2 EVB TLV", "D02",
      "An end configures what its peer supports as well.",
      "the end does not receive the peer's LLDPDUs, or keeps to its own configuration"},
     evb_chosen_is_common},
    {{"draft02-evb-rte", Severity::kNote, "draft 0.2 EVB TLV", "D03",
      "The larger RTE of both is sent.",
      "the end keeps to its own RTE; harmless, since nobody known uses it"},
     evb_rte_is_larger},
    {{"draft02-evb-vsis", Severity::kShould, "draft 0.2 EVB TLV", "D02",
      "No more VSIs are configured than supported.", "the two numbers are exchanged"},
     evb_vsis_fit},
};

// ---- Both dialects on one link ---------------------------------------------------------------

/// The dialect that both ends agreed on long enough ago for what crossed to have passed.
Judgement ecp_is_of_the_dialect(const EcpRequestFact& fact) {
  if (fact.peer == nullptr || !fact.end->in_force || !fact.end->in_force->on) return silent();
  const auto spoken = fact.end->in_force->dialect;
  if (spoken == fact.dialect) return held();
  const auto since = [&](const End& end) {
    return std::max(end.lldp->evb_since.at, end.lldp->draft_evb_since.at);
  };
  if (fact.moment.at - std::max(since(*fact.end), since(*fact.peer)) < kReaction) return silent();
  return broken(fmt::format("ECP of the dialect that both EVB TLVs have, {}", to_string(spoken)),
                fmt::format("{}", to_string(fact.dialect)));
}

constexpr Rule<EcpRequestFact> kDialectRules[] = {
    {{"ecp-other-dialect", Severity::kShould, "D.2.12", "E16",
      "ECP and VDP are spoken in the dialect of both ends' EVB TLVs.",
      "the sender did not change over with its EVB TLV, or two programs speak on one port"},
     ecp_is_of_the_dialect},
};

}  // namespace

std::span<const Rule<FrameFact>> draft02_frame_rules() { return kFrameRules; }
std::span<const Rule<LldpFact>> draft02_lldp_rules() { return kLldpRules; }
std::span<const Rule<Draft02EvbFact>> draft02_evb_rules() { return kEvbRules; }
std::span<const Rule<EcpRequestFact>> dialect_rules() { return kDialectRules; }

}  // namespace agent::replay
