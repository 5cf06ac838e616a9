// SPDX-License-Identifier: Apache-2.0
#include "lldp/ethernet.hpp"

#include "lldp/base/fields.hpp"

namespace lldp {
namespace {

/// 802.3 clause 3.1.1, without preamble and FCS.
void walk(auto& field, auto& header) {
  field("destination", header.destination.octets);
  field("source", header.source.octets);
  field("Ethertype", 16, header.ethertype);
}

}  // namespace

base::Result<EthernetFrame> decode_ethernet(base::Bytes frame) {
  EthernetFrame header;
  base::FieldReader reader(frame);
  walk(reader, header);
  if (const auto fault = reader.fault()) return tl::unexpected(*fault);
  header.payload = frame.subspan(reader.octet());
  return header;
}

base::Octets encode_ethernet(const EthernetFrame& frame) {
  base::Octets octets;
  octets.reserve(std::max(kMinimumFrameSize, kEthernetHeaderSize + frame.payload.size()));
  base::FieldWriter writer(octets);
  walk(writer, frame);
  base::append(octets, frame.payload);
  if (octets.size() < kMinimumFrameSize) octets.resize(kMinimumFrameSize);
  return octets;
}

}  // namespace lldp
