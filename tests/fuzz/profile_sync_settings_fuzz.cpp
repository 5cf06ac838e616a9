// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/profile_sync/settings.hpp"

/// The configuration file of evb-profile-sync: whatever it holds is Settings or problems that can
/// be printed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  profiles::Problems problems;
  const auto settings = agent::profile_sync::read_settings(text, "/nowhere/sync.toml", problems);
  if (settings.has_value() != problems.empty()) std::abort();
  if (settings && (settings->etcd.endpoints.empty() || !settings->prefix.ends_with('/'))) {
    std::abort();
  }
  for (const auto& problem : problems) {
    if (to_string(problem).empty()) std::abort();
  }
  return 0;
}
