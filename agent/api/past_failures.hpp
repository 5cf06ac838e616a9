// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "vdp/port_events.hpp"

namespace agent::api {

/// The last failure of VSIs that have failed and have not succeeded since. The port forgets a VSI
/// that is released, as that of a refused start is; who asks why afterwards is answered from here.
class PastFailures {
 public:
  /// More than this many VSIs: the oldest failures are forgotten.
  static constexpr std::size_t kKept = 256;

  struct Entry {
    std::string port;
    vdp::VsiId id;
    vdp::Failure failure;
  };

  void changed(std::string_view port, const vdp::VsiChanged& change);
  /// Of VSIs whose ids begin so (bare_id()), on this port or, with "", on any; the newest first.
  std::vector<const Entry*> find(std::string_view port, const std::string& id_prefix) const;

 private:
  std::deque<Entry> entries_;  ///< in the order of time
};

}  // namespace agent::api
