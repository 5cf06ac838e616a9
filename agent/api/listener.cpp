// SPDX-License-Identifier: Apache-2.0
#include "agent/api/listener.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "agent/api/permissions.hpp"
#include "agent/config/config.hpp"

namespace agent::api {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

tl::unexpected<std::string> failed(std::string_view doing, const std::string& path) {
  return tl::unexpected(fmt::format("Cannot {} '{}': {}.", doing, path, std::strerror(errno)));
}

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int stream_socket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

/// Makes way for our own socket; nothing but a socket without a listener is removed.
tl::expected<void, std::string> clear_the_way(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return failed("look at", path);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return tl::unexpected(fmt::format(
        "'{}' exists and is no socket; remove it, or set api.socket to another path.", path));
  }
  const Descriptor probe(stream_socket());
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (connect(probe.get(), generic, sizeof address) == 0 || errno == EAGAIN) {
    return tl::unexpected(fmt::format(
        "Another evbd listens on '{}'; stop it, or set api.socket to another path.", path));
  }
  if (errno != ECONNREFUSED) return failed("probe", path);
  if (unlink(path.c_str()) != 0) return failed("remove the stale socket", path);
  return {};
}

tl::expected<void, std::string> set_access(const ApiConfig& config) {
  if (!config.group.empty()) {
    const auto group = group_id(config.group);
    if (!group) {
      return tl::unexpected(fmt::format(
          "api.group: there is no group '{}'; create it, or leave the setting out.", config.group));
    }
    if (chown(config.socket.c_str(), static_cast<uid_t>(-1), *group) != 0) {
      return failed("give the group to", config.socket);
    }
  }
  if (chmod(config.socket.c_str(), config.mode) != 0)
    return failed("set the mode of", config.socket);
  return {};
}

}  // namespace

tl::expected<Listener, std::string> open_listener(const ApiConfig& config) {
  const auto address = address_of(config.socket);
  if (!address) {
    return tl::unexpected(fmt::format("api.socket: '{}' is not a path of 1 to {} octets.",
                                      config.socket, sizeof sockaddr_un{}.sun_path - 1));
  }
  if (auto way = clear_the_way(config.socket, *address); !way) return tl::unexpected(way.error());
  Descriptor descriptor(stream_socket());
  if (descriptor.get() < 0) return failed("open a socket for", config.socket);
  // Nobody can connect before listen(), and by then the file has its mode and group.
  const auto* const generic = reinterpret_cast<const sockaddr*>(&*address);
  if (bind(descriptor.get(), generic, sizeof *address) != 0) {
    return failed("create the socket", config.socket);
  }
  struct stat status {};
  if (lstat(config.socket.c_str(), &status) != 0) return failed("look at", config.socket);
  SocketFile file{config.socket, status.st_dev, status.st_ino};
  auto access = set_access(config);
  if (access && ::listen(descriptor.get(), SOMAXCONN) != 0) {
    access = failed("listen on", config.socket);
  }
  if (!access) {
    remove_socket_file(file);
    return tl::unexpected(access.error());
  }
  return Listener{descriptor.release(), std::move(file)};
}

void remove_socket_file(const SocketFile& file) {
  struct stat status {};
  if (lstat(file.path.c_str(), &status) != 0) return;
  if (status.st_dev == file.device && status.st_ino == file.inode) unlink(file.path.c_str());
}

}  // namespace agent::api
