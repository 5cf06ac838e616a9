// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "lldp/base/bytes.hpp"

namespace lldp {

/// "0080c2".
std::string to_hex(base::Bytes octets);
/// Octets that a neighbour calls text: what could move a terminal's cursor or forge a line of a log
/// becomes "\xNN". UTF-8 passes.
std::string to_printable(base::Bytes octets);
std::string to_printable(std::string_view text);

}  // namespace lldp
