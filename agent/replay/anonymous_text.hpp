// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/replay/pseudonyms.hpp"

namespace agent::replay {

/// A comment that says the same of nobody: words that evbd's own comments are made of and numbers
/// stay, addresses and ids become the pseudonyms that they have in the frames, and every other word
/// is taken for a name. So what nobody understands cannot get through.
std::string anonymous_text(std::string_view text, Pseudonyms& pseudonyms);

}  // namespace agent::replay
