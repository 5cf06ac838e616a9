// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "agent/replay/frame_line.hpp"
#include "agent/replay/rule.hpp"
#include "lldp/ethernet.hpp"

namespace agent::replay {
namespace {

constexpr double kCreditGrace = 0.1;  // timers of one second that fire a little early
/// msgFastTx, and a second more where the credit was used up.
constexpr Nanoseconds kFastStart = 2'100'000'000;

bool is_lldp(const FrameFact& fact) { return fact.frame->protocol == Protocol::kLldp; }
bool is_ecp(const FrameFact& fact) { return fact.frame->protocol == Protocol::kEcp; }
bool is_draft_ecp(const FrameFact& fact) { return fact.frame->protocol == Protocol::kDraftEcp; }

/// By memcmp, since an acknowledgement's octets are looked at one and all.
bool all_zero(base::Bytes octets) {
  return octets.empty() ||
         (octets[0] == 0 && std::memcmp(octets.data(), octets.data() + 1, octets.size() - 1) == 0);
}

// ---- Of every frame --------------------------------------------------------------------------

Judgement source_is_individual(const FrameFact& fact) {
  if (!is_lldp(fact) && !is_ecp(fact) && !is_draft_ecp(fact)) return silent();
  const auto& source = fact.frame->link.source;
  if (!source.is_group()) return held();
  return broken("an individual address", to_string(source));
}

Judgement lldp_is_untagged(const FrameFact& fact) {
  if (!is_lldp(fact)) return silent();
  const auto tags = fact.frame->link.tags();
  const bool customer = std::ranges::any_of(tags, [](auto& tag) { return !tag.service(); });
  return customer ? broken("no C-tag", tags_text(fact.frame->link)) : held();
}

Judgement ecp_is_untagged(const FrameFact& fact) {
  if (!is_ecp(fact)) return silent();
  const auto tags = fact.frame->link.tags();
  const bool customer = std::ranges::any_of(tags, [](auto& tag) { return !tag.service(); });
  return customer ? broken("no C-tag", tags_text(fact.frame->link)) : held();
}

Judgement s_channel_is_assigned(const FrameFact& fact) {
  if (fact.uplink == nullptr || (!is_lldp(fact) && !is_ecp(fact))) return silent();
  const auto svid = fact.frame->link.service_vid();
  const bool listed = std::ranges::any_of(fact.uplink->channels, [&](const auto& channel) {
    return channel.svid == svid && channel.scid != lldp::SChannel{}.scid;
  });
  if (listed) return held();
  return broken("an S-VID of the sender's CDCP TLV", fmt::format("S-VID {}", svid));
}

Judgement ecp_destination(const FrameFact& fact) {
  if (!is_ecp(fact) || !fact.frame->link.destination) return silent();
  const auto& destination = *fact.frame->link.destination;
  if (destination == lldp::kNearestCustomerBridge) return held();
  return broken("01:80:c2:00:00:00", to_string(destination));
}

Judgement ecp_is_readable(const FrameFact& fact) {
  if (!is_ecp(fact) || fact.frame->unknown_tail) return silent();
  if (fact.frame->ecpdu) return held();
  if (fact.frame->faults.empty()) return silent();
  return broken("version 1, operation 0 or 1, subtype 1, four octets",
                fault_text(fact.frame->faults.front()));
}

Judgement ack_is_padding_only(const FrameFact& fact) {
  const auto& ecpdu = fact.frame->ecpdu;
  if (!is_ecp(fact) || !ecpdu || ecpdu->operation != lldp::EcpOperation::kAck) return silent();
  if (all_zero(ecpdu->ulpdu)) return held();
  return broken("nothing but zero padding after the header",
                fmt::format("{} octets that are not all zero", ecpdu->ulpdu.size()));
}

Judgement vdp_is_readable(const FrameFact& fact) {
  const auto& frame = *fact.frame;
  if (!frame.ecpdu || frame.ecpdu->operation != lldp::EcpOperation::kRequest) return silent();
  if (frame.vdpdu) return held();
  if (frame.faults.empty()) return silent();
  return broken("one VSI Manager ID TLV of 16 octets first, and TLVs within the PDU",
                fault_text(frame.faults.front()));
}

Judgement associations_are_readable(const FrameFact& fact) {
  if (!fact.frame->vdpdu) return silent();
  if (fact.frame->faults.empty()) return held();
  return broken("association TLVs that keep to their layout",
                fault_text(fact.frame->faults.front()));
}

Judgement vdp_types_are_known(const FrameFact& fact) {
  if (!fact.frame->vdpdu) return silent();
  const auto skipped = fact.frame->vdpdu->skipped;
  if (skipped == 0) return held();
  return broken("TLV types 1 to 5 and 127", fmt::format("{} TLVs of other types", skipped));
}

Judgement ethertype_is_real(const FrameFact& fact) {
  if (fact.frame->link.ethertype != kMistakenEthertype) return is_ecp(fact) ? held() : silent();
  return broken("0x8940 (ratified) or 0x88B7 (draft 0.2)", "0x8890");
}

constexpr Rule<FrameFact> kFrameRules[] = {
    {{"source-group", Severity::kMust, "802.1AB 7.1, 43.3", "L01",
      "The source is the port's own individual address.", "a frame that was made by hand"},
     source_is_individual},
    {{"lldp-tagged", Severity::kMust, "802.1AB 7", "L01",
      "LLDPDUs are not tagged; within an S-channel they carry its S-tag.",
      "the sender sends through a VLAN device, or a bridge in between tags its port's PVID"},
     lldp_is_untagged},
    {{"ecp-tagged", Severity::kMust, "43.3", "P01",
      "ECPDUs are not tagged; within an S-channel they carry its S-tag.",
      "the sender sends through a VLAN device, or a bridge in between tags its port's PVID"},
     ecp_is_untagged},
    {{"s-channel-svid", Severity::kShould, "42.4", "C09",
      "What is sent in an S-channel carries the S-VID that CDCP has agreed on for it.",
      "the channel is gone, and its device is still there; or S-tags that have nothing to do with "
      "CDCP"},
     s_channel_is_assigned},
    {{"ecp-destination", Severity::kMust, "41.1, 43.3", "P01",
      "VDP's ECPDUs go to the nearest customer bridge.",
      "the sender uses the address of draft 0.2, or the peer's own"},
     ecp_destination},
    {{"ecp-unreadable", Severity::kMust, "43.3.3", "P14",
      "An ECPDU has version 1, a known operation and subtype.",
      "another revision of the protocol, or PE-CSP of 802.1BR"},
     ecp_is_readable},
    {{"ecp-ack-contents", Severity::kShould, "43.3.3", "P10",
      "An acknowledgement is its four octets, and padding.",
      "the sender's buffer still holds an earlier frame"},
     ack_is_padding_only},
    {{"vdp-unreadable", Severity::kMust, "41.2", "V30",
      "A VDP PDU begins with one VSI Manager ID TLV, and its TLVs end within it.",
      "another revision of the protocol, or a length that was counted wrong"},
     vdp_is_readable},
    {{"vdp-association-unreadable", Severity::kMust, "41.2.3", "V31",
      "An association TLV's length, formats and number of entries fit each other.",
      "no number of entries (draft 2.1), or octets that an earlier frame left in the buffer"},
     associations_are_readable},
    {{"vdp-unknown-tlv", Severity::kNote, "41.2", "V29",
      "TLVs of other types are skipped by a receiver.", "a later revision of the protocol"},
     vdp_types_are_known},
    {{"ethertype-8890", Severity::kNote, "43.3", "P17", "ECP has the Ethertype 0x8940.",
      "the number comes from lldpad's manual, which is wrong about it"},
     ethertype_is_real},
};

// ---- Of LLDPDUs ------------------------------------------------------------------------------

Judgement lldp_is_readable(const LldpFact& fact) {
  if (fact.frame->lldpdu) return held();
  if (fact.frame->faults.empty()) return silent();
  return broken("chassis ID, port ID and TTL first, once each, of legal lengths",
                fault_text(fact.frame->faults.front()));
}

Judgement lldp_tlvs_end_inside(const LldpFact& fact) {
  if (!fact.frame->lldpdu || fact.frame->unknown_tail) return silent();
  if (!fact.frame->lldpdu->overrun) return held();
  return broken("TLVs that end within the frame", "a TLV that runs past its end");
}

Judgement lldp_tlvs_are_sound(const LldpFact& fact) {
  if (!fact.frame->lldpdu || fact.frame->unknown_tail) return silent();
  const auto& lldpdu = *fact.frame->lldpdu;
  const auto discarded = lldpdu.tlvs_discarded - (lldpdu.overrun ? 1 : 0);
  if (discarded == 0) return held();
  return broken("optional TLVs once, of legal contents",
                fmt::format("{} that a receiver discards", discarded));
}

Judgement lldp_has_end(const LldpFact& fact) {
  if (!fact.frame->lldpdu || fact.frame->captured.cut()) return silent();
  if (fact.frame->scan.end && fact.frame->scan.end_empty) return held();
  return broken("an End TLV, 0000, at the end",
                fact.frame->scan.end ? "an End TLV with contents" : "none");
}

Judgement lldp_types_are_known(const LldpFact& fact) {
  if (!fact.frame->lldpdu) return silent();
  const auto unrecognized = fact.frame->lldpdu->tlvs_unrecognized;
  if (unrecognized == 0) return held();
  return broken("TLV types 0 to 8 and 127", fmt::format("{} of reserved types", unrecognized));
}

Judgement shutdown_is_bare(const LldpFact& fact) {
  if (!fact.frame->lldpdu || fact.frame->lldpdu->ttl != 0) return silent();
  if (fact.frame->scan.optional_tlvs == 0) return held();
  return broken("chassis ID, port ID, TTL 0, End",
                fmt::format("{} more TLVs", fact.frame->scan.optional_tlvs));
}

Judgement refreshed_in_time(const LldpFact& fact) {
  if (fact.before == nullptr || fact.before->ttl == 0) return silent();
  if (fact.moment.at <= fact.before->until()) return held();
  return broken(fmt::format("another LLDPDU within the TTL of {} s", fact.before->ttl),
                time_text(fact.moment.at - fact.before->heard.at));
}

Judgement keeps_to_credit(const LldpFact& fact) {
  if (fact.before == nullptr) return silent();
  const auto gained = static_cast<double>(fact.moment.at - fact.before->heard.at) / 1e9;
  if (fact.before->credit + gained >= 1 - kCreditGrace) return held();
  return broken(
      "5 LLDPDUs at most in a burst, then one a second",
      fmt::format("the next after {}", time_text(fact.moment.at - fact.before->heard.at)));
}

/// A neighbour is known to be new when it was seen to go before.
Judgement starts_fast(const LldpFact& fact) {
  if (fact.before == nullptr || fact.peer == nullptr || !fact.peer->lldp) return silent();
  const auto& neighbor = *fact.peer->lldp;
  if (neighbor.returned.frame <= fact.before->heard.frame) return silent();
  if (neighbor.destination != fact.frame->link.destination) return silent();
  if (fact.before->ttl == 0 || fact.before->until() < neighbor.returned.at) return silent();
  const auto after = fact.moment.at - neighbor.returned.at;
  if (after <= kFastStart) return held();
  return broken(fmt::format("an LLDPDU within a second of the neighbour's return in frame {}",
                            neighbor.returned.frame),
                time_text(after));
}

/// An end that started anew knows nobody: once is no proof.
Judgement starts_fast_for_the_new_only(const LldpFact& fact) {
  constexpr unsigned kNoAccident = 2;
  if (fact.before == nullptr || fact.peer == nullptr || !fact.peer->lldp) return silent();
  if (fact.unasked_for >= kNoAccident) {
    return broken("a fast start for a new neighbour only",
                  fmt::format("{} fast starts, and nobody was new", fact.unasked_for));
  }
  const auto& before = *fact.before;
  const auto& neighbor = *fact.peer->lldp;
  const bool heard_again = neighbor.heard.frame > before.heard.frame &&
                           neighbor.destination == fact.frame->link.destination &&
                           fact.newcomer.at < before.heard.at;
  const bool slow = before.fast.count == 0 && fact.moment.at - before.heard.at > kFastMost;
  return heard_again && slow ? held() : silent();
}

Judgement evb_destination(const LldpFact& fact) {
  const auto& destination = fact.frame->link.destination;
  if (!fact.frame->scan.evb || !destination) return silent();
  if (*destination == lldp::kNearestCustomerBridge) return held();
  return broken("the EVB TLV to 01:80:c2:00:00:00", to_string(*destination));
}

Judgement cdcp_destination(const LldpFact& fact) {
  const auto& destination = fact.frame->link.destination;
  if (!fact.frame->scan.cdcp || !destination) return silent();
  if (*destination == lldp::kNearestNonTpmrBridge) return held();
  return broken("the CDCP TLV to 01:80:c2:00:00:03", to_string(*destination));
}

Judgement one_dialect(const LldpFact& fact) {
  if (!fact.frame->scan.evb) return silent();
  if (!fact.frame->scan.draft_evb) return held();
  return broken("the EVB TLV of one dialect", "those of the ratified standard and of draft 0.2");
}

constexpr Rule<LldpFact> kLldpRules[] = {
    {{"lldp-unreadable", Severity::kMust, "802.1AB 9.2.7.7", "L12",
      "Chassis ID, port ID and TTL stand first, in this order, once each.",
      "a frame that was made by hand, or damaged on the way"},
     lldp_is_readable},
    {{"lldp-overrun", Severity::kMust, "802.1AB 8.4", "L16", "Every TLV ends within the LLDPDU.",
      "a length that was counted wrong, or a frame that was cut on the way"},
     lldp_tlvs_end_inside},
    {{"lldp-bad-tlv", Severity::kShould, "802.1AB 9.2.7.7", "L12",
      "Optional TLVs have legal lengths, and those that may stand once do.",
      "another reading of the TLV, or two programs that both add it"},
     lldp_tlvs_are_sound},
    {{"lldp-end", Severity::kShould, "802.1AB 8.5.1", "L02", "The last TLV is 0000.",
      "the sender counts on the length of the frame, which padding hides"},
     lldp_has_end},
    {{"lldp-reserved-type", Severity::kNote, "802.1AB 8.4.1", "L15",
      "TLV types 9 to 126 are reserved.", "a later revision of the standard"},
     lldp_types_are_known},
    {{"lldp-shutdown", Severity::kShould, "802.1AB 9.1.2.2", "L09",
      "A shutdown LLDPDU holds chassis ID, port ID, TTL 0 and End only.",
      "the sender sends its usual LLDPDU with another TTL"},
     shutdown_is_bare},
    {{"lldp-ttl-ran-out", Severity::kShould, "802.1AB 9.2.5", "L04",
      "The next LLDPDU comes before the TTL of the last runs out.",
      "the sender stood still, frames were lost, or the link was down"},
     refreshed_in_time},
    {{"lldp-burst", Severity::kShould, "802.1AB 9.2.5", "L07",
      "A burst has txCreditMax (5) LLDPDUs at most, then one a second.",
      "a larger txCreditMax, or a sender without credit"},
     keeps_to_credit},
    {{"lldp-fast-start", Severity::kShould, "802.1AB 9.2.5", "L05",
      "A neighbour that is new is told of this end at once, and once a second then.",
      "the end does not receive LLDP (adminStatus), or sends at its interval only"},
     starts_fast},
    {{"lldp-fast-for-nobody", Severity::kShould, "802.1AB 9.2.5", "L06",
      "A neighbour that is heard again gets no fast start.",
      "the end takes each LLDPDU for a new neighbour's, or it starts anew again and again"},
     starts_fast_for_the_new_only},
    {{"evb-destination", Severity::kShould, "D.2.12", "L01",
      "The EVB TLV goes to the nearest customer bridge.",
      "the sender has one LLDP agent for everything, on 01:80:c2:00:00:0e"},
     evb_destination},
    {{"cdcp-destination", Severity::kShould, "D.2.13", "C01",
      "The CDCP TLV goes to the nearest non-TPMR bridge.",
      "the sender has one LLDP agent for everything"},
     cdcp_destination},
    {{"evb-two-dialects", Severity::kNote, "D.2.12", "E16",
      "One end speaks one dialect of EVB at a time.",
      "an agent that offers both and waits for what the peer takes"},
     one_dialect},
};

}  // namespace

std::span<const Rule<FrameFact>> frame_rules() { return kFrameRules; }
std::span<const Rule<LldpFact>> lldp_rules() { return kLldpRules; }

}  // namespace agent::replay
