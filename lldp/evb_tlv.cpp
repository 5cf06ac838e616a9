// SPDX-License-Identifier: Apache-2.0
#include "lldp/evb_tlv.hpp"

#include "lldp/base/fields.hpp"
#include "lldp/trace.hpp"

namespace lldp {
namespace {

constexpr std::size_t kEvbTlvSize = 5;  // after OUI and subtype
constexpr std::size_t kModeOctet = 3;

/// D.2.12, the octets after OUI and subtype, in the order of the wire.
void walk(auto& field, auto& tlv) {
  field.reserved(5);
  field("BGID", 1, tlv.bridge_group_ids);
  field("RRCAP", 1, tlv.relay_capable);
  field("RRCTR", 1, tlv.relay_control);
  field.reserved(4);
  field("SGID", 1, tlv.station_group_ids);
  field("RRREQ", 1, tlv.relay_request);
  field("RRSTAT", 2, tlv.relay_status);
  field("R", 3, tlv.max_retries);
  field("RTE", 5, tlv.retransmit_exponent);
  field("mode", 2, tlv.mode);
  field("ROL(RWD)", 1, tlv.remote_rwd);
  field("RWD", 5, tlv.resource_wait_delay);
  field.reserved(2);
  field("ROL(RKA)", 1, tlv.remote_rka);
  field("RKA", 5, tlv.reinit_keep_alive);
}

}  // namespace

base::Result<EvbTlv> decode_evb_tlv(base::Bytes information) {
  EvbTlv tlv;
  base::FieldReader reader(information.first(std::min(information.size(), kEvbTlvSize)));
  walk(reader, tlv);
  if (const auto fault = reader.finish()) return tl::unexpected(*fault);
  if (tlv.mode > EvbMode::kEvbStation) {
    return tl::unexpected(base::DecodeError{base::Fault::kReservedValue, kModeOctet});
  }
  return tlv;
}

base::Octets encode(const EvbTlv& tlv) {
  base::Octets octets;
  octets.reserve(kEvbTlvSize);
  base::FieldWriter writer(octets);
  walk(writer, tlv);
  return octets;
}

std::string print(const EvbTlv& tlv) {
  base::FieldPrinter printer;
  walk(printer, tlv);
  return std::move(printer).take();
}

void trace_evb_tlv(base::Bytes information, std::size_t offset, base::Fields& to) {
  EvbTlv tlv;
  base::FieldTracer tracer(information, offset, to);
  walk(tracer, tlv);
}

}  // namespace lldp
