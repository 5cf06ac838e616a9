// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agent::replay {

/// The lines of a text without what explains them behind "  ; ".
std::vector<std::string_view> plain_lines(std::string_view text);

/// A longest-common-subsequence diff, "- " expected and "+ " got, with a line of context around;
/// empty when they are equal. At most `most` lines of it are told.
std::string difference(const std::vector<std::string_view>& expected,
                       const std::vector<std::string_view>& got, std::size_t most = 40);

}  // namespace agent::replay
