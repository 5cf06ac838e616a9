// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "lldp/draft02_evb_tlv.hpp"

/// The octets after OUI and subtype.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tlv = lldp::decode_draft02_evb_tlv({data, size});
  if (!tlv) {
    assert(tlv.error().octet <= size);
    return 0;
  }
  assert(lldp::decode_draft02_evb_tlv(lldp::encode(*tlv)) == tlv);
  assert(!lldp::print(*tlv).empty());
  return 0;
}
