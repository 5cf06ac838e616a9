// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/frame_line.hpp"

#include <fmt/format.h>

#include <charconv>

#include "lldp/base/hex.hpp"
#include "lldp/basic_tlvs.hpp"
#include "lldp/printable.hpp"

namespace agent::replay {
namespace {

constexpr std::int64_t kNanosecondsPerMicrosecond = 1000;
constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr std::uint16_t kSmallestEthertype = 0x0600;  // smaller ones are lengths
constexpr std::size_t kShownVsis = 3;                 // of one frame; the others are counted

// fmt is not used where every frame passes: a line of a million takes as long as its text.

void append_number(std::string& text, std::uint64_t number, std::size_t width = 0,
                   char fill = ' ') {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  const auto length = static_cast<std::size_t>(end - digits);
  if (length < width) text.append(width - length, fill);
  text.append(digits, length);
}

void append_seconds(std::string& text, std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const auto microseconds = (negative ? -nanoseconds : nanoseconds) / kNanosecondsPerMicrosecond;
  std::string number = negative ? "-" : "";
  append_number(number, static_cast<std::uint64_t>(microseconds / kMicrosecondsPerSecond));
  number += '.';
  append_number(number, static_cast<std::uint64_t>(microseconds % kMicrosecondsPerSecond), 6, '0');
  if (number.size() < 12) text.append(12 - number.size(), ' ');
  text += number;
}

void append_mac(std::string& text, const lldp::MacAddress& address) {
  char digits[17];
  char* at = digits;
  for (const auto octet : address.octets) {
    if (at != digits) *at++ = ':';
    at = base::put_hex(octet, at);
  }
  text.append(digits, sizeof digits);
}

std::string_view relay_text(lldp::RelayStatus status) {
  switch (status) {
    case lldp::RelayStatus::kOff: return "off";
    case lldp::RelayStatus::kOn: return "on";
    default: return "unknown";
  }
}

void append_evb(std::string& text, const lldp::EvbTlv& evb) {
  const bool bridge = evb.mode == lldp::EvbMode::kEvbBridge;
  text += bridge                                   ? "; EVB bridge"
          : evb.mode == lldp::EvbMode::kEvbStation ? "; EVB station"
                                                   : "; EVB not supported";
  fmt::format_to(std::back_inserter(text), " R={} RTE={} RWD={} RKA={}", evb.max_retries,
                 evb.retransmit_exponent, evb.resource_wait_delay, evb.reinit_keep_alive);
  if (bridge) {
    if (evb.relay_capable) text += " RRCAP";
    if (evb.relay_control) text += " RRCTR";
    if (evb.bridge_group_ids) text += " BGID";
  } else {
    if (evb.relay_request) text += " RRREQ";
    text += " RRSTAT=";
    text += relay_text(evb.relay_status);
    if (evb.station_group_ids) text += " SGID";
  }
}

void append_cdcp(std::string& text, const lldp::CdcpTlv& cdcp) {
  text += cdcp.role == lldp::CdcpRole::kBridge ? "; CDCP bridge" : "; CDCP station";
  fmt::format_to(std::back_inserter(text), " ChnCap={}", cdcp.channel_capacity);
  for (const auto& channel : cdcp.channels) {
    fmt::format_to(std::back_inserter(text), " ({},{})", channel.scid, channel.svid);
  }
}

void append_lldp(std::string& text, const DecodedFrame& frame) {
  text += "LLDP";
  if (!frame.lldpdu) return;
  const auto& information = frame.lldpdu->information;
  if (frame.lldpdu->ttl == 0) text += " shutdown";
  fmt::format_to(std::back_inserter(text), " {} / {} TTL {}",
                 lldp::print_chassis_id(information.chassis_id),
                 lldp::print_port_id(information.port_id), frame.lldpdu->ttl);
  if (information.system_name) {
    text += ' ';
    text += lldp::to_printable(*information.system_name);
  }
  if (frame.evb) append_evb(text, *frame.evb);
  if (frame.draft_evb) text += "; draft 0.2 EVB " + print(*frame.draft_evb);
  if (frame.cdcp) append_cdcp(text, *frame.cdcp);
  if (frame.lldpdu->tlvs_discarded > 0) {
    fmt::format_to(std::back_inserter(text), "; {} TLV discarded", frame.lldpdu->tlvs_discarded);
  }
}

void append_status(std::string& text, const vdp::AssociationTlv& tlv) {
  if (!tlv.response) {
    if (tlv.keep_or_s) text += " S";
    if (tlv.hard_or_m) text += " M";
    if (tlv.reason == vdp::Reason::kSuccess) return;
  }
  text += tlv.response ? ": " : " reason ";
  text += to_string(tlv.reason);
  if (!tlv.response) return;
  if (tlv.keep_or_s) text += " KEEP";
  if (tlv.hard_or_m) text += " HARD";
}

void append_filters(std::string& text, const vdp::FilterInfo& filters) {
  if (filters.entries.empty()) return;
  const auto& entry = *filters.entries.begin();
  if (has_group(filters.format)) {
    text += " group ";
    append_number(text, entry.group);
  }
  if (has_mac(filters.format)) {
    text += ' ';
    append_mac(text, entry.mac);
  }
  text += " VID ";
  append_number(text, entry.vid);
  if (entry.ps) {
    text += " PCP ";
    append_number(text, entry.pcp);
  }
  if (filters.entries.size() > 1) {
    text += " +";
    append_number(text, filters.entries.size() - 1);
  }
}

void append_association(std::string& text, const vdp::AssociationTlv& tlv) {
  text += to_string(tlv.type);
  text += tlv.response ? " response " : " ";
  text += to_string(tlv.id);
  text += " type ";
  append_number(text, tlv.vsi_type.id);
  text += " v";
  append_number(text, tlv.vsi_type.version);
  append_filters(text, tlv.filters);
  append_status(text, tlv);
}

void append_ecp(std::string& text, const DecodedFrame& frame) {
  if (!frame.ecpdu) {
    text += "ECP";
    return;
  }
  const bool ack = frame.ecpdu->operation == lldp::EcpOperation::kAck;
  text += ack ? "ECP ack " : "ECP request ";
  append_number(text, frame.ecpdu->sequence);
  if (!frame.vdpdu) return;
  text += " manager ";
  text += to_string(frame.vdpdu->manager);
  const auto& associations = frame.vdpdu->associations;
  for (std::size_t i = 0; i < std::min(associations.size(), kShownVsis); ++i) {
    text += "; ";
    append_association(text, associations[i]);
  }
  if (associations.size() > kShownVsis) {
    text += "; ";
    append_number(text, associations.size() - kShownVsis);
    text += " more";
  }
}

void append_draft(std::string& text, const vdp::Draft02Tlv& tlv) {
  text += to_string(tlv.type);
  text += ' ';
  text += to_string(tlv.id);
  text += " manager ";
  append_number(text, tlv.manager);
  text += " type ";
  append_number(text, tlv.vsi_type.id);
  text += " v";
  append_number(text, tlv.vsi_type.version);
  append_filters(text, tlv.filters);
  text += ": ";
  text += to_string(tlv.response);
}

void append_draft_ecp(std::string& text, const DecodedFrame& frame) {
  text += "draft 0.2 ECP";
  if (!frame.draft_ecpdu) return;
  text += frame.draft_ecpdu->operation == lldp::EcpOperation::kAck ? " ack " : " request ";
  append_number(text, frame.draft_ecpdu->sequence);
  if (!frame.draft_vdpdu) return;
  const auto& tlvs = frame.draft_vdpdu->tlvs;
  for (std::size_t i = 0; i < std::min(tlvs.size(), kShownVsis); ++i) {
    text += "; ";
    append_draft(text, tlvs[i]);
  }
  if (tlvs.size() > kShownVsis) {
    text += "; ";
    append_number(text, tlvs.size() - kShownVsis);
    text += " more";
  }
}

void append_other(std::string& text, const DecodedFrame& frame) {
  if (frame.link.ethertype == kMistakenEthertype) {
    text += "0x8890: not ECP, in spite of lldpad's manual";
    return;
  }
  if (frame.link.ethertype < kSmallestEthertype) {
    text += "not EVB: LLC";
    return;
  }
  fmt::format_to(std::back_inserter(text), "not EVB: Ethertype {:#06x}", frame.link.ethertype);
}

}  // namespace

std::string destination_text(const lldp::MacAddress& destination) {
  if (destination == lldp::kNearestCustomerBridge) return "nearest customer bridge";
  if (destination == lldp::kNearestNonTpmrBridge) return "nearest non-TPMR bridge";
  if (destination == lldp::kNearestBridge) return "nearest bridge";
  return to_string(destination);
}

std::string tags_text(const LinkHeader& link) {
  std::string text;
  for (const auto& tag : link.tags()) {
    text +=
        fmt::format("{}{}-VID {}", text.empty() ? "" : " ", tag.service() ? 'S' : 'C', tag.vid());
  }
  return text;
}

std::string fault_text(const FrameFault& fault) {
  auto text = fmt::format("{}: {} at octet {}", fault.part, to_string(fault.fault), fault.octet);
  if (!fault.statement.empty()) text += fmt::format(" ({})", fault.statement);
  return text;
}

void append_summary(std::string& text, const DecodedFrame& frame) {
  switch (frame.protocol) {
    case Protocol::kLldp: return append_lldp(text, frame);
    case Protocol::kEcp: return append_ecp(text, frame);
    case Protocol::kDraftEcp: return append_draft_ecp(text, frame);
    case Protocol::kOther: return append_other(text, frame);
    case Protocol::kNone: text += "no Ethernet frame"; return;
  }
}

void append_frame_line(std::string& text, const DecodedFrame& frame, std::int64_t first) {
  append_number(text, frame.captured.number, 7);
  append_seconds(text, frame.captured.nanoseconds - first);
  text += "  ";
  append_mac(text, frame.link.source);
  text += "  ";
  if (!frame.link.tags().empty()) text += fmt::format("[{}] ", tags_text(frame.link));
  append_summary(text, frame);
  if (frame.unknown_tail) text += "; the capture keeps only the beginning";
  for (const auto& fault : frame.faults) {
    text += "  ! ";
    text += fault_text(fault);
  }
  text += '\n';
}

}  // namespace agent::replay
