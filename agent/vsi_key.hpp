// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "vdp/vsi.hpp"

namespace agent {

/// One VSI of one port.
struct VsiKey {
  std::string port;
  vdp::VsiId id;
  friend bool operator==(const VsiKey&, const VsiKey&) = default;
};
/// By the id alone: few ids are on two ports.
struct HashVsiKey {
  std::size_t operator()(const VsiKey& key) const noexcept {
    return std::hash<vdp::VsiId>()(key.id);
  }
};

}  // namespace agent
