// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "lldp/ethernet.hpp"
#include "lldp/lldpdu.hpp"

/// A whole Ethernet frame: what is read can be printed, and is the same after it was written and
/// read again, unless it did not fit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto frame = lldp::decode_ethernet({data, size});
  if (!frame) return 0;
  const auto lldpdu = lldp::decode_lldpdu(frame->payload);
  if (!lldpdu) {
    assert(lldpdu.error().octet <= frame->payload.size());
    return 0;
  }
  assert(!lldp::print(*lldpdu).empty());
  const auto encoded = lldp::encode_lldpdu(lldpdu->information, lldpdu->ttl);
  assert(encoded.octets.size() <= lldp::kMaxLldpduSize);
  const auto again = lldp::decode_lldpdu(encoded.octets);
  assert(again && again->ttl == lldpdu->ttl && !again->overrun && again->tlvs_discarded == 0);
  assert(encoded.tlvs_left_out > 0 || again->information == lldpdu->information);
  return 0;
}
