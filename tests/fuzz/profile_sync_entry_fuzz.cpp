// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/profile_sync/entries.hpp"

/// A key and a value as they stand in etcd, parted by the first line's end: whatever they hold is
/// an entry that is written and read again as the same, or a reason that can be printed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent::profile_sync;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find('\n');
  const auto key = text.substr(0, end);
  const auto value = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  const Keys keys("/evbd/");
  const auto name = keys.name(key);
  if (name && keys.of(*name) != key) std::abort();
  const auto entry = keys.read(key, value);
  if (!entry) {
    if (entry.error().empty()) std::abort();
    return 0;
  }
  if (!name || name_of(*entry) != *name) std::abort();
  const auto again = keys.read(key, write(*entry));
  if (!again || *again != *entry) std::abort();
  return 0;
}
