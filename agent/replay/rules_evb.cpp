// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "agent/replay/rule.hpp"

namespace agent::replay {
namespace {

using lldp::EvbMode;
using lldp::RelayStatus;

constexpr std::size_t kEvbSize = 5;               // after OUI and subtype
constexpr Nanoseconds kReaction = 2'000'000'000;  // TLVs cross, and LLDP sends once a second
constexpr std::uint16_t kMostChannels = 167;
constexpr std::size_t kCdcpFixedSize = 4;
constexpr std::size_t kChannelSize = 3;
constexpr std::uint32_t kCdcpReserved = 0x77FFF000;

/// What the peer says has been on the wire long enough to be answered.
bool peer_is_settled(const EvbFact& fact) {
  return fact.remote != nullptr && fact.moment.at - fact.remote->evb_since.at >= kReaction;
}
/// A TLV that was wrong once may have been sent by an end that started anew and has not heard its
/// peer yet: it has to be wrong twice.
template <class Wrong>
bool stays(const EvbFact& fact, Wrong wrong) {
  return wrong(*fact.tlv) && fact.before != nullptr && fact.before->evb &&
         fact.before->heard.at >= fact.remote->evb_since.at && wrong(*fact.before->evb);
}
bool of_station(const EvbFact& fact) { return fact.tlv->mode == EvbMode::kEvbStation; }
bool of_bridge(const EvbFact& fact) { return fact.tlv->mode == EvbMode::kEvbBridge; }
bool remote_mode(const EvbFact& fact, EvbMode mode) {
  return fact.remote != nullptr && fact.remote->evb->mode == mode;
}

std::string_view relay_text(RelayStatus status) {
  switch (status) {
    case RelayStatus::kOff: return "RRSTAT off";
    case RelayStatus::kOn: return "RRSTAT on";
    default: return "RRSTAT unknown";
  }
}

std::string bits_text(bool a, bool b, bool c, std::string_view names) {
  return fmt::format("{} = {}{}{}", names, a ? 1 : 0, b ? 1 : 0, c ? 1 : 0);
}

Judgement evb_length(const EvbFact& fact) {
  if (fact.octets.size() == kEvbSize) return held();
  return broken("9 octets", fmt::format("{}", fact.octets.size() + 4));
}

Judgement evb_reserved(const EvbFact& fact) {
  if (fact.octets.size() < kEvbSize) return silent();
  const unsigned reserved =
      (fact.octets[0] & 0xF8U) | (fact.octets[1] & 0xF0U) | (fact.octets[4] & 0xC0U);
  if (reserved == 0) return held();
  return broken("reserved bits 0", fmt::format("octets {:02x} {:02x} .. {:02x}", fact.octets[0],
                                               fact.octets[1], fact.octets[4]));
}

Judgement evb_once(const EvbFact& fact) {
  if (fact.frame->scan.evb_count == 1) return held();
  return broken("one EVB TLV", fmt::format("{}", fact.frame->scan.evb_count));
}

Judgement evb_modes_complement(const EvbFact& fact) {
  if (fact.tlv->mode == EvbMode::kNotSupported || fact.remote == nullptr) return silent();
  if (fact.remote->evb->mode == EvbMode::kNotSupported) return silent();
  if (fact.remote->evb->mode != fact.tlv->mode) return held();
  return broken("a station on one side and a bridge on the other",
                of_bridge(fact) ? "two bridges" : "two stations");
}

Judgement rrctr_needs_rrcap(const EvbFact& fact) {
  if (!of_bridge(fact) || !fact.tlv->relay_control) return silent();
  return fact.tlv->relay_capable ? held() : broken("RRCAP with RRCTR", "RRCTR alone");
}

Judgement rrctr_needs_rrreq(const EvbFact& fact) {
  if (!of_bridge(fact) || !peer_is_settled(fact)) return silent();
  if (!remote_mode(fact, EvbMode::kEvbStation) || !fact.tlv->relay_control) return silent();
  if (fact.remote->evb->relay_request) return held();
  return broken("RRCTR 0, since the station's RRREQ is 0", "RRCTR 1");
}

Judgement rrctr_follows_rrreq(const EvbFact& fact) {
  if (!of_bridge(fact) || !peer_is_settled(fact)) return silent();
  if (!remote_mode(fact, EvbMode::kEvbStation) || !fact.remote->evb->relay_request) return silent();
  if (!fact.tlv->relay_capable) return silent();
  if (fact.tlv->relay_control) return held();
  const bool still = stays(fact, [](const auto& tlv) { return !tlv.relay_control; });
  return still ? broken("RRCTR 1, since RRREQ and RRCAP are", "RRCTR 0") : silent();
}

Judgement rrstat_follows_rrctr(const EvbFact& fact) {
  if (!of_station(fact) || !peer_is_settled(fact)) return silent();
  if (!remote_mode(fact, EvbMode::kEvbBridge)) return silent();
  const auto want = fact.remote->evb->relay_control ? RelayStatus::kOn : RelayStatus::kOff;
  if (fact.tlv->relay_status == want) return held();
  if (!stays(fact, [&](const auto& tlv) { return tlv.relay_status != want; })) return silent();
  return broken(std::string(relay_text(want)), std::string(relay_text(fact.tlv->relay_status)));
}

Judgement rrstat_unknown_without_bridge(const EvbFact& fact) {
  if (!of_station(fact) || fact.peer == nullptr || !fact.peer->evb_gone) return silent();
  if (fact.moment.at - fact.peer->lldp->evb_since.at < kReaction) return silent();
  if (fact.tlv->relay_status != RelayStatus::kOn && fact.tlv->relay_status != RelayStatus::kOff) {
    return held();
  }
  return broken("RRSTAT unknown, since the bridge is gone",
                std::string(relay_text(fact.tlv->relay_status)));
}

Judgement bridge_status_is_repeated(const EvbFact& fact) {
  if (!of_station(fact) || !peer_is_settled(fact)) return silent();
  if (!remote_mode(fact, EvbMode::kEvbBridge)) return silent();
  const auto& heard = *fact.remote->evb;
  const auto& tlv = *fact.tlv;
  const auto differs = [&](const lldp::EvbTlv& one) {
    return one.bridge_group_ids != heard.bridge_group_ids ||
           one.relay_capable != heard.relay_capable || one.relay_control != heard.relay_control;
  };
  if (!differs(tlv)) return held();
  if (!stays(fact, differs)) return silent();
  constexpr std::string_view kNames = "BGID RRCAP RRCTR";
  return broken(bits_text(heard.bridge_group_ids, heard.relay_capable, heard.relay_control, kNames),
                bits_text(tlv.bridge_group_ids, tlv.relay_capable, tlv.relay_control, kNames));
}

Judgement station_status_is_repeated(const EvbFact& fact) {
  if (!of_bridge(fact) || !peer_is_settled(fact)) return silent();
  if (!remote_mode(fact, EvbMode::kEvbStation)) return silent();
  const auto& heard = *fact.remote->evb;
  const auto& tlv = *fact.tlv;
  const auto differs = [&](const lldp::EvbTlv& one) {
    return one.station_group_ids != heard.station_group_ids ||
           one.relay_request != heard.relay_request || one.relay_status != heard.relay_status;
  };
  if (!differs(tlv)) return held();
  if (!stays(fact, differs)) return silent();
  constexpr std::string_view kNames = "SGID RRREQ RRSTAT";
  const auto text = [&](const lldp::EvbTlv& one) {
    return fmt::format("{} = {}{} {}", kNames, one.station_group_ids ? 1 : 0,
                       one.relay_request ? 1 : 0, static_cast<int>(one.relay_status));
  };
  return broken(text(heard), text(tlv));
}

/// ROL local although the remote proposes more: then the larger value cannot be in use.
Judgement larger_value_is_used(const EvbFact& fact) {
  if (!peer_is_settled(fact)) return silent();
  const auto& heard = *fact.remote->evb;
  const auto& tlv = *fact.tlv;
  if (heard.mode == tlv.mode) return silent();
  if (!tlv.remote_rwd && tlv.resource_wait_delay < heard.resource_wait_delay) {
    return broken(fmt::format("ROL 1: RWD {} of the peer is larger", heard.resource_wait_delay),
                  fmt::format("ROL 0 with RWD {}", tlv.resource_wait_delay));
  }
  if (!tlv.remote_rka && tlv.reinit_keep_alive < heard.reinit_keep_alive) {
    return broken(fmt::format("ROL 1: RKA {} of the peer is larger", heard.reinit_keep_alive),
                  fmt::format("ROL 0 with RKA {}", tlv.reinit_keep_alive));
  }
  return held();
}

/// ROL remote although the remote proposes less than what is written.
Judgement smaller_value_is_not_used(const EvbFact& fact) {
  if (!peer_is_settled(fact)) return silent();
  const auto& heard = *fact.remote->evb;
  const auto& tlv = *fact.tlv;
  if (heard.mode == tlv.mode) return silent();
  if (tlv.remote_rwd && tlv.resource_wait_delay > heard.resource_wait_delay) {
    return broken("ROL 0: the own RWD is larger",
                  fmt::format("ROL 1, RWD {} against {}", tlv.resource_wait_delay,
                              heard.resource_wait_delay));
  }
  if (tlv.remote_rka && tlv.reinit_keep_alive > heard.reinit_keep_alive) {
    return broken(
        "ROL 0: the own RKA is larger",
        fmt::format("ROL 1, RKA {} against {}", tlv.reinit_keep_alive, heard.reinit_keep_alive));
  }
  return held();
}

constexpr Rule<EvbFact> kEvbRules[] = {
    {{"evb-length", Severity::kShould, "D.2.12", "E01", "The EVB TLV has 9 octets.",
      "a later revision, or octets that belong to another TLV"},
     evb_length},
    {{"evb-reserved-bits", Severity::kMust, "D.2.12", "E01", "Reserved bits are sent as 0.",
      "bits of another layout, or an echo of what the peer sent there"},
     evb_reserved},
    {{"evb-twice", Severity::kShould, "D.2.12", "E01", "There is one EVB TLV in an LLDPDU.",
      "two programs add it"},
     evb_once},
    {{"evb-same-mode", Severity::kShould, "D.2.12", "E12",
      "EVB comes on between a station and a bridge only.",
      "one of the two ends is configured for the wrong role"},
     evb_modes_complement},
    {{"evb-rrctr-without-rrcap", Severity::kMust, "D.2.12", "E05",
      "A bridge whose relay is on says that it can do it.", "RRCAP taken from configuration alone"},
     rrctr_needs_rrcap},
    {{"evb-rrctr-without-rrreq", Severity::kMust, "D.2.12", "E05",
      "A bridge turns the reflective relay on for a station that asks for it only.",
      "hairpin is switched on by hand on the bridge's port"},
     rrctr_needs_rrreq},
    {{"evb-rrctr-missing", Severity::kShould, "D.2.12", "E05",
      "A bridge that can relay turns it on when the station asks.",
      "the bridge could not change its port; look for its log"},
     rrctr_follows_rrreq},
    {{"evb-rrstat", Severity::kMust, "D.2.12", "E05",
      "The station's RRSTAT repeats the RRCTR that it last received.",
      "the station does not receive the bridge's LLDPDUs, or stores them elsewhere"},
     rrstat_follows_rrctr},
    {{"evb-rrstat-without-bridge", Severity::kShould, "D.2.12", "E15",
      "Without a bridge the station's RRSTAT is unknown.",
      "the station keeps what it knew after the bridge's TTL ran out"},
     rrstat_unknown_without_bridge},
    {{"evb-echo-of-station", Severity::kShould, "D.2.12", "E06",
      "A station repeats the bridge's status octet.",
      "the station does not receive the bridge's LLDPDUs, or leaves the octet 0"},
     bridge_status_is_repeated},
    {{"evb-echo-of-bridge", Severity::kNote, "D.2.12", "E06",
      "A bridge repeats the station's status octet.",
      "the bridge does not receive the station's LLDPDUs, or leaves the octet 0"},
     station_status_is_repeated},
    {{"evb-max-not-used", Severity::kShould, "D.2.12", "E08",
      "The larger of both proposals is in use, and ROL says whose it is.",
      "the sender is set to manual, or takes its own value whatever it hears"},
     larger_value_is_used},
    {{"evb-rol", Severity::kShould, "D.2.12", "E10",
      "ROL is 1 only where the peer's value is not smaller.",
      "the sender holds on to a value that the peer no longer proposes"},
     smaller_value_is_not_used},
};

// ---- CDCP ------------------------------------------------------------------------------------

Judgement cdcp_is_readable(const CdcpFact& fact) {
  if (fact.frame->unknown_tail) return silent();
  if (fact.tlv != nullptr && (fact.octets.size() - kCdcpFixedSize) % kChannelSize == 0) {
    return held();
  }
  return broken("8 + 3N octets, SCIDs once each, no S-VID 4095",
                fmt::format("{} octets that cannot be read so", fact.octets.size() + 4));
}

Judgement cdcp_reserved(const CdcpFact& fact) {
  if (fact.octets.size() < kCdcpFixedSize) return silent();
  const auto head = static_cast<std::uint32_t>(base::u16_at(fact.octets, 0)) << 16U |
                    base::u16_at(fact.octets, 2);
  if ((head & kCdcpReserved) == 0) return held();
  return broken("reserved bits 0", fmt::format("{:08x}", head));
}

Judgement cdcp_default_channel(const CdcpFact& fact) {
  if (fact.tlv == nullptr) return silent();
  if (fact.tlv->channels.front() == lldp::SChannel{}) return held();
  return broken("(1,1) first", fmt::format("({},{})", fact.tlv->channels.front().scid,
                                           fact.tlv->channels.front().svid));
}

Judgement cdcp_capacity(const CdcpFact& fact) {
  if (fact.tlv == nullptr) return silent();
  const auto capacity = fact.tlv->channel_capacity;
  if (capacity >= 1 && capacity <= kMostChannels) return held();
  return broken("ChnCap 1 to 167", std::to_string(capacity));
}

Judgement cdcp_svids(const CdcpFact& fact) {
  if (fact.tlv == nullptr) return silent();
  const auto wrong = std::ranges::find_if(fact.tlv->channels, [](const auto& channel) {
    return channel.svid == 1 && channel.scid != 1;
  });
  if (wrong == fact.tlv->channels.end()) return held();
  return broken("S-VID 1 for the default channel only", fmt::format("({},1)", wrong->scid));
}

Judgement cdcp_roles_complement(const CdcpFact& fact) {
  if (fact.tlv == nullptr || fact.remote == nullptr) return silent();
  if (fact.tlv->role != fact.remote->role) return held();
  return broken("role S on one side and role B on the other",
                fact.tlv->role == lldp::CdcpRole::kBridge ? "B twice" : "S twice");
}

Judgement cdcp_within_capacity(const CdcpFact& fact) {
  if (fact.tlv == nullptr || fact.remote == nullptr) return silent();
  const auto limit = std::min(fact.tlv->channel_capacity, fact.remote->channel_capacity);
  if (fact.tlv->role == lldp::CdcpRole::kStation || fact.tlv->channels.size() <= limit) {
    return held();
  }
  return broken(fmt::format("{} channels at most", limit),
                std::to_string(fact.tlv->channels.size()));
}

constexpr Rule<CdcpFact> kCdcpRules[] = {
    {{"cdcp-unreadable", Severity::kMust, "D.2.13", "C07",
      "The CDCP TLV has 8 + 3N octets, each SCID once, and S-VIDs of 0 to 4094.",
      "a length that was counted wrong"},
     cdcp_is_readable},
    {{"cdcp-reserved-bits", Severity::kMust, "D.2.13", "C01", "Reserved bits are sent as 0.",
      "bits of another layout"},
     cdcp_reserved},
    {{"cdcp-default-channel", Severity::kMust, "D.2.13", "C02",
      "The default S-channel (1,1) stands first.", "the list is sorted otherwise"},
     cdcp_default_channel},
    {{"cdcp-capacity", Severity::kShould, "42.4", "C01", "ChnCap is 1 to 167.",
      "another unit, or a field that was not filled in"},
     cdcp_capacity},
    {{"cdcp-svid", Severity::kMust, "42.4", "C03",
      "S-VID 1 belongs to the default S-channel alone.", "a pool of S-VIDs that begins at 1"},
     cdcp_svids},
    {{"cdcp-same-role", Severity::kShould, "42.4.12", "C06",
      "S-channels come up between a station and a bridge only.",
      "one of the two ends is configured for the wrong role"},
     cdcp_roles_complement},
    {{"cdcp-too-many", Severity::kShould, "42.4.8", "C03",
      "A bridge assigns as many channels as both ends can have at most.",
      "the bridge looks at its own ChnCap only"},
     cdcp_within_capacity},
};

}  // namespace

std::span<const Rule<EvbFact>> evb_rules() { return kEvbRules; }
std::span<const Rule<CdcpFact>> cdcp_rules() { return kCdcpRules; }

}  // namespace agent::replay
