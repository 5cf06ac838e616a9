// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "lldp/base/bytes.hpp"

namespace lldp {

/// Octets of the well-formed UTF-8 character of more than one octet at `at`, or 0. The control
/// characters U+0080..U+009F are not let through either.
std::size_t utf8_length(std::string_view text, std::size_t at);
/// "0080c2".
std::string to_hex(base::Bytes octets);
/// Octets that a neighbour calls text: what could move a terminal's cursor or forge a line of a log
/// becomes "\xNN". UTF-8 passes.
std::string to_printable(base::Bytes octets);
std::string to_printable(std::string_view text);

}  // namespace lldp
