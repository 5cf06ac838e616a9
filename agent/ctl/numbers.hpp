// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace agent::ctl {

/// Reads a decimal number, or a hexadecimal one after "0x", of the range. "010" is refused: libvirt
/// reads it as octal 8 while its own schema, and people, read it as 10. The error completes the
/// sentence "NAME 'VALUE' ...".
tl::expected<std::uint32_t, std::string> parse_number(std::string_view text, std::uint32_t lowest,
                                                      std::uint32_t highest);

}  // namespace agent::ctl
