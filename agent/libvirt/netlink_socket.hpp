// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/net/fd.hpp"
#include "lldp/base/bytes.hpp"

namespace agent::libvirt {

/// The NETLINK_ROUTE socket that libvirt sends its requests to, bound to a port id of its own
/// choice. The kernel lets only privileged processes (CAP_NET_ADMIN) send to it.
class NetlinkSocket {
 public:
  struct Datagram {
    std::uint32_t from = 0;  ///< port id
    base::Bytes octets;      ///< valid until the next receive()
  };

  /// Takes the process's own PID as port id, and one that libvirt can read as well when another
  /// socket has that already; so it has to be opened before any other netlink socket of the
  /// process, which would take the PID. The error is a sentence.
  static tl::expected<NetlinkSocket, std::string> open();

  std::uint32_t port_id() const { return port_id_; }
  int native_handle() const { return fd_.get(); }

  /// The next datagram of another process; nullopt when there is none now. Never blocks.
  std::optional<Datagram> receive();
  /// False when the receiver is gone or reads too slowly: then the message is dropped. Never
  /// blocks.
  bool send(std::uint32_t to, base::Bytes message) const;

 private:
  explicit NetlinkSocket(net::Fd fd);

  net::Fd fd_;
  std::uint32_t port_id_ = 0;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace agent::libvirt
