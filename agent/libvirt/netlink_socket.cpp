// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/netlink_socket.hpp"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace agent::libvirt {
namespace {

constexpr int kReceiveBuffer = 8 << 20;  // some ten thousand requests at once
constexpr std::size_t kLongestDatagram = 64 * 1024;
/// libvirt reads ten characters of the pid file, of which one is the line's end.
constexpr std::uint32_t kPortIdLimit = 1'000'000'000;
/// PIDs end here; libnl makes other port ids of a process in the same steps.
constexpr std::uint32_t kPidLimit = 1U << 22U;

bool bind_to(int fd, std::uint32_t port_id) {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_pid = port_id;
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

NetlinkSocket::NetlinkSocket(net::Fd fd) : fd_(std::move(fd)), buffer_(kLongestDatagram) {}

tl::expected<NetlinkSocket, std::string> NetlinkSocket::open() {
  net::Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd) {
    return tl::unexpected(
        fmt::format("cannot open a netlink socket for libvirt: {}", std::strerror(errno)));
  }
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer)) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
  NetlinkSocket socket(std::move(fd));
  const auto pid = static_cast<std::uint32_t>(::getpid());
  for (auto port_id = pid; port_id < kPortIdLimit; port_id += kPidLimit) {
    if (bind_to(socket.fd_.get(), port_id)) {
      socket.port_id_ = port_id;
      return socket;
    }
    if (errno != EADDRINUSE) break;
  }
  return tl::unexpected(
      fmt::format("cannot bind a netlink socket for libvirt: {}", std::strerror(errno)));
}

std::optional<NetlinkSocket::Datagram> NetlinkSocket::receive() {
  while (true) {
    sockaddr_nl from{};
    socklen_t size = sizeof from;
    const auto got = ::recvfrom(fd_.get(), buffer_.data(), buffer_.size(), 0,
                                reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0 && (errno == EINTR || errno == ENOBUFS)) continue;
    if (got < 0) return std::nullopt;
    if (from.nl_pid == 0) continue;  // the kernel's: nothing was asked of it here
    return Datagram{from.nl_pid, base::Bytes(buffer_).first(static_cast<std::size_t>(got))};
  }
}

bool NetlinkSocket::send(std::uint32_t to, base::Bytes message) const {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_pid = to;
  return ::sendto(fd_.get(), message.data(), message.size(), MSG_DONTWAIT,
                  reinterpret_cast<const sockaddr*>(&address), sizeof address) >= 0;
}

}  // namespace agent::libvirt
