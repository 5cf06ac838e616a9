// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "agent/capture/journal.hpp"

namespace agent::capture {

/// " role=station rte=14 ...": every field, so that a journal means the same under other defaults.
std::string config_text(const vdp::PortConfig& config);
/// The error is a sentence part: which word, and why.
tl::expected<vdp::PortConfig, std::string> read_config(const std::vector<std::string_view>& words);

/// "associate vsi=...": the stimulus as a line of a journal without its time.
std::string stimulus_text(const vdp::Input& input);
/// The words after the time.
tl::expected<Stimulus, std::string> read_stimulus(const std::vector<std::string_view>& words);

}  // namespace agent::capture
