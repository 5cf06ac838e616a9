// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "lldp/mac_address.hpp"

namespace agent::net {

/// The frames that a socket lets through: this Ethertype to this group address.
struct FrameMatch {
  std::uint16_t ethertype = 0;
  lldp::MacAddress destination;
  friend bool operator==(const FrameMatch&, const FrameMatch&) = default;
};

/// How a socket hooks into the device.
enum class Tap : std::uint8_t {
  kEthertype,  ///< bound to the Ethertype: cheap, but blind where a bridge takes the frames first
  kAll,        ///< sees frames before the bridge does; the filter runs on every frame of the device
};

/// The classic BPF program for `match`: untagged or priority-tagged (VID 0) frames of the Ethertype
/// to the destination that belong to `interface` (an index), and not to a device above it, are
/// passed whole, all others dropped.
std::vector<sock_filter> filter_program(const FrameMatch& match, int interface);

/// A raw packet socket on one device. Outgoing frames are not seen on it.
class PacketSocket {
 public:
  explicit PacketSocket(boost::asio::io_context& loop) : socket_(loop) {}

  /// The error is a sentence.
  tl::expected<void, std::string> open(int interface, const FrameMatch& match, Tap tap);
  void close();
  bool is_open() const { return socket_.is_open(); }

  /// Hands over every frame that waits; the octets live for the call. From inside of a handing over
  /// it does nothing: those frames are next anyway. Returns the sentence of a
  /// failure, for instance when the device went down; the socket stays usable.
  tl::expected<void, std::string> drain(const std::function<void(base::Bytes frame)>& each);
  /// The frame goes out of the device as it is.
  tl::expected<void, std::string> send(base::Bytes frame);
  /// Calls `ready` once, from the loop, when frames wait.
  void when_readable(std::function<void()> ready);

 private:
  boost::asio::posix::stream_descriptor socket_;
};

}  // namespace agent::net
