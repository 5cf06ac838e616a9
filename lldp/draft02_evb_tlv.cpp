// SPDX-License-Identifier: Apache-2.0
#include "lldp/draft02_evb_tlv.hpp"

#include <algorithm>

#include "lldp/base/fields.hpp"
#include "lldp/trace.hpp"

namespace lldp {
namespace {

constexpr std::size_t kSize = 9;  // after OUI and subtype
constexpr std::size_t kRteOctet = 8;
constexpr std::uint8_t kMaxExponent = 31;

void walk_abilities(auto& field, auto& abilities) {
  field("bridging", 1, abilities.standard_bridging);
  field("relay", 1, abilities.reflective_relay);
  field.reserved(6);
  field.reserved(5);
  field("RTE", 1, abilities.rte);
  field("ECP", 1, abilities.ecp);
  field("VDP", 1, abilities.vdp);
}

/// The octets after OUI and subtype, in the order of the wire.
void walk(auto& field, auto& tlv) {
  walk_abilities(field, tlv.supported);
  walk_abilities(field, tlv.configured);
  field("supported VSIs", 16, tlv.supported_vsis);
  field("configured VSIs", 16, tlv.configured_vsis);
  field("RTE exponent", 8, tlv.retransmit_exponent);
}

}  // namespace

base::Result<Draft02EvbTlv> decode_draft02_evb_tlv(base::Bytes information) {
  Draft02EvbTlv tlv;
  base::FieldReader reader(information.first(std::min(information.size(), kSize)));
  walk(reader, tlv);
  if (const auto fault = reader.finish()) return tl::unexpected(*fault);
  if (tlv.retransmit_exponent > kMaxExponent) {
    return tl::unexpected(base::DecodeError{base::Fault::kReservedValue, kRteOctet});
  }
  return tlv;
}

base::Octets encode(const Draft02EvbTlv& tlv) {
  base::Octets octets;
  octets.reserve(kSize);
  base::FieldWriter writer(octets);
  walk(writer, tlv);
  return octets;
}

std::string print(const Draft02EvbTlv& tlv) {
  base::FieldPrinter supported;
  walk_abilities(supported, tlv.supported);
  base::FieldPrinter configured;
  walk_abilities(configured, tlv.configured);
  return "supported: " + std::move(supported).take() +
         "; configured: " + std::move(configured).take() +
         "; VSIs=" + std::to_string(tlv.configured_vsis) + "/" +
         std::to_string(tlv.supported_vsis) + " RTE=" + std::to_string(tlv.retransmit_exponent);
}

void trace_draft02_evb_tlv(base::Bytes information, std::size_t offset, base::Fields& to) {
  Draft02EvbTlv tlv;
  base::FieldTracer tracer(information, offset, to);
  walk(tracer, tlv);
}

}  // namespace lldp
