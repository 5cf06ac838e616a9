// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace agent {

/// One thing that `evbctl doctor` found to be wrong, or about to go wrong.
struct Finding {
  std::string subject;   ///< a port, a VM, a file, a process
  std::string sentence;  ///< what is wrong
  std::string todo;      ///< what to do about it
  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace agent
