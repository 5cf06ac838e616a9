// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>

namespace agent {
struct ApiConfig;
}

namespace agent::api {

/// The socket file that we made, so that nobody else's is removed.
struct SocketFile {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;
};
struct Listener {
  int descriptor;  ///< the caller's to close
  SocketFile file;
};

/// A listening unix stream socket with the configuration's path, mode and group. A socket file that
/// is already there is replaced only if nobody listens on it. The error is a sentence.
tl::expected<Listener, std::string> open_listener(const ApiConfig& config);

/// Removes the file if it is still the one that we made.
void remove_socket_file(const SocketFile& file);

}  // namespace agent::api
