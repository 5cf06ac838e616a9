// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace test {

/// A network namespace of this test's own: sockets made while it lives belong to it, and its
/// interfaces vanish with it.
class NetNamespace {
 public:
  /// Moves the calling thread into a new namespace; error() says why it could not.
  NetNamespace();
  ~NetNamespace();
  NetNamespace(const NetNamespace&) = delete;
  NetNamespace& operator=(const NetNamespace&) = delete;

  const std::optional<std::string>& error() const { return error_; }

 private:
  int before_ = -1;
  std::optional<std::string> error_;
};

/// Runs a command of iproute2 ("ip link add ..."); true when it succeeded.
bool shell(const std::string& command);
/// What the command prints.
std::string shell_output(const std::string& command);

}  // namespace test
