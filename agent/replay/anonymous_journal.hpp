// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/capture/journal.hpp"
#include "agent/replay/anonymizer.hpp"

namespace agent::replay {

/// A journal whose replay puts out what `anonymizer` makes of the frames of the original's. Its
/// comments are gone; `shift` microseconds are added to its wall clocks.
capture::Journal anonymous_journal(capture::Journal journal, std::int64_t shift,
                                   Anonymizer& anonymizer);

}  // namespace agent::replay
