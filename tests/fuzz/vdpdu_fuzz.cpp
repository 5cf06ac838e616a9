// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "lldp/tlv.hpp"
#include "vdp/vdpdu.hpp"

/// The upper-layer PDU of an ECP request. What is read has to survive being written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto vdpdu = vdp::decode_vdpdu({data, size});
  if (!vdpdu) {
    assert(vdpdu.error().octet <= size);
    return 0;
  }
  assert(!vdp::print(*vdpdu).empty());
  base::Octets octets;
  vdp::append_manager(octets, vdpdu->manager);
  for (const auto& tlv : vdpdu->associations) {
    const auto before = octets.size();
    vdp::append_association(octets, tlv);
    assert(octets.size() - before == vdp::encoded_size(tlv));
    assert(vdp::same_but_zeroes(tlv.filters, tlv.filters));
  }
  for (const auto& tlv : vdpdu->organizational) vdp::append_organizational(octets, tlv);
  vdp::append_end(octets);
  const auto again = vdp::decode_vdpdu(octets);
  assert(again && again->manager == vdpdu->manager);
  assert(again->associations == vdpdu->associations);
  assert(again->organizational == vdpdu->organizational && again->refused.empty());
  for (const auto& refused : vdpdu->refused) {
    assert(refused.error.octet <= size);
    if (refused.identified) assert(refused.identified->filters.entries.empty());
  }
  return 0;
}
