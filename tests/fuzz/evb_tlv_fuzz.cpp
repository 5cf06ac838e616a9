// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "lldp/evb_negotiation.hpp"
#include "lldp/evb_tlv.hpp"

/// The octets after OUI and subtype; whatever is read also goes through the negotiation.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tlv = lldp::decode_evb_tlv({data, size});
  if (!tlv) return 0;
  assert(lldp::decode_evb_tlv(lldp::encode(*tlv)) == tlv);
  assert(!lldp::print(*tlv).empty());
  for (const auto role : {lldp::EvbRole::kStation, lldp::EvbRole::kBridge}) {
    lldp::EvbProposal proposal;
    proposal.role = role;
    lldp::EvbNegotiation negotiation(proposal);
    negotiation.set_remote(*tlv);
    negotiation.set_relay_in_force(negotiation.relay_wanted());
    assert(negotiation.operational().on == (tlv->mode == lldp::other_mode(role)));
    assert(negotiation.operational().max_retries >= proposal.max_retries);
    const auto local = *negotiation.local();
    assert(lldp::decode_evb_tlv(lldp::encode(local)) == local);
  }
  return 0;
}
