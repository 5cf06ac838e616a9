// SPDX-License-Identifier: Apache-2.0
#include "lldp/ecp_framing.hpp"

#include "lldp/draft02_ecpdu.hpp"
#include "lldp/ethernet.hpp"

namespace lldp {
namespace {

base::Octets ratified_request(std::uint16_t sequence, base::Bytes ulpdu) {
  return encode(Ecpdu{EcpOperation::kRequest, kEcpSubtypeVdp, sequence, ulpdu});
}

base::Octets ratified_ack(std::uint16_t sequence, base::Bytes /*ulpdu*/) {
  return encode(Ecpdu{EcpOperation::kAck, kEcpSubtypeVdp, sequence, {}});
}

base::Result<Ecpdu> draft02_decode(base::Bytes payload) {
  const auto ecpdu = decode_draft02_ecpdu(payload);
  if (!ecpdu) return tl::unexpected(ecpdu.error());
  return Ecpdu{ecpdu->operation, kEcpSubtypeVdp, ecpdu->sequence, ecpdu->ulpdu};
}

base::Octets draft02_request(std::uint16_t sequence, base::Bytes ulpdu) {
  return encode(Draft02Ecpdu{EcpOperation::kRequest, sequence, ulpdu});
}

base::Octets draft02_ack(std::uint16_t sequence, base::Bytes ulpdu) {
  return encode(Draft02Ecpdu{EcpOperation::kAck, sequence, base::Octets(ulpdu.size())});
}

constexpr EcpFraming kRatified{kEcpEthertype, kEcpHeaderSize, decode_ecpdu, ratified_request,
                               ratified_ack};
constexpr EcpFraming kDraft02{kDraft02EcpEthertype, kDraft02EcpHeaderSize, draft02_decode,
                              draft02_request, draft02_ack};

}  // namespace

const EcpFraming& ecp_framing(Dialect dialect) {
  return dialect == Dialect::kDraft02 ? kDraft02 : kRatified;
}

}  // namespace lldp
