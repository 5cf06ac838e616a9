// SPDX-License-Identifier: Apache-2.0
#include "agent/net/packet_socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "agent/net/fd.hpp"

namespace agent::net {
namespace {

constexpr std::size_t kFrameSize = 9216 + 64;
constexpr std::size_t kFramesAtOnce = 16;
constexpr int kReceiveBuffer = 2 << 20;  // a burst of ECPDUs from a bridge with thousands of VSIs

/// One set for the process: there is one thread, and a drain() inside of another does nothing.
struct ReceiveBuffers {
  /// As long as it lives, the buffers are busy.
  class InUse {
   public:
    explicit InUse(ReceiveBuffers& buffers) : busy_(buffers.busy) { busy_ = true; }
    ~InUse() { busy_ = false; }
    InUse(const InUse&) = delete;
    InUse& operator=(const InUse&) = delete;

   private:
    bool& busy_;
  };

  bool busy = false;
  std::array<std::array<std::uint8_t, kFrameSize>, kFramesAtOnce> frames;
  std::array<iovec, kFramesAtOnce> vectors;
  std::array<mmsghdr, kFramesAtOnce> headers;

  ReceiveBuffers() {
    for (std::size_t i = 0; i < kFramesAtOnce; ++i) {
      vectors[i] = {frames[i].data(), frames[i].size()};
      headers[i] = {};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

ReceiveBuffers& receive_buffers() {
  static ReceiveBuffers buffers;
  return buffers;
}

constexpr sock_filter load(std::uint16_t size, std::uint32_t offset) {
  return {static_cast<std::uint16_t>(BPF_LD | size | BPF_ABS), 0, 0, offset};
}
constexpr sock_filter jump_equal(std::uint32_t value, std::uint8_t yes, std::uint8_t no) {
  return {static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K), yes, no, value};
}
constexpr sock_filter give(std::uint32_t octets) {
  return {static_cast<std::uint16_t>(BPF_RET | BPF_K), 0, 0, octets};
}
constexpr std::uint32_t ancillary(int field) {
  return static_cast<std::uint32_t>(SKF_AD_OFF + field);
}

tl::unexpected<std::string> failed(std::string_view doing) {
  return tl::unexpected(fmt::format("{}: {}", doing, std::strerror(errno)));
}

/// Filter first, then bind: nothing unfiltered is ever queued.
tl::expected<void, std::string> attach_filter(int fd, const FrameMatch& match, int interface) {
  auto program = filter_program(match, interface);
  const sock_fprog code{static_cast<unsigned short>(program.size()), program.data()};
  const int on = 1;
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &code, sizeof code) != 0 ||
      ::setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on) != 0) {
    return failed("cannot filter frames");
  }
  if (::setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0) {
    return failed("cannot keep own frames away (Linux 4.20 or later is needed)");
  }
  return {};
}

tl::expected<void, std::string> join(int fd, int interface, const lldp::MacAddress& group) {
  packet_mreq membership{};
  membership.mr_ifindex = interface;
  membership.mr_type = PACKET_MR_MULTICAST;
  membership.mr_alen = static_cast<unsigned short>(group.octets.size());
  std::copy(group.octets.begin(), group.octets.end(), membership.mr_address);
  if (::setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) != 0) {
    return failed("cannot join " + lldp::to_string(group));
  }
  return {};
}

}  // namespace

std::vector<sock_filter> filter_program(const FrameMatch& match, int interface) {
  const auto& to = match.destination.octets;
  const auto high = static_cast<std::uint32_t>(to[0]) << 24U |
                    static_cast<std::uint32_t>(to[1]) << 16U |
                    static_cast<std::uint32_t>(to[2]) << 8U | to[3];
  const auto low = static_cast<std::uint32_t>(to[4]) << 8U | to[5];
  // An Ethertype's socket gets what belongs to VLAN devices above its interface, too, without the
  // tag. Before the Ethertype's sockets are served, the kernel takes the tag of a VLAN that has no
  // device off and only marks the frame as another host's; sockets that tap everything see the tag.
  return {
      load(BPF_W, ancillary(SKF_AD_IFINDEX)),                    // 0: the interface that has it
      jump_equal(static_cast<std::uint32_t>(interface), 0, 14),  // 1: else drop
      load(BPF_H, 12),                                           // 2: Ethertype
      jump_equal(match.ethertype, 0, 12),                        // 3: else drop
      load(BPF_W, 0),                                            // 4: destination
      jump_equal(high, 0, 10),                                   // 5
      load(BPF_H, 4),                                            // 6
      jump_equal(low, 0, 8),                                     // 7
      load(BPF_B, ancillary(SKF_AD_PKTTYPE)),                    // 8
      jump_equal(PACKET_OTHERHOST, 6, 0),                        // 9
      load(BPF_B, ancillary(SKF_AD_VLAN_TAG_PRESENT)),           // 10
      jump_equal(0, 3, 0),                                       // 11: no tag: pass
      load(BPF_H, ancillary(SKF_AD_VLAN_TAG)),                   // 12
      {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x0FFF},                 // 13
      jump_equal(0, 0, 1),                                       // 14: priority-tagged: pass
      give(0x40000),                                             // 15
      give(0),                                                   // 16
  };
}

tl::expected<void, std::string> PacketSocket::open(int interface, const FrameMatch& match,
                                                   Tap tap) {
  close();
  Fd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return failed("cannot open a packet socket");
  if (auto done = attach_filter(fd.get(), match, interface); !done) return done;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer)) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(tap == Tap::kAll ? std::uint16_t{ETH_P_ALL} : match.ethertype);
  address.sll_ifindex = interface;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed("cannot bind a packet socket");
  }
  if (auto done = join(fd.get(), interface, match.destination); !done) return done;
  socket_.assign(fd.release());
  return {};
}

void PacketSocket::close() {
  boost::system::error_code ignored;
  if (socket_.is_open()) socket_.close(ignored);
}

tl::expected<void, std::string> PacketSocket::drain(
    const std::function<void(base::Bytes frame)>& each) {
  auto& buffers = receive_buffers();
  if (buffers.busy) return {};
  const ReceiveBuffers::InUse in_use(buffers);
  while (socket_.is_open()) {
    const int count = ::recvmmsg(socket_.native_handle(), buffers.headers.data(), kFramesAtOnce,
                                 MSG_DONTWAIT, nullptr);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return {};
    if (count < 0) return failed("cannot receive");
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      each(base::Bytes(buffers.frames[i].data(), buffers.headers[i].msg_len));
    }
    if (static_cast<std::size_t>(count) < kFramesAtOnce) return {};
  }
  return {};
}

tl::expected<void, std::string> PacketSocket::send(base::Bytes frame) {
  while (::send(socket_.native_handle(), frame.data(), frame.size(), 0) < 0) {
    if (errno != EINTR) return failed("cannot send");
  }
  return {};
}

void PacketSocket::when_readable(std::function<void()> ready) {
  socket_.async_wait(socket_.wait_read,
                     [ready = std::move(ready)](const boost::system::error_code& error) {
                       if (!error) ready();
                     });
}

}  // namespace agent::net
