// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/replay/decoded_frame.hpp"
#include "agent/replay/report/html.hpp"

namespace agent::replay::report {

/// Fields of one section that light up together with their octets. The style sheet has a rule for
/// each.
inline constexpr std::size_t kLitFields = 64;

/// A frame taken apart: section by section its octets, its fields with their places, and what is
/// wrong with it. Of a very long frame the first fields, and how many are left out.
void add_frame_box(Page& page, const DecodedFrame& frame);

}  // namespace agent::replay::report
