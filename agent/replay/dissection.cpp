// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/dissection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agent/replay/field_text.hpp"
#include "agent/replay/frame_line.hpp"
#include "lldp/basic_tlvs.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/organizational.hpp"
#include "lldp/printable.hpp"
#include "lldp/tlv.hpp"
#include "lldp/trace.hpp"
#include "vdp/trace.hpp"

namespace agent::replay {
namespace {

using lldp::TlvType;

constexpr std::size_t kOrganizationalHead = 4;  // OUI and subtype
constexpr std::uint8_t kVdpManager = 5;
constexpr std::uint8_t kVdpOrganizational = 0x7F;

std::string_view title_of(TlvType type) {
  switch (type) {
    case TlvType::kEnd: return "End TLV";
    case TlvType::kChassisId: return "Chassis ID TLV";
    case TlvType::kPortId: return "Port ID TLV";
    case TlvType::kTimeToLive: return "Time To Live TLV";
    case TlvType::kPortDescription: return "Port Description TLV";
    case TlvType::kSystemName: return "System Name TLV";
    case TlvType::kSystemDescription: return "System Description TLV";
    case TlvType::kSystemCapabilities: return "System Capabilities TLV";
    case TlvType::kManagementAddress: return "Management Address TLV";
    case TlvType::kOrganizational: return "organisationally specific TLV";
  }
  return "TLV of a reserved type";
}

class Dissector {
 public:
  explicit Dissector(const DecodedFrame& frame)
      : frame_(frame), octets_(frame.captured.octets), payload_(frame.link.payload) {}

  std::vector<Section> run() {
    if (frame_.protocol == Protocol::kNone) {
      sections_.push_back({"cut header", 0, octets_.size(), {}});
      return std::move(sections_);
    }
    header();
    if (frame_.protocol == Protocol::kLldp) lldp();
    if (frame_.protocol == Protocol::kEcp) ecp();
    if (frame_.protocol == Protocol::kDraftEcp) draft_ecp();
    return std::move(sections_);
  }

 private:
  /// Begins a section; `length` may lead past the frame, as a broken TLV's does.
  Section& section(std::string title, std::size_t octet, std::size_t length) {
    length = std::min(length, octets_.size() - octet);
    sections_.push_back({std::move(title), octet, length, {}});
    return sections_.back();
  }

  void add(std::string_view name, std::size_t octet, unsigned bit, std::size_t width,
           std::uint64_t value) {
    take({{name, octet, bit, width, value}});
  }

  void take(const base::Fields& fields) {
    auto& to = sections_.back();
    for (const auto& field : fields) to.fields.push_back(describe(field, octets_, to));
  }

  void header() {
    section(frame_.link.destination ? "Ethernet header" : "cooked header (no destination)", 0,
            payload_);
    std::size_t type_at = lldp::kEthernetHeaderSize - 2;
    if (frame_.link.destination) {
      add("destination", 0, 0, 48, 0);
      add("source", 6, 0, 48, 0);
      for (const auto& tag : frame_.link.tags()) {
        add(tag.service() ? "S-tag TPID" : "C-tag TPID", type_at, 0, 16, tag.tpid);
        add("PCP", type_at + 2, 0, 3, tag.tci >> 13U);
        add("DEI", type_at + 2, 3, 1, tag.tci >> 12U & 1U);
        add("VID", type_at + 2, 4, 12, tag.vid());
        type_at += 4;
      }
      add("Ethertype", type_at, 0, 16, frame_.link.ethertype);
    }
  }

  /// The two octets that every TLV begins with. False when the TLV overruns the frame.
  void tlv_header(std::string title, std::size_t at) {
    const auto head = base::u16_at(octets_, at);
    section(std::move(title), at, lldp::kTlvHeaderSize + (head & 0x1FFU));
    add("TLV type", at, 0, 7, head >> 9U);
    add("TLV length", at, 7, 9, head & 0x1FFU);
  }

  /// Walks TLVs from `at`; `one` gets each. Ends after a TLV of type 0, or one that overruns.
  template <class One>
  void tlvs(std::size_t at, One one) {
    while (at + lldp::kTlvHeaderSize <= octets_.size()) {
      const auto head = base::u16_at(octets_, at);
      const auto type = static_cast<std::uint8_t>(head >> 9U);
      const auto begin = at + lldp::kTlvHeaderSize;
      const std::size_t length = std::min<std::size_t>(head & 0x1FFU, octets_.size() - begin);
      one(type, at, octets_.subspan(begin, length));
      at = begin + length;
      if (type == 0) break;
    }
    if (at < octets_.size()) section("padding", at, octets_.size() - at);
  }

  void lldp() {
    tlvs(payload_, [this](std::uint8_t number, std::size_t at, base::Bytes value) {
      const auto type = static_cast<TlvType>(number);
      const auto begin = at + lldp::kTlvHeaderSize;
      tlv_header(std::string(title_of(type)), at);
      base::Fields fields;
      lldp::trace_basic_tlv(type, value, begin, fields);
      take(fields);
      if (type == TlvType::kOrganizational) return organizational(value, begin);
      const std::size_t fixed = fields.empty() ? 0 : fields.back().octet + 1 - begin;
      rest(type, value, fields.size() == 1 && type != TlvType::kTimeToLive ? fixed : 0, begin);
    });
  }

  /// Text, identifiers and addresses: what has no place in a layout table.
  void rest(TlvType type, base::Bytes value, std::size_t fixed, std::size_t begin) {
    std::string text;
    std::string_view name = "text";
    switch (type) {
      case TlvType::kChassisId:
      case TlvType::kPortId: {
        const auto id = lldp::decode_identifier(value);
        if (!id) return;
        name = type == TlvType::kChassisId ? "chassis ID" : "port ID";
        text = type == TlvType::kChassisId ? print_chassis_id(*id) : print_port_id(*id);
        break;
      }
      case TlvType::kPortDescription:
      case TlvType::kSystemName:
      case TlvType::kSystemDescription: text = lldp::to_printable(value); break;
      case TlvType::kManagementAddress: {
        const auto address = lldp::decode_management_address(value);
        name = "address";
        text = address ? print(*address) : lldp::to_hex(value);
        break;
      }
      case TlvType::kEnd:
      case TlvType::kTimeToLive:
      case TlvType::kSystemCapabilities: return;
      default: name = "information", text = lldp::to_hex(value);
    }
    sections_.back().fields.push_back(
        {{name, begin + fixed, 0, (value.size() - fixed) * 8, 0}, std::move(text), {}});
  }

  void organizational(base::Bytes value, std::size_t begin) {
    if (value.size() < kOrganizationalHead) return;
    const auto body = value.subspan(kOrganizationalHead);
    const auto at = begin + kOrganizationalHead;
    const bool ieee = std::ranges::equal(value.first(3), lldp::kIeee8021Oui);
    base::Fields fields;
    if (ieee && value[3] == lldp::kEvbSubtype) {
      sections_.back().title = "EVB TLV";
      lldp::trace_evb_tlv(body, at, fields);
    } else if (ieee && value[3] == lldp::kCdcpSubtype) {
      sections_.back().title = "CDCP TLV";
      lldp::trace_cdcp_tlv(body, at, fields);
    } else {
      draft_evb(value, at, fields);
    }
    take(fields);
  }

  void draft_evb(base::Bytes value, std::size_t at, base::Fields& fields) {
    const auto body = value.subspan(kOrganizationalHead);
    if (std::ranges::equal(value.first(3), lldp::kDraft02Oui) &&
        value[3] == lldp::kDraft02EvbSubtype) {
      sections_.back().title = "EVB TLV of draft 0.2";
      return lldp::trace_draft02_evb_tlv(body, at, fields);
    }
    add("information", at, 0, body.size() * 8, 0);
  }

  void draft_ecp() {
    section("ECP header of draft 0.2", payload_, lldp::kDraft02EcpHeaderSize);
    base::Fields fields;
    lldp::trace_draft02_ecp_header(frame_.payload(), payload_, fields);
    take(fields);
    const auto at = payload_ + lldp::kDraft02EcpHeaderSize;
    if (at >= octets_.size()) return;
    const bool request =
        frame_.draft_ecpdu && frame_.draft_ecpdu->operation == lldp::EcpOperation::kRequest;
    if (!request) {
      section(frame_.draft_ecpdu ? "padding" : "octets after the header", at, octets_.size() - at);
      return;
    }
    tlvs(at, [this](std::uint8_t type, std::size_t tlv_at, base::Bytes value) {
      tlv_header(type == 0 ? "End TLV" : "VDP TLV of draft 0.2", tlv_at);
      base::Fields named;
      if (type != 0) vdp::trace_draft02_tlv(value, tlv_at + lldp::kTlvHeaderSize, named);
      take(named);
    });
  }

  void ecp() {
    section("ECP header", payload_, lldp::kEcpHeaderSize);
    base::Fields fields;
    lldp::trace_ecp_header(frame_.payload(), payload_, fields);
    take(fields);
    const auto at = payload_ + lldp::kEcpHeaderSize;
    if (at >= octets_.size()) return;
    const bool request = frame_.ecpdu && frame_.ecpdu->operation == lldp::EcpOperation::kRequest;
    if (!request) {
      section(frame_.ecpdu ? "padding" : "octets after the header", at, octets_.size() - at);
      return;
    }
    tlvs(at, [this](std::uint8_t type, std::size_t tlv_at, base::Bytes value) {
      vdp(type, tlv_at, value);
    });
  }

  void vdp(std::uint8_t type, std::size_t at, base::Bytes value) {
    const auto begin = at + lldp::kTlvHeaderSize;
    if (type == 0) return tlv_header("End TLV", at);
    if (type == kVdpManager) {
      tlv_header("VSI Manager ID TLV", at);
      return add("VSI manager ID", begin, 0, value.size() * 8, 0);
    }
    if (type < kVdpManager) {
      const bool response = !value.empty() && (value[0] & 0x40U) != 0;
      const auto name = to_string(static_cast<vdp::AssociationType>(type));
      tlv_header(fmt::format("{} {}", name, response ? "response" : "request"), at);
      base::Fields fields;
      vdp::trace_association(value, begin, fields);
      return take(fields);
    }
    tlv_header(type == kVdpOrganizational ? "organisationally defined TLV" : "unknown TLV", at);
    add("information", begin, 0, value.size() * 8, 0);
  }

  const DecodedFrame& frame_;
  base::Bytes octets_;
  std::size_t payload_;
  std::vector<Section> sections_;
};

}  // namespace

std::vector<Section> dissect(const DecodedFrame& frame) { return Dissector(frame).run(); }

}  // namespace agent::replay
