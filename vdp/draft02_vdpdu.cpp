// SPDX-License-Identifier: Apache-2.0
#include "vdp/draft02_vdpdu.hpp"

#include <algorithm>
#include <cassert>

#include "lldp/base/fields.hpp"
#include "lldp/draft02_evb_tlv.hpp"
#include "lldp/tlv.hpp"
#include "vdp/trace.hpp"

namespace vdp {
namespace {

using base::DecodeError;
using base::Fault;

constexpr std::uint8_t kEndType = 0;
constexpr std::uint8_t kOrganizationalType = 0x7F;
constexpr std::uint8_t kMaxMode = 3;
constexpr std::size_t kModeOctet = 4;
constexpr std::size_t kResponseOctet = 5;
constexpr std::size_t kFormatOctet = 27;
constexpr std::size_t kEntriesOctet = 28;

struct Head {
  std::array<std::uint8_t, 3> oui = lldp::kDraft02Oui;
  std::uint8_t subtype = kDraft02VdpSubtype;
  std::uint8_t mode = 0;
  Draft02Response response = Draft02Response::kSuccess;
  std::uint8_t manager = 0;
  VsiType vsi_type;
  std::array<std::uint8_t, 16> instance{};
  FilterFormat format = FilterFormat::kMacVid;
  std::uint16_t entries = 0;
};

void walk(auto& field, auto& head) {
  field("OUI", head.oui);
  field("subtype", 8, head.subtype);
  field("mode", 8, head.mode);
  field("response", 8, head.response);
  field("manager ID", 8, head.manager);
  field("type ID", 24, head.vsi_type.id);
  field("type version", 8, head.vsi_type.version);
  field("instance ID", head.instance);
  field("format", 8, head.format);
  field("entries", 16, head.entries);
}

void walk_entry(auto& field, auto& entry) {
  field("MAC", entry.mac.octets);
  field.reserved(4);
  field("VID", 12, entry.vid);
}

Head head_of(const Draft02Tlv& tlv) {
  Head head;
  head.mode = static_cast<std::uint8_t>(static_cast<unsigned>(tlv.type) - 1);
  head.response = tlv.response;
  head.manager = tlv.manager;
  head.vsi_type = tlv.vsi_type;
  head.instance = tlv.id.octets;
  head.format = tlv.filters.format;
  head.entries = static_cast<std::uint16_t>(tlv.filters.entries.size());
  return head;
}

std::optional<DecodeError> fault_in(const Head& head, std::size_t entry_octets) {
  const auto reserved = [](std::size_t octet) { return DecodeError{Fault::kReservedValue, octet}; };
  if (head.mode > kMaxMode) return reserved(kModeOctet);
  if (head.response > Draft02Response::kOutOfSync) return reserved(kResponseOctet);
  if (head.format != FilterFormat::kMacVid) return reserved(kFormatOctet);
  if (head.entries == 0 || entry_octets != head.entries * entry_size(head.format)) {
    return DecodeError{Fault::kCountMismatch, kEntriesOctet};
  }
  return std::nullopt;
}

bool is_vdp(const lldp::Tlv& tlv) {
  constexpr auto kOuiSize = lldp::kDraft02Oui.size();
  return tlv.type == kOrganizationalType && tlv.value.size() > kOuiSize &&
         std::ranges::equal(tlv.value.first(kOuiSize), lldp::kDraft02Oui) &&
         tlv.value[kOuiSize] == kDraft02VdpSubtype;
}

}  // namespace

std::size_t encoded_size(const Draft02Tlv& tlv) {
  return lldp::kTlvHeaderSize + kDraft02HeadSize +
         tlv.filters.entries.size() * entry_size(FilterFormat::kMacVid);
}

base::Result<Draft02Tlv> decode_draft02_tlv(base::Bytes information) {
  Head head;
  base::FieldReader reader(information);
  walk(reader, head);
  if (const auto fault = reader.fault()) return tl::unexpected(*fault);
  if (const auto fault = fault_in(head, information.size() - kDraft02HeadSize)) {
    return tl::unexpected(*fault);
  }
  Draft02Tlv tlv{.type = static_cast<AssociationType>(head.mode + 1),
                 .response = head.response,
                 .manager = head.manager,
                 .vsi_type = head.vsi_type,
                 .id = {VsiIdFormat::kUuid, head.instance},
                 .filters = {head.format, {}}};
  tlv.filters.entries.resize(head.entries);
  for (auto& entry : tlv.filters.entries) walk_entry(reader, entry);
  assert(!reader.finish());
  return tlv;
}

base::Result<Draft02Vdpdu> decode_draft02_vdpdu(base::Bytes ulpdu) {
  Draft02Vdpdu vdpdu;
  lldp::TlvWalker walker(ulpdu);
  auto tlv = walker.next();
  for (; tlv && *tlv && (*tlv)->type != kEndType; tlv = walker.next()) {
    if (!is_vdp(**tlv)) {
      ++vdpdu.skipped;
      continue;
    }
    auto association = decode_draft02_tlv((*tlv)->value);
    if (association) {
      vdpdu.tlvs.push_back(*std::move(association));
    } else {
      auto error = association.error();
      error.octet += (*tlv)->offset + lldp::kTlvHeaderSize;
      vdpdu.refused.push_back(error);
    }
  }
  if (!tlv) return tl::unexpected(tlv.error());
  return vdpdu;
}

void append_draft02(base::Octets& ulpdu, const Draft02Tlv& tlv) {
  const auto at = lldp::begin_tlv(ulpdu, kOrganizationalType);
  base::FieldWriter writer(ulpdu);
  const auto head = head_of(tlv);
  walk(writer, head);
  for (const auto& entry : tlv.filters.entries) walk_entry(writer, entry);
  lldp::end_tlv(ulpdu, at);
}

std::string_view to_string(Draft02Response response) {
  switch (response) {
    case Draft02Response::kSuccess: return "success";
    case Draft02Response::kInvalidFormat: return "invalid format";
    case Draft02Response::kInsufficientResources: return "insufficient resources";
    case Draft02Response::kUnusedType: return "unused VTID";
    case Draft02Response::kTypeViolation: return "VTID violation";
    case Draft02Response::kVersionViolation: return "VTID version violation";
    case Draft02Response::kOutOfSync: return "out of sync";
  }
  return "?";
}

std::string print(const Draft02Tlv& tlv) {
  base::FieldPrinter printer;
  const auto head = head_of(tlv);
  walk(printer, head);
  for (const auto& entry : tlv.filters.entries) walk_entry(printer, entry);
  return std::string(to_string(tlv.type)) + ": " + std::move(printer).take();
}

std::string print(const Draft02Vdpdu& vdpdu) {
  std::string text;
  for (const auto& tlv : vdpdu.tlvs) text += (text.empty() ? "" : "\n") + print(tlv);
  return text;
}

void trace_draft02_tlv(base::Bytes information, std::size_t offset, base::Fields& to) {
  Head head;
  base::FieldTracer tracer(information, offset, to);
  walk(tracer, head);
  const auto size = entry_size(FilterFormat::kMacVid);
  for (unsigned i = 0; i < head.entries && tracer.octet() + size <= information.size(); ++i) {
    FilterEntry entry;
    walk_entry(tracer, entry);
  }
}

}  // namespace vdp
