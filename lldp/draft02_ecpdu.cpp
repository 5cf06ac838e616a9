// SPDX-License-Identifier: Apache-2.0
#include "lldp/draft02_ecpdu.hpp"

#include "lldp/base/fields.hpp"
#include "lldp/draft02_evb_tlv.hpp"
#include "lldp/trace.hpp"

namespace lldp {
namespace {

constexpr std::size_t kSubtypeOctet = 4;
constexpr std::size_t kModeOctet = 6;

struct Header {
  std::array<std::uint8_t, 3> oui = kDraft02Oui;
  std::uint16_t subtype = 0;
  std::uint8_t mode = 0;
  std::uint16_t sequence = 0;
};

void walk(auto& field, auto& header) {
  field("OUI", header.oui);
  field.reserved(8);
  field("subtype", 16, header.subtype);
  field("mode", 8, header.mode);
  field("sequence", 16, header.sequence);
}

Header header_of(const Draft02Ecpdu& ecpdu) {
  return {kDraft02Oui, 0, static_cast<std::uint8_t>(ecpdu.operation), ecpdu.sequence};
}

}  // namespace

base::Result<Draft02Ecpdu> decode_draft02_ecpdu(base::Bytes payload) {
  Header header;
  base::FieldReader reader(payload);
  walk(reader, header);
  if (const auto fault = reader.fault()) return tl::unexpected(*fault);
  using base::DecodeError;
  using base::Fault;
  if (header.oui != kDraft02Oui) return tl::unexpected(DecodeError{Fault::kWrongSubtype, 0});
  if (header.subtype != 0) {
    return tl::unexpected(DecodeError{Fault::kWrongSubtype, kSubtypeOctet});
  }
  if (header.mode > 1) return tl::unexpected(DecodeError{Fault::kWrongOperation, kModeOctet});
  return Draft02Ecpdu{static_cast<EcpOperation>(header.mode), header.sequence,
                      payload.subspan(kDraft02EcpHeaderSize)};
}

base::Octets encode(const Draft02Ecpdu& ecpdu) {
  base::Octets octets;
  octets.reserve(kDraft02EcpHeaderSize + ecpdu.ulpdu.size());
  base::FieldWriter writer(octets);
  const auto header = header_of(ecpdu);
  walk(writer, header);
  base::append(octets, ecpdu.ulpdu);
  return octets;
}

std::string print(const Draft02Ecpdu& ecpdu) {
  base::FieldPrinter printer;
  const auto header = header_of(ecpdu);
  walk(printer, header);
  return std::move(printer).take();
}

void trace_draft02_ecp_header(base::Bytes payload, std::size_t offset, base::Fields& to) {
  Header header;
  base::FieldTracer tracer(payload, offset, to);
  walk(tracer, header);
}

}  // namespace lldp
