// SPDX-License-Identifier: Apache-2.0
// Text of the values of clause 42; the others are in value_text.cpp.
#include "agent/capture/value_text.hpp"

namespace agent::capture {

std::string Text<lldp::CdcpConfig>::write(const lldp::CdcpConfig& value) {
  auto text = fmt::format("{}/{}-{}", value.capacity, value.pool_low, value.pool_high);
  for (const auto scid : value.wants) text += fmt::format("/{}", scid);
  return text;
}
std::optional<lldp::CdcpConfig> Text<lldp::CdcpConfig>::read(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() < 2) return std::nullopt;
  const auto pool = split(parts[1], '-');
  if (pool.size() != 2) return std::nullopt;
  const auto number = [](std::string_view part) {
    return parse_integer<std::uint16_t>(part).value_or(0);  // 0 is nowhere sound
  };
  lldp::CdcpConfig config{number(parts[0]), {}, number(pool[0]), number(pool[1])};
  for (std::size_t i = 2; i < parts.size(); ++i) config.wants.push_back(number(parts[i]));
  if (!is_sound(config)) return std::nullopt;
  return config;
}

}  // namespace agent::capture
