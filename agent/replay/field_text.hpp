// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/replay/dissection.hpp"

namespace agent::replay {

/// The field's value as text and what it means, in the section that it belongs to. `section` holds
/// the fields before it: an id reads by its format.
DissectedField describe(const base::Field& field, base::Bytes frame, const Section& section);

/// "163.84 ms", "10.486 s": 10 us x 2^exponent.
std::string exponent_text(std::uint64_t exponent);

}  // namespace agent::replay
