// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "agent/ctl/text.hpp"
#include "agent/profile_sync/host_report.hpp"

/// What other hosts report in etcd, a line the key, a line the value, and so on: whatever it is, it
/// can be listed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent::profile_sync;
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<KeyValue> entries;
  for (std::size_t at = 0; at < size;) {
    const auto key_end = text.find('\n', at);
    if (key_end == std::string::npos) break;
    const auto value_end = text.find('\n', key_end + 1);
    entries.push_back(
        {text.substr(at, key_end - at),
         text.substr(key_end + 1,
                     value_end == std::string::npos ? value_end : value_end - key_end - 1),
         1});
    at = value_end == std::string::npos ? size : value_end + 1;
  }
  for (const auto& host : read_hosts("/evbd/", entries)) {
    if (agent::ctl::vsi_table(host.vsis).empty()) std::abort();
  }
  return 0;
}
