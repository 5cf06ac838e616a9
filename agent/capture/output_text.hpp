// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "vdp/port.hpp"

namespace agent::capture {

/// "vsi ID state=... cause=...": an output as a line of an expected.txt without its time. What
/// stands behind "  ; " explains a frame and counts for nothing when such files are compared.
std::string output_text(const vdp::Output& output, const vdp::Port& core);

/// What a frame is and carries, as `evbreplay decode` says it, with what is wrong with it.
std::string frame_summary(base::Bytes frame);

/// Lines about what the port holds: its VSIs, what EVB has agreed, and its ECP counters.
std::string state_text(const vdp::Port& core);

}  // namespace agent::capture
