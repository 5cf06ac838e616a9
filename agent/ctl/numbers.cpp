// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/numbers.hpp"

#include <fmt/format.h>

#include <charconv>

namespace agent::ctl {

tl::expected<std::uint32_t, std::string> parse_number(std::string_view text, std::uint32_t lowest,
                                                      std::uint32_t highest) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const auto digits = hexadecimal ? text.substr(2) : text;
  if (!hexadecimal && digits.size() > 1 && digits.front() == '0') {
    return tl::unexpected(
        std::string("begins with 0, which libvirt reads as octal; write it without the 0"));
  }
  std::uint64_t number = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, number, hexadecimal ? 16 : 10);
  const bool overflow = error == std::errc::result_out_of_range && stopped == end;
  if (!overflow && (error != std::errc() || stopped != end)) {
    return tl::unexpected(fmt::format("is no number; give {}..{}", lowest, highest));
  }
  if (overflow || number < lowest || number > highest) {
    return tl::unexpected(fmt::format("is out of range; give {}..{}", lowest, highest));
  }
  return static_cast<std::uint32_t>(number);
}

}  // namespace agent::ctl
