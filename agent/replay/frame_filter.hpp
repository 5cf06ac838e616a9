// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/cli/arguments.hpp"
#include "agent/replay/decoded_frame.hpp"

namespace agent::replay {

/// Which frames to show: of each option that is given, one value has to fit.
class FrameFilter {
 public:
  /// From --vsi, --port and --type. The error is a sentence for the user.
  static tl::expected<FrameFilter, std::string> from(const cli::Arguments& arguments);

  bool shows(const DecodedFrame& frame) const;

 private:
  std::vector<std::string> vsis_;
  std::vector<lldp::MacAddress> ports_;
  std::vector<bool (*)(const DecodedFrame&)> types_;
};

}  // namespace agent::replay
