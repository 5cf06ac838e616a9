// SPDX-License-Identifier: Apache-2.0
#include "vdp/vdpdu.hpp"

#include <algorithm>
#include <cassert>

#include "lldp/base/fields.hpp"
#include "lldp/tlv.hpp"
#include "vdp/trace.hpp"

namespace vdp {
namespace {

using base::DecodeError;
using base::Fault;

constexpr std::uint8_t kEndType = 0;
constexpr std::uint8_t kManagerType = 5;
constexpr std::uint8_t kOrganizationalType = 0x7F;
constexpr std::size_t kIdFormatOctet = 5;
constexpr std::size_t kFilterFormatOctet = 22;

/// 41.2.3 to 41.2.8: the part of every association TLV that has a fixed length.
void walk_head(auto& field, auto& tlv) {
  field.reserved(1);
  field("response", 1, tlv.response);
  field("KEEP/S", 1, tlv.keep_or_s);
  field("HARD/M", 1, tlv.hard_or_m);
  field("reason", 4, tlv.reason);
  field("VSI type ID", 24, tlv.vsi_type.id);
  field("VSI type version", 8, tlv.vsi_type.version);
  field("VSI ID format", 8, tlv.id.format);
  field("VSI ID", tlv.id.octets);
  field("filter info format", 8, tlv.filters.format);
}

/// 41.2.9: one entry; the format says which fields there are.
void walk_entry(auto& field, auto& entry, FilterFormat format) {
  if (has_group(format)) field("GroupID", 32, entry.group);
  if (has_mac(format)) field("MAC", entry.mac.octets);
  field("PS", 1, entry.ps);
  field("PCP", 3, entry.pcp);
  field("VID", 12, entry.vid);
}

/// Reads what follows the head; `information` is the whole information string.
std::optional<DecodeError> read_filters(base::Bytes information, AssociationTlv& tlv) {
  if (information.size() == kAssociationHeadSize && tlv.type == AssociationType::kDeAssociate) {
    return std::nullopt;
  }
  if (information.size() < kAssociationSize) {
    return DecodeError{Fault::kTruncated, information.size()};
  }
  const std::size_t count = base::u16_at(information, kAssociationHeadSize);
  const auto octets = information.subspan(kAssociationSize);
  if (octets.size() != count * entry_size(tlv.filters.format)) {
    return DecodeError{Fault::kCountMismatch, kAssociationHeadSize};
  }
  tlv.filters.entries.resize(count);
  base::FieldReader reader(octets);
  for (auto& entry : tlv.filters.entries) walk_entry(reader, entry, tlv.filters.format);
  assert(!reader.finish());
  return std::nullopt;
}

/// Reads into `tlv` as far as it goes; `tlv` identifies a VSI when the fault lies behind the id.
std::optional<DecodeError> read_association(base::Bytes information, AssociationTlv& tlv) {
  base::FieldReader reader(information.first(std::min(information.size(), kAssociationHeadSize)));
  walk_head(reader, tlv);
  if (const auto fault = reader.fault()) return fault;
  if (tlv.id.format < VsiIdFormat::kIpv4 || tlv.id.format > VsiIdFormat::kUuid) {
    return DecodeError{Fault::kReservedValue, kIdFormatOctet};
  }
  if (tlv.filters.format < FilterFormat::kVid || tlv.filters.format > FilterFormat::kGroupMacVid) {
    return DecodeError{Fault::kReservedValue, kFilterFormatOctet};
  }
  return read_filters(information, tlv);
}

void take_association(const lldp::Tlv& tlv, Vdpdu& vdpdu) {
  AssociationTlv association{.type = static_cast<AssociationType>(tlv.type)};
  auto error = read_association(tlv.value, association);
  if (!error) {
    vdpdu.associations.push_back(std::move(association));
    return;
  }
  RefusedTlv refused{*error, std::nullopt};
  refused.error.octet += tlv.offset + lldp::kTlvHeaderSize;
  if (tlv.value.size() >= kAssociationHeadSize && error->octet > kIdFormatOctet) {
    association.filters = {};
    refused.identified = std::move(association);
  }
  vdpdu.refused.push_back(std::move(refused));
}

void take_organizational(const lldp::Tlv& tlv, Vdpdu& vdpdu) {
  OrganizationalTlv organizational;
  if (tlv.value.size() < organizational.oui.size()) {
    vdpdu.refused.push_back({{Fault::kTruncated, tlv.offset + lldp::kTlvHeaderSize}, std::nullopt});
    return;
  }
  std::copy_n(tlv.value.begin(), organizational.oui.size(), organizational.oui.begin());
  organizational.information.assign(tlv.value.begin() + 3, tlv.value.end());
  vdpdu.organizational.push_back(std::move(organizational));
}

base::Result<ManagerId> read_manager(const std::optional<lldp::Tlv>& tlv) {
  if (!tlv || tlv->type != kManagerType) return tl::unexpected(DecodeError{Fault::kMissing, 0});
  ManagerId manager;
  if (tlv->value.size() != manager.octets.size()) {
    return tl::unexpected(DecodeError{Fault::kWrongLength, 0});
  }
  std::copy(tlv->value.begin(), tlv->value.end(), manager.octets.begin());
  return manager;
}

}  // namespace

base::Result<AssociationTlv> decode_association(AssociationType type, base::Bytes information) {
  AssociationTlv tlv{.type = type};
  if (const auto error = read_association(information, tlv)) return tl::unexpected(*error);
  return tlv;
}

base::Result<Vdpdu> decode_vdpdu(base::Bytes ulpdu) {
  lldp::TlvWalker walker(ulpdu);
  auto tlv = walker.next();
  if (!tlv) return tl::unexpected(tlv.error());
  const auto manager = read_manager(*tlv);
  if (!manager) return tl::unexpected(manager.error());
  Vdpdu vdpdu{.manager = *manager};
  vdpdu.associations.reserve(ulpdu.size() / (lldp::kTlvHeaderSize + kAssociationSize));
  for (tlv = walker.next(); tlv && *tlv && (*tlv)->type != kEndType; tlv = walker.next()) {
    const auto type = (*tlv)->type;
    if (type == kManagerType) {
      return tl::unexpected(DecodeError{Fault::kDuplicate, (*tlv)->offset});
    }
    if (type < kManagerType) {
      take_association(**tlv, vdpdu);
    } else if (type == kOrganizationalType) {
      take_organizational(**tlv, vdpdu);
    } else {
      ++vdpdu.skipped;
    }
  }
  if (!tlv) return tl::unexpected(tlv.error());
  return vdpdu;
}

void append_manager(base::Octets& ulpdu, const ManagerId& manager) {
  lldp::append_tlv(ulpdu, kManagerType, manager.octets);
}

void append_association(base::Octets& ulpdu, const AssociationTlv& tlv) {
  const auto at = lldp::begin_tlv(ulpdu, static_cast<std::uint8_t>(tlv.type));
  ulpdu.resize(at + encoded_size(tlv));
  base::FieldFiller filler(ulpdu.data() + at + lldp::kTlvHeaderSize);
  walk_head(filler, tlv);
  filler("entries", 16, tlv.filters.entries.size());
  for (const auto& entry : tlv.filters.entries) walk_entry(filler, entry, tlv.filters.format);
  lldp::end_tlv(ulpdu, at);
}

void append_organizational(base::Octets& ulpdu, const OrganizationalTlv& tlv) {
  const auto at = lldp::begin_tlv(ulpdu, kOrganizationalType);
  base::append(ulpdu, tlv.oui);
  base::append(ulpdu, tlv.information);
  lldp::end_tlv(ulpdu, at);
}

void append_end(base::Octets& ulpdu) { base::append_u16(ulpdu, 0); }

std::string print(const AssociationTlv& tlv) {
  base::FieldPrinter printer;
  walk_head(printer, tlv);
  for (const auto& entry : tlv.filters.entries) walk_entry(printer, entry, tlv.filters.format);
  return std::string(to_string(tlv.type)) + ": " + std::move(printer).take();
}

std::string print(const Vdpdu& vdpdu) {
  std::string text = "manager " + to_string(vdpdu.manager);
  for (const auto& tlv : vdpdu.associations) text += "\n" + print(tlv);
  return text;
}

void trace_association(base::Bytes information, std::size_t offset, base::Fields& to) {
  AssociationTlv tlv;
  base::FieldTracer tracer(information, offset, to);
  walk_head(tracer, tlv);
  std::uint16_t count = 0;
  tracer("number of entries", 16, count);
  if (tlv.filters.format < FilterFormat::kVid || tlv.filters.format > FilterFormat::kGroupMacVid) {
    return;
  }
  const auto size = entry_size(tlv.filters.format);
  for (unsigned i = 0; i < count && tracer.octet() + size <= information.size(); ++i) {
    FilterEntry entry;
    walk_entry(tracer, entry, tlv.filters.format);
  }
}

bool same_but_zeroes(const FilterInfo& a, const FilterInfo& b) {
  const auto same = [](auto x, auto y) { return x == y || x == 0 || y == 0; };
  return a.format == b.format &&
         std::ranges::equal(a.entries, b.entries, [&](const auto& x, const auto& y) {
           return x.mac == y.mac && same(x.vid, y.vid) && same(x.group, y.group);
         });
}

}  // namespace vdp
