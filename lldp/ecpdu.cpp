// SPDX-License-Identifier: Apache-2.0
#include "lldp/ecpdu.hpp"

#include "lldp/base/fields.hpp"
#include "lldp/trace.hpp"

namespace lldp {
namespace {

constexpr unsigned kVersion = 1;

struct Header {
  unsigned version = kVersion;
  unsigned operation = 0;
  std::uint16_t subtype = 0;
  std::uint16_t sequence = 0;
};

/// 43.3.3.
void walk(auto& field, auto& header) {
  field("version", 4, header.version);
  field("operation", 2, header.operation);
  field("subtype", 10, header.subtype);
  field("sequence", 16, header.sequence);
}

Header header_of(const Ecpdu& ecpdu) {
  return {kVersion, static_cast<unsigned>(ecpdu.operation), ecpdu.subtype, ecpdu.sequence};
}

}  // namespace

base::Result<Ecpdu> decode_ecpdu(base::Bytes payload) {
  Header header;
  base::FieldReader reader(payload);
  walk(reader, header);
  if (const auto fault = reader.fault()) return tl::unexpected(*fault);
  using base::DecodeError;
  using base::Fault;
  if (header.version != kVersion) return tl::unexpected(DecodeError{Fault::kWrongVersion, 0});
  if (header.operation > 1) return tl::unexpected(DecodeError{Fault::kWrongOperation, 0});
  if (header.subtype != kEcpSubtypeVdp) {
    return tl::unexpected(DecodeError{Fault::kWrongSubtype, 1});
  }
  return Ecpdu{static_cast<EcpOperation>(header.operation), header.subtype, header.sequence,
               payload.subspan(kEcpHeaderSize)};
}

base::Octets encode(const Ecpdu& ecpdu) {
  base::Octets octets;
  octets.reserve(kEcpHeaderSize + ecpdu.ulpdu.size());
  base::FieldWriter writer(octets);
  const auto header = header_of(ecpdu);
  walk(writer, header);
  base::append(octets, ecpdu.ulpdu);
  return octets;
}

std::string print(const Ecpdu& ecpdu) {
  base::FieldPrinter printer;
  const auto header = header_of(ecpdu);
  walk(printer, header);
  return std::move(printer).take();
}

void trace_ecp_header(base::Bytes payload, std::size_t offset, base::Fields& to) {
  Header header;
  base::FieldTracer tracer(payload, offset, to);
  walk(tracer, header);
}

}  // namespace lldp
