// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "lldp/draft02_ecpdu.hpp"
#include "vdp/draft02_vdpdu.hpp"

/// The payload of draft 0.2's ECP Ethertype, down to the VDP TLVs. What is read has to survive
/// being written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto ecpdu = lldp::decode_draft02_ecpdu({data, size});
  if (!ecpdu) {
    assert(ecpdu.error().octet <= size);
    return 0;
  }
  assert(!lldp::print(*ecpdu).empty());
  const auto vdpdu = vdp::decode_draft02_vdpdu(ecpdu->ulpdu);
  if (!vdpdu) {
    assert(vdpdu.error().octet <= ecpdu->ulpdu.size());
    return 0;
  }
  for (const auto& error : vdpdu->refused) assert(error.octet <= ecpdu->ulpdu.size());
  assert(vdp::print(*vdpdu).empty() == vdpdu->tlvs.empty());
  base::Octets octets;
  for (const auto& tlv : vdpdu->tlvs) {
    const auto before = octets.size();
    vdp::append_draft02(octets, tlv);
    assert(octets.size() - before == vdp::encoded_size(tlv));
  }
  const auto again = vdp::decode_draft02_vdpdu(octets);
  assert(again && again->tlvs == vdpdu->tlvs && again->refused.empty());
  return 0;
}
