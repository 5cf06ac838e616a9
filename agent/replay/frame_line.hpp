// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/replay/decoded_frame.hpp"

namespace agent::replay {

/// Appends one line, "\n" included: number, seconds since `first`, source, what the frame is and
/// carries, and after "!" what is wrong with it.
void append_frame_line(std::string& text, const DecodedFrame& frame, std::int64_t first);

/// The part of it that says what the frame is and carries.
void append_summary(std::string& text, const DecodedFrame& frame);

/// "truncated at octet 23 of the frame (EVB TLV, E13)".
std::string fault_text(const FrameFault& fault);

/// "nearest customer bridge", or the address.
std::string destination_text(const lldp::MacAddress& destination);

/// "customer.12" style: "S 5, C 12" for the tags; empty without.
std::string tags_text(const LinkHeader& link);

}  // namespace agent::replay
