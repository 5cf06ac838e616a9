// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace agent {

/// Of all programs of the project.
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace agent
