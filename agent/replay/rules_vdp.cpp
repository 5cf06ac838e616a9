// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "agent/replay/judgements.hpp"
#include "agent/replay/rule.hpp"

namespace agent::replay {
namespace {

using vdp::AssociationType;
using vdp::Reason;
using vdp::VsiState;

constexpr std::uint16_t kReservedVid = 4095;
constexpr unsigned kEarlyInARow = 2;  // once a client may have asked for the same again

bool is_request(const VsiFact& fact) { return fact.from_station && !fact.tlv->response; }
bool ends(const vdp::AssociationTlv& tlv) { return tlv.type == AssociationType::kDeAssociate; }

std::string name_of(const vdp::AssociationTlv& tlv) { return std::string(to_string(tlv.type)); }

std::string status_text(const vdp::AssociationTlv& tlv) {
  return fmt::format("{}, {}{}{}", to_string(tlv.type), to_string(tlv.reason),
                     tlv.keep_or_s ? ", KEEP" : "", tlv.hard_or_m ? ", HARD-ERROR" : "");
}

// ---- What a TLV may say ----------------------------------------------------------------------

Judgement direction(const VsiFact& fact) {
  const bool right =
      fact.from_station ? !fact.tlv->response : fact.tlv->response || ends(*fact.tlv);
  if (right) return held();
  return fact.from_station ? broken("a request, 0x40 clear", "a response from the station")
                           : broken("a response, 0x40 set", "a request from the bridge");
}

Judgement request_has_no_reason(const VsiFact& fact) {
  if (!is_request(fact)) return silent();
  if (fact.tlv->reason == Reason::kSuccess) return held();
  return broken("reason 0", fmt::format("reason {}", static_cast<int>(fact.tlv->reason)));
}

Judgement reason_is_defined(const VsiFact& fact) {
  if (!fact.tlv->response) return silent();
  if (fact.tlv->reason <= Reason::kInvalidFilter) return held();
  return broken("reason 0 to 5", fmt::format("reason {}", static_cast<int>(fact.tlv->reason)));
}

Judgement error_bits_need_a_reason(const VsiFact& fact) {
  if (!fact.tlv->response || (!fact.tlv->keep_or_s && !fact.tlv->hard_or_m)) return silent();
  if (fact.tlv->reason != Reason::kSuccess) return held();
  return broken("KEEP and HARD-ERROR with a reason only", status_text(*fact.tlv));
}

Judgement group_ids_are_agreed(const VsiFact& fact) {
  if (!has_group(fact.tlv->filters.format) || fact.tlv->filters.entries.empty()) return silent();
  if (!fact.in_force) return silent();
  if (fact.in_force->group_ids) return held();
  return broken("no GroupIDs: BGID and SGID are not both 1",
                std::string(to_string(fact.tlv->filters.format)));
}

}  // namespace

Judgement vids_are_legal(const VsiFact& fact) {
  const bool wrong = std::ranges::any_of(
      fact.tlv->filters.entries, [](const auto& entry) { return entry.vid == kReservedVid; });
  return wrong ? broken("VID 0 to 4094", "4095") : held();
}

namespace {

Judgement request_has_no_priority(const VsiFact& fact) {
  if (!is_request(fact)) return silent();
  const bool set = std::ranges::any_of(
      fact.tlv->filters.entries, [](const auto& entry) { return entry.ps || entry.pcp != 0; });
  return set ? broken("PS and PCP 0", "others") : held();
}

Judgement has_entries(const VsiFact& fact) {
  if (ends(*fact.tlv)) return silent();
  return fact.tlv->filters.entries.empty() ? broken("at least one filter entry", "none") : held();
}

Judgement one_hint(const VsiFact& fact) {
  if (!is_request(fact) || !fact.tlv->keep_or_s) return silent();
  return fact.tlv->hard_or_m ? broken("S-bit or M-bit", "both") : held();
}

// ---- What answers what -----------------------------------------------------------------------

/// Of a response, and the request that was seen before it.
bool is_response_to_seen(const VsiFact& fact) {
  return !fact.from_station && fact.tlv->response && fact.life->pending;
}

}  // namespace

Judgement type_is_kept(const VsiFact& fact) {
  if (!is_response_to_seen(fact)) return silent();
  if (fact.answers) return held();
  return broken(name_of(fact.life->request), name_of(*fact.tlv));
}

Judgement vsi_type_is_kept(const VsiFact& fact) {
  if (!is_response_to_seen(fact) || ends(*fact.tlv)) return silent();
  if (fact.tlv->vsi_type == fact.life->request.vsi_type) return held();
  return broken(fmt::format("VSI type {} version {}", fact.life->request.vsi_type.id,
                            fact.life->request.vsi_type.version),
                fmt::format("{} version {}", fact.tlv->vsi_type.id, fact.tlv->vsi_type.version));
}

Judgement filters_are_kept(const VsiFact& fact) {
  if (!is_response_to_seen(fact) || !fact.answers || ends(*fact.tlv)) return silent();
  if (same_but_zeroes(fact.tlv->filters, fact.life->request.filters)) return held();
  return broken("the filters of the request, zeroes filled in", "others");
}

Judgement manager_is_kept(const VsiFact& fact) {
  if (!is_response_to_seen(fact)) return silent();
  if (*fact.manager == fact.life->manager) return held();
  return broken(fmt::format("manager {}", to_string(fact.life->manager)), to_string(*fact.manager));
}

namespace {

Judgement vid_is_filled_in(const VsiFact& fact) {
  if (!is_response_to_seen(fact) || fact.tlv->reason != Reason::kSuccess || ends(*fact.tlv)) {
    return silent();
  }
  const bool zero = std::ranges::any_of(fact.tlv->filters.entries,
                                        [](const auto& entry) { return entry.vid == 0; });
  return zero ? broken("the VID that the bridge chose", "VID 0") : held();
}

}  // namespace

Judgement response_was_asked_for(const VsiFact& fact) {
  if (fact.from_station || !fact.tlv->response) return silent();
  if (fact.life->pending) return held();
  // What was asked before the capture began cannot be known; a De-Associate needs no request.
  if (fact.life->requested.frame == 0 || ends(*fact.tlv)) return silent();
  return broken("one response to each request",
                fmt::format("another after frame {}", fact.life->responded.frame));
}

namespace {

Judgement keep_needs_something_to_keep(const VsiFact& fact) {
  if (!is_response_to_seen(fact) || !fact.tlv->keep_or_s) return silent();
  if (fact.tlv->reason == Reason::kSuccess) return silent();
  if (fact.life->state == VsiState::kAssociated) return held();
  // An association from before the capture would be kept alive; a new command cannot tell.
  return broken("KEEP only where an association stays", status_text(*fact.tlv));
}

Judgement hard_is_final(const VsiFact& fact) {
  if (!is_request(fact) || !fact.life->refused_hard || ends(*fact.tlv)) return silent();
  const auto& refused = fact.life->request;
  const bool same = refused.type == fact.tlv->type && refused.vsi_type == fact.tlv->vsi_type &&
                    refused.filters == fact.tlv->filters;
  if (!same) return held();
  return broken("another command, or none: the refusal was a HARD-ERROR", name_of(*fact.tlv));
}

Judgement keep_of_keep_alive_ends(const VsiFact& fact) {
  if (!is_request(fact) || !fact.life->must_deassociate) return silent();
  return ends(*fact.tlv) ? held() : broken("a De-Associate", name_of(*fact.tlv));
}

}  // namespace

Judgement deassociate_has_something_to_end(const VsiFact& fact) {
  if (fact.from_station || !ends(*fact.tlv) || fact.life->pending) return silent();
  if (fact.life->state != VsiState::kDeassociated) return held();
  if (fact.life->requested.frame == 0) return silent();
  return broken("a De-Associate of what is associated", "one of what is not");
}

Judgement steps_up(const VsiFact& fact) {
  if (!is_request(fact) || fact.life->state != VsiState::kAssociated) return silent();
  if (ends(*fact.tlv) || fact.tlv->type == AssociationType::kAssociate) return held();
  return broken("Associate or De-Associate of an associated VSI", name_of(*fact.tlv));
}

Judgement deassociate_is_not_answered(const VsiFact& fact) {
  if (!is_request(fact)) return silent();
  const auto& by_bridge = fact.life->deassociated_by_bridge;
  if (by_bridge.frame == 0 || fact.life->requested.frame > by_bridge.frame) return silent();
  if (!ends(*fact.tlv)) return held();
  return broken(fmt::format("no VDP answer to the De-Associate in frame {}", by_bridge.frame),
                name_of(*fact.tlv));
}

namespace {

constexpr Rule<VsiFact> kVsiRules[] = {
    {{"vdp-direction", Severity::kMust, "41.2.3", "V04",
      "Stations send requests, bridges responses and De-Associates.",
      "one of the two ends is configured for the wrong role, or sets 0x40 wrongly"},
     direction},
    {{"vdp-reason-in-request", Severity::kMust, "41.2.3", "V04", "A request's reason is 0.",
      "the sender keeps the status octet of an earlier response"},
     request_has_no_reason},
    {{"vdp-reserved-reason", Severity::kShould, "41.2.3", "V14", "Reasons 6 to 15 are reserved.",
      "draft 0.2 has a reason 6, out of sync"},
     reason_is_defined},
    {{"vdp-success-with-error", Severity::kMust, "41.2.3", "V11",
      "KEEP and HARD-ERROR come with a reason.", "the S and M bits of the request are echoed"},
     error_bits_need_a_reason},
    {{"vdp-group-not-agreed", Severity::kMust, "D.2.12, 41.2.8", "V08",
      "GroupIDs are used only when BGID and SGID are both 1.",
      "the sender looks at its own capability only"},
     group_ids_are_agreed},
    {{"vdp-vid-reserved", Severity::kMust, "41.2.9", "V03", "VID 4095 is reserved.",
      "a wildcard of the configuration that went onto the wire"},
     vids_are_legal},
    {{"vdp-priority-in-request", Severity::kNote, "41.2.9", "V10",
      "PS and PCP mean something in responses.", "a station that wants to ask for a priority"},
     request_has_no_priority},
    {{"vdp-no-filters", Severity::kShould, "41.2.9", "V03",
      "An association has at least one filter entry.", "the client gave no MAC address and VLAN"},
     has_entries},
    {{"vdp-two-hints", Severity::kShould, "41.2.3", "V07",
      "A VSI is suspended here (S) or migrating to here (M).", "both hints were asked for"},
     one_hint},
    {{"vdp-response-type", Severity::kMust, "41.5.3", "V13",
      "A response has the type of its request, or is a De-Associate.",
      "the bridge answers an earlier command"},
     type_is_kept},
    {{"vdp-response-vsi-type", Severity::kMust, "41.5.3", "V13",
      "A response repeats VSI type and version.", "the bridge answers an earlier command"},
     vsi_type_is_kept},
    {{"vdp-response-filters", Severity::kMust, "41.5.3", "V13",
      "A response repeats the request's filters and fills in zeroes.",
      "the bridge answers an earlier command, or changes what it was asked for"},
     filters_are_kept},
    {{"vdp-response-manager", Severity::kShould, "41.2.2", "V01",
      "A response names the manager of its request.", "the bridge puts its own manager there"},
     manager_is_kept},
    {{"vdp-vid-not-chosen", Severity::kMust, "41.2.9", "V09",
      "A success names the VID that the bridge chose for VID 0.",
      "the VSI type has no VLAN at the bridge"},
     vid_is_filled_in},
    {{"vdp-response-unasked", Severity::kShould, "41.5.2", "V12",
      "There is one response to each request.",
      "the bridge answers a resend again, or sent its response after it had been given up"},
     response_was_asked_for},
    {{"vdp-keep-without-association", Severity::kShould, "41.2.3", "V15",
      "KEEP says that an association from before stays.",
      "the bridge still holds the VSI from before the station lost it"},
     keep_needs_something_to_keep},
    {{"vdp-hard-retried", Severity::kShould, "41.2.3", "V17",
      "What was refused with HARD-ERROR is not asked for again.",
      "the station treats every refusal as temporary"},
     hard_is_final},
    {{"vdp-keep-not-ended", Severity::kMust, "41.5.3", "V16",
      "After KEEP to a keep-alive the station sends a De-Associate.",
      "the station takes KEEP for a success"},
     keep_of_keep_alive_ends},
    {{"vdp-deassociate-of-nothing", Severity::kNote, "41.5.2", "V23",
      "A bridge de-associates what is associated.",
      "the bridge kept the VSI after it had confirmed its De-Associate, as lldpad does"},
     deassociate_has_something_to_end},
    {{"vdp-step-down", Severity::kNote, "41.5.3", "V26",
      "An associated VSI is associated anew or de-associated.",
      "a client that pre-associates what runs already"},
     steps_up},
    {{"vdp-deassociate-answered", Severity::kShould, "41.5.3", "V23",
      "The bridge's De-Associate is acknowledged by ECP alone.",
      "the station answers, or its client de-associates at the same time"},
     deassociate_is_not_answered},
};

// ---- Timers ----------------------------------------------------------------------------------

}  // namespace

Judgement response_in_time(const VsiTimerFact& fact) {
  const auto& timer = *fact.timer;
  if (timer.kind != TimerKind::kResponse || timer.overdue) return silent();
  if (timer.measured <= timer.latest) return held();
  return broken(fmt::format("within {}", time_text(timer.latest)), time_text(timer.measured));
}

Judgement response_comes(const VsiTimerFact& fact) {
  const auto& timer = *fact.timer;
  if (timer.kind != TimerKind::kResponse) return silent();
  if (!timer.overdue) return held();
  if (!fact.acknowledged) return silent();  // ecp-not-acknowledged says it
  return broken(fmt::format("a response within {}", time_text(timer.latest)),
                fmt::format("none in {}", time_text(timer.measured)));
}

Judgement keep_alive_not_early(const VsiTimerFact& fact) {
  const auto& timer = *fact.timer;
  if (timer.kind != TimerKind::kKeepAlive || timer.overdue) return silent();
  if (fact.life->early_keep_alives < kEarlyInARow) return held();
  return broken(fmt::format("{} after the last success", time_text(timer.earliest)),
                time_text(timer.measured));
}

Judgement keep_alive_in_time(const VsiTimerFact& fact) {
  const auto& timer = *fact.timer;
  if (timer.kind != TimerKind::kKeepAlive || timer.overdue) return silent();
  const auto latest = timer.latest + timer.latest / 10 + Nanoseconds{500'000'000};
  if (timer.measured <= latest) return held();
  return broken(fmt::format("{} after the last success", time_text(timer.latest)),
                time_text(timer.measured));
}

Judgement keep_alive_comes(const VsiTimerFact& fact) {
  const auto& timer = *fact.timer;
  if (timer.kind != TimerKind::kKeepAlive) return silent();
  if (!timer.overdue) return held();
  return broken(fmt::format("a keep-alive before toutKeepAlive, {}", time_text(timer.latest)),
                fmt::format("none in {}", time_text(timer.measured)));
}

namespace {

constexpr Rule<VsiTimerFact> kTimerRules[] = {
    {{"vdp-response-late", Severity::kShould, "41.5.5.9", "V18",
      "A response comes before respWaitDelay has run out.",
      "the bridge waits for its VSI manager longer than resourceWaitDelay"},
     response_in_time},
    {{"vdp-response-missing", Severity::kMust, "41.5.2", "V18",
      "Every request is answered before respWaitDelay has run out.",
      "the bridge lost the request behind ECP, or stood still"},
     response_comes},
    {{"vdp-keep-alive-early", Severity::kShould, "41.5.5.5", "V20",
      "Keep-alives are reinitKeepAlive apart.",
      "the station runs with a smaller RKA than was agreed"},
     keep_alive_not_early},
    {{"vdp-keep-alive-late", Severity::kShould, "41.5.5.5", "V20",
      "A keep-alive is sent reinitKeepAlive after the last success.",
      "the station runs with a larger RKA than was agreed, or its keep-alives wait in ECP's queue"},
     keep_alive_in_time},
    {{"vdp-keep-alive-missing", Severity::kMust, "41.5.5.13", "V20",
      "A keep-alive comes before the bridge's toutKeepAlive has run out.",
      "the station stood still or forgot the VSI without a De-Associate"},
     keep_alive_comes},
};

}  // namespace

std::span<const Rule<VsiFact>> vsi_rules() { return kVsiRules; }
std::span<const Rule<VsiTimerFact>> vsi_timer_rules() { return kTimerRules; }

}  // namespace agent::replay
