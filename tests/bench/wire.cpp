// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/wire.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>

namespace bench {
namespace {

constexpr std::uint32_t kEcpHeader = 14;

void must(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "bench: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

int open_bound(const std::string& interface, std::uint16_t protocol) {
  const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  must(socket >= 0, "cannot open a packet socket");
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(protocol);
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  must(address.sll_ifindex != 0, "no such interface");
  must(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
       "cannot bind a packet socket");
  // All group addresses: nobody but us sends on the benchmark's veth.
  packet_mreq membership{};
  membership.mr_ifindex = address.sll_ifindex;
  membership.mr_type = PACKET_MR_ALLMULTI;
  must(setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) == 0,
       "cannot hear group addresses");
  return socket;
}

/// Of the recorder's own frames, which nobody else takes: IEEE 802's for local experiments.
constexpr std::uint16_t kProbe = 0x88B5;

/// Lets ECP frames and probes pass, cut to the octets that the recorder looks at.
void keep_heads(int socket) {
  sock_filter program[] = {
      {BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},  // the Ethertype
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, kEcp}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, kProbe},
      {BPF_RET | BPF_K, 0, 0, kEcpHeader + 4}, {BPF_RET | BPF_K, 0, 0, 0},
  };
  const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
  must(setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0,
       "cannot attach a filter");
}

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

/// Of the clock of the stamps.
std::int64_t stamped_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

std::int64_t stamp_of(msghdr& message) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS) {
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
      return nanoseconds(stamp);
    }
  }
  return 0;
}

/// Nanoseconds between the clock of the stamps, which is set now and then, and one that is not.
std::int64_t clock_offset() {
  timespec steady{};
  clock_gettime(CLOCK_MONOTONIC, &steady);
  return stamped_now() - nanoseconds(steady);
}

/// More than a clock that is merely slowed or sped up drifts during one storm.
constexpr std::int64_t kSetBy = 100'000;

}  // namespace

Wire::Wire(const std::string& interface, std::uint16_t ethertype)
    : socket_(open_bound(interface, ethertype)), buffer_(2048) {}

Wire::~Wire() { close(socket_); }

void Wire::send(std::span<const std::uint8_t> frame) const {
  must(::send(socket_, frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size()),
       "cannot send");
}

std::span<const std::uint8_t> Wire::receive() {
  for (;;) {
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const auto octets = recvfrom(socket_, buffer_.data(), buffer_.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &size);
    must(octets >= 0 || errno == EINTR, "cannot receive");
    if (octets > 0 && from.sll_pkttype != PACKET_OUTGOING) {
      return std::span(buffer_).first(static_cast<std::size_t>(octets));
    }
  }
}

Recorder::Recorder(const std::string& interface)
    : socket_(open_bound(interface, ETH_P_ALL)), clock_offset_(clock_offset()) {
  keep_heads(socket_);
  const int room = 64 << 20;
  must(setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) == 0,
       "cannot make room for the record");
  const int on = 1;
  must(setsockopt(socket_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0, "cannot stamp frames");
  const Wire prober(interface, kProbe);  // a socket does not see what it sends itself
  for (int tries = 0; tries < 1000; ++tries) {
    if (stamps_are_true(prober)) return;
  }
  must(false, "frames are not stamped when they pass");
}

/// The kernel begins to stamp frames a while after it was asked to, on a busy machine much later.
/// One that it has not stamped gets the time at which it is read.
bool Recorder::stamps_are_true(const Wire& prober) {
  std::array<std::uint8_t, 60> probe{0x01, 0x80, 0xC2, 0, 0, 0, 0x02};
  probe[12] = kProbe >> 8U;
  probe[13] = kProbe & 0xFFU;
  prober.send(probe);
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto reading = stamped_now();
  const auto taken = take();
  return !taken.empty() && taken.back().nanoseconds < reading;
}

Recorder::~Recorder() { close(socket_); }

bool Recorder::clock_was_set() const { return std::abs(clock_offset() - clock_offset_) > kSetBy; }

std::vector<Recorded> Recorder::take() {
  std::vector<Recorded> taken;
  for (;;) {
    std::array<std::uint8_t, 64> head{};
    std::array<char, 128> control{};
    sockaddr_ll from{};
    iovec part{head.data(), head.size()};
    msghdr message{&from, sizeof from, &part, 1, control.data(), control.size(), 0};
    if (recvmsg(socket_, &message, MSG_DONTWAIT) < 0) break;
    taken.push_back({stamp_of(message), from.sll_pkttype == PACKET_OUTGOING, head[kEcpHeader]});
  }
  tpacket_stats stats{};
  socklen_t size = sizeof stats;
  must(getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0, "cannot count");
  must(stats.tp_drops == 0, "the record is incomplete");
  return taken;
}

std::int64_t microseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace bench
