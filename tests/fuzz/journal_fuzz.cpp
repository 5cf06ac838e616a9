// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "agent/capture/journal.hpp"
#include "agent/replay/offline.hpp"

/// A journal is refused with a line and a reason, or says the same when it was written and read
/// again, and can be told to a core.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto journal = agent::capture::parse_journal(text);
  if (!journal) {
    assert(!journal.error().reason.empty());
    return 0;
  }
  const auto written = print(*journal);
  const auto again = agent::capture::parse_journal(written);
  assert(again && print(*again) == written);
  // Hours of timers would only cost time.
  for (auto& port : journal->ports) port.timers = agent::capture::Timers::kRecorded;
  agent::replay::replay(*journal);
  return 0;
}
