// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/config/config.hpp"

/// The configuration file, with the type database in it: whatever it holds is a Config or problems
/// that can be printed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = agent::parse_config(text, "/nowhere/evbd.toml");
  if (config) return 0;
  if (config.error().empty()) std::abort();
  for (const auto& problem : config.error()) {
    if (to_string(problem).empty()) std::abort();
  }
  return 0;
}
