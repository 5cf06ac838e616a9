// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/decoded_frame.hpp"

#include <algorithm>

#include "lldp/basic_tlvs.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/organizational.hpp"
#include "lldp/tlv.hpp"

namespace agent::replay {
namespace {

using base::Fault;

constexpr std::size_t kOrganizationalHead = 4;  // OUI and subtype

void note(DecodedFrame& frame, base::DecodeError error, std::size_t offset, std::string_view part,
          std::string_view statement) {
  const bool at_the_cut = error.fault == Fault::kTruncated || error.fault == Fault::kOverrun ||
                          error.fault == Fault::kCountMismatch;
  if (frame.captured.cut() && at_the_cut) {
    frame.unknown_tail = true;
    return;
  }
  frame.faults.push_back({error.fault, error.octet + offset, part, statement});
}

void scan_organizational(const lldp::Tlv& tlv, std::size_t payload, LldpScan& scan) {
  if (tlv.value.size() < kOrganizationalHead) return;
  const PlacedTlv placed{tlv.value.subspan(kOrganizationalHead),
                         payload + tlv.offset + lldp::kTlvHeaderSize + kOrganizationalHead};
  const auto oui = tlv.value.first(3);
  const auto subtype = tlv.value[3];
  if (std::ranges::equal(oui, lldp::kIeee8021Oui)) {
    if (subtype == lldp::kEvbSubtype && ++scan.evb_count == 1) scan.evb = placed;
    if (subtype == lldp::kCdcpSubtype && !scan.cdcp) scan.cdcp = placed;
  } else if (std::ranges::equal(oui, lldp::kDraft02Oui) && subtype == lldp::kDraft02EvbSubtype &&
             !scan.draft_evb) {
    scan.draft_evb = placed;
  }
}

LldpScan scan_lldpdu(base::Bytes pdu, std::size_t payload) {
  LldpScan scan;
  lldp::TlvWalker walker(pdu);
  for (auto tlv = walker.next(); tlv && *tlv; tlv = walker.next()) {
    const auto& [type, value, offset] = **tlv;
    scan.length = offset + lldp::kTlvHeaderSize + value.size();
    if (type == static_cast<std::uint8_t>(lldp::TlvType::kEnd)) {
      scan.end = true;
      scan.end_empty = value.empty();
      return scan;
    }
    if (type > static_cast<std::uint8_t>(lldp::TlvType::kTimeToLive)) ++scan.optional_tlvs;
    if (type == static_cast<std::uint8_t>(lldp::TlvType::kOrganizational)) {
      scan_organizational(**tlv, payload, scan);
    }
  }
  return scan;
}

/// Which statement a refused LLDPDU breaks.
std::string_view statement_of(Fault fault) {
  switch (fault) {
    case Fault::kOverrun: return "L16";
    case Fault::kTruncated:
    case Fault::kWrongLength: return "L13";
    default: return "L02";
  }
}

void decode_evb(DecodedFrame& frame) {
  if (const auto& tlv = frame.scan.evb) {
    const auto evb = lldp::decode_evb_tlv(tlv->octets);
    if (evb) {
      frame.evb = *evb;
    } else {
      note(frame, evb.error(), tlv->offset, "EVB TLV",
           evb.error().fault == Fault::kTruncated ? "E13" : "E01");
    }
  }
  if (const auto& tlv = frame.scan.draft_evb) {
    const auto evb = lldp::decode_draft02_evb_tlv(tlv->octets);
    if (evb) {
      frame.draft_evb = *evb;
    } else {
      note(frame, evb.error(), tlv->offset, "EVB TLV of draft 0.2", "D01");
    }
  }
}

void decode_lldp(DecodedFrame& frame) {
  const auto payload = frame.payload();
  frame.scan = scan_lldpdu(payload, frame.link.payload);
  auto lldpdu = lldp::decode_lldpdu(payload);
  if (!lldpdu) {
    note(frame, lldpdu.error(), frame.link.payload, "LLDPDU", statement_of(lldpdu.error().fault));
    return;
  }
  if (lldpdu->overrun) {
    note(frame, {Fault::kOverrun, frame.scan.length}, frame.link.payload, "LLDP TLV", "L16");
  }
  frame.lldpdu = *std::move(lldpdu);
  decode_evb(frame);
  if (const auto& tlv = frame.scan.cdcp) {
    auto cdcp = lldp::decode_cdcp_tlv(tlv->octets);
    if (cdcp) {
      frame.cdcp = *std::move(cdcp);
    } else {
      note(frame, cdcp.error(), tlv->offset, "CDCP TLV", "C07");
    }
  }
}

void decode_ecp(DecodedFrame& frame) {
  const auto payload = frame.payload();
  const auto ecpdu = lldp::decode_ecpdu(payload);
  if (!ecpdu) {
    note(frame, ecpdu.error(), frame.link.payload, "ECPDU", "P14");
    return;
  }
  frame.ecpdu = *ecpdu;
  if (ecpdu->operation != lldp::EcpOperation::kRequest) return;
  const auto at = frame.link.payload + lldp::kEcpHeaderSize;
  auto vdpdu = vdp::decode_vdpdu(ecpdu->ulpdu);
  if (!vdpdu) {
    note(frame, vdpdu.error(), at, "VDP PDU",
         vdpdu.error().fault == Fault::kOverrun ? "V31" : "V30");
    return;
  }
  for (const auto& refused : vdpdu->refused) {
    note(frame, refused.error, at, "association TLV", "V31");
  }
  frame.vdpdu = *std::move(vdpdu);
}

void decode_draft_ecp(DecodedFrame& frame) {
  const auto ecpdu = lldp::decode_draft02_ecpdu(frame.payload());
  if (!ecpdu) {
    note(frame, ecpdu.error(), frame.link.payload, "ECPDU of draft 0.2", "D05");
    return;
  }
  frame.draft_ecpdu = *ecpdu;
  if (ecpdu->operation != lldp::EcpOperation::kRequest) return;
  const auto at = frame.link.payload + lldp::kDraft02EcpHeaderSize;
  auto vdpdu = vdp::decode_draft02_vdpdu(ecpdu->ulpdu);
  if (!vdpdu) {
    note(frame, vdpdu.error(), at, "VDP PDU of draft 0.2", "D08");
    return;
  }
  for (const auto& error : vdpdu->refused) note(frame, error, at, "VDP TLV of draft 0.2", "D08");
  frame.draft_vdpdu = *std::move(vdpdu);
}

Protocol protocol_of(const DecodedFrame& frame) {
  switch (frame.link.ethertype) {
    case lldp::kLldpEthertype: return Protocol::kLldp;
    case lldp::kEcpEthertype: return Protocol::kEcp;
    case lldp::kDraft02EcpEthertype: {
      const auto payload = frame.payload();
      const bool draft =
          payload.size() >= lldp::kDraft02Oui.size() &&
          std::ranges::equal(payload.first(lldp::kDraft02Oui.size()), lldp::kDraft02Oui);
      return draft ? Protocol::kDraftEcp : Protocol::kOther;
    }
    default: return Protocol::kOther;
  }
}

}  // namespace

void decode_frame(LinkType type, const CapturedFrame& captured, DecodedFrame& into) {
  into.captured = captured;
  into.protocol = Protocol::kNone;
  into.faults.clear();
  into.unknown_tail = false;
  into.lldpdu.reset();
  into.evb.reset();
  into.cdcp.reset();
  into.ecpdu.reset();
  into.vdpdu.reset();
  into.draft_evb.reset();
  into.draft_ecpdu.reset();
  into.draft_vdpdu.reset();
  const auto link = read_link_header(type, captured.octets);
  if (!link) {
    into.link = {};
    note(into, link.error(), 0, "frame", "");
    return;
  }
  into.link = *link;
  into.protocol = protocol_of(into);
  if (into.protocol == Protocol::kLldp) decode_lldp(into);
  if (into.protocol == Protocol::kEcp) decode_ecp(into);
  if (into.protocol == Protocol::kDraftEcp) decode_draft_ecp(into);
}

}  // namespace agent::replay
