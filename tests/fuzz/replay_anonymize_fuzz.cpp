// SPDX-License-Identifier: Apache-2.0
// One frame; its first octet chooses the link type. A pseudonymous frame is as long, of the same
// protocol, and has the same faults.
#include <algorithm>
#include <cassert>

#include "agent/replay/anonymizer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent::replay;
  if (size == 0) return 0;
  const auto type = static_cast<LinkType>(data[0] % 3);
  const base::Bytes octets(data + 1, size - 1);
  static constexpr std::uint8_t kKey[] = {1, 2, 3, 4, 5, 6, 7, 8};
  Anonymizer anonymizer{Pseudonyms(kKey)};
  DecodedFrame before;
  decode_frame(type, {1, 0, octets, octets.size()}, before);
  const auto made = anonymizer.frame(type, before);
  assert(made.size() == octets.size());
  DecodedFrame after;
  decode_frame(type, {1, 0, made, made.size()}, after);
  assert(after.protocol == before.protocol);
  assert(std::ranges::equal(after.faults, before.faults, [](const auto& a, const auto& b) {
    return a.fault == b.fault && a.octet == b.octet && a.part == b.part;
  }));
  return 0;
}
