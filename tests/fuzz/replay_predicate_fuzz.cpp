// SPDX-License-Identifier: Apache-2.0
// What --until of evbreplay shrink takes.
#include <cassert>

#include "agent/replay/predicate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent::replay;
  const auto until = Predicate::parse({reinterpret_cast<const char*>(data), size});
  if (!until) {
    assert(!until.error().empty());
    return 0;
  }
  assert(!until->holds(LinkType::kEthernet, {}));  // no frame shows nothing
  return 0;
}
