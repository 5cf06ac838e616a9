// SPDX-License-Identifier: Apache-2.0
#include "lldp/cdcp_tlv.hpp"

#include <algorithm>
#include <bitset>

#include "lldp/base/fields.hpp"
#include "lldp/trace.hpp"

namespace lldp {
namespace {

constexpr std::size_t kFixedSize = 4;  // after OUI and subtype
constexpr std::size_t kChannelSize = 3;
constexpr unsigned kReservedSvid = 4095;

/// D.2.13, the octets after OUI and subtype up to the list.
void walk(auto& field, auto& tlv) {
  field("role", 1, tlv.role);
  field.reserved(3);
  field("SComp", 1, tlv.s_component);
  field.reserved(15);
  field("ChnCap", 12, tlv.channel_capacity);
}

/// One entry of the list.
void walk_channel(auto& field, auto& channel) {
  field("SCID", 12, channel.scid);
  field("SVID", 12, channel.svid);
}

}  // namespace

base::Result<CdcpTlv> decode_cdcp_tlv(base::Bytes information) {
  CdcpTlv tlv;
  if (information.size() < kFixedSize + kChannelSize) {
    return tl::unexpected(base::DecodeError{base::Fault::kTruncated, information.size()});
  }
  base::FieldReader reader(information);
  walk(reader, tlv);
  const auto count = std::min((information.size() - kFixedSize) / kChannelSize, kMaxSChannels);
  tlv.channels.resize(count);
  std::bitset<4096> seen;
  for (auto& channel : tlv.channels) {
    const auto at = reader.octet();
    walk_channel(reader, channel);
    if (channel.scid == 0) {
      return tl::unexpected(base::DecodeError{base::Fault::kReservedValue, at});
    }
    if (channel.svid == kReservedSvid) {
      return tl::unexpected(base::DecodeError{base::Fault::kReservedValue, at + 1});
    }
    if (seen.test(channel.scid)) {
      return tl::unexpected(base::DecodeError{base::Fault::kDuplicate, at});
    }
    seen.set(channel.scid);
  }
  if (const auto fault = reader.finish()) return tl::unexpected(*fault);
  return tlv;
}

base::Octets encode(const CdcpTlv& tlv) {
  base::Octets octets;
  base::FieldWriter writer(octets);
  walk(writer, tlv);
  for (const auto& channel : tlv.channels) walk_channel(writer, channel);
  return octets;
}

std::string print(const CdcpTlv& tlv) {
  base::FieldPrinter printer;
  walk(printer, tlv);
  for (const auto& channel : tlv.channels) walk_channel(printer, channel);
  return std::move(printer).take();
}

void trace_cdcp_tlv(base::Bytes information, std::size_t offset, base::Fields& to) {
  CdcpTlv tlv;
  base::FieldTracer tracer(information, offset, to);
  walk(tracer, tlv);
  while (tracer.octet() + kChannelSize <= information.size()) {
    SChannel channel;
    walk_channel(tracer, channel);
  }
}

}  // namespace lldp
