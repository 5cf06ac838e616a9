// SPDX-License-Identifier: Apache-2.0
//
// Speaks to an 802.1Qbg agent as libvirt does: RTM_SETLINK from a fresh socket, its
// acknowledgement, RTM_GETLINK from another fresh socket at once and then every 125 ms. One thread
// plays all of libvirt's, with two system calls per message, so that it hardly measures itself.
//
//   bench_libvirt associate|disassociate AGENT INTERFACE FIRST N AT-ONCE PATIENCE
//   bench_libvirt flood AGENT INTERFACE FIRST N AT-ONCE PATIENCE
//   bench_libvirt polls AGENT INTERFACE N
//
// AGENT is its netlink port id; VSIs are numbered from FIRST; PATIENCE is how often each is polled
// for (libvirt: 80). AT-ONCE VSIs are between request and decision; with `flood` between request
// and acknowledgement, so that all N are soon in flight. `polls` asks for N states, one after the
// other. Prints one JSON object; times are in microseconds.
#include <fmt/format.h>
#include <net/if.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/net/fd.hpp"
#include "tests/bench/wire.hpp"
#include "tests/support/libvirt_messages.hpp"

namespace {

namespace lv = agent::libvirt;
constexpr std::int64_t kInterval = 125'000;
constexpr std::uint16_t kSuccess = 0;
constexpr std::uint32_t kVlan = 2;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bench_libvirt: %s\n", what.c_str());
  std::exit(1);
}

/// The microseconds below which this share of all lies.
std::int64_t percentile(std::vector<std::int64_t> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

/// What came last. Filled before anything is measured, so that its pages are there.
std::vector<std::uint8_t> received(1 << 18);

/// A netlink socket as libvirt opens one for each message.
class Socket {
 public:
  Socket() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
    sockaddr_nl any{};
    any.nl_family = AF_NETLINK;
    if (!fd_ || ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) != 0) {
      give_up(fmt::format("cannot open a netlink socket: {}", std::strerror(errno)));
    }
  }
  int fd() const { return fd_.get(); }
  std::uint32_t port_id() const {
    sockaddr_nl own{};
    socklen_t size = sizeof own;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&own), &size);
    return own.nl_pid;
  }
  void send(std::uint32_t to, std::span<const std::uint8_t> message) const {
    sockaddr_nl agent{};
    agent.nl_family = AF_NETLINK;
    agent.nl_pid = to;
    if (::sendto(fd_.get(), message.data(), message.size(), 0,
                 reinterpret_cast<const sockaddr*>(&agent), sizeof agent) < 0) {
      give_up(fmt::format("cannot send to the agent: {}", std::strerror(errno)));
    }
  }
  std::span<const std::uint8_t> receive() const {
    const auto size = ::recv(fd_.get(), received.data(), received.size(), 0);
    if (size < 0) give_up(fmt::format("cannot receive: {}", std::strerror(errno)));
    return std::span(received).first(static_cast<std::size_t>(size));
  }

 private:
  agent::net::Fd fd_;
};

struct Order {
  lv::PortRequest request = lv::PortRequest::kAssociate;
  bool flood = false;
  std::uint32_t agent = 0;
  std::string interface;
  int index = 0;
  std::uint32_t first = 0;
  std::size_t count = 0;
  std::size_t at_once = 1;
  unsigned patience = 80;
};

/// One of libvirt's threads: a request, its acknowledgement, and polls until there is a decision.
struct Start {
  std::uint32_t number = 0;
  std::int64_t asked = 0;
  std::int64_t acknowledged = 0;
  std::int64_t decided = 0;
  unsigned polls = 0;
  bool granted = false;
  std::optional<Socket> socket;
};

class Starter {
 public:
  explicit Starter(const Order& order)
      : order_(order), starts_(order.count), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      starts_[i].number = order.first + static_cast<std::uint32_t>(i);
    }
  }

  void run() {
    began_ = bench::microseconds();
    while (finished_ < starts_.size()) {
      while (next_ < starts_.size() && busy() < order_.at_once) ask(next_++);
      wait();
    }
    ended_ = bench::microseconds();
  }

  void print() const {
    std::vector<std::int64_t> acknowledgements;
    std::vector<std::int64_t> times;
    std::size_t first_poll = 0;
    std::size_t polls = 0;
    for (const auto& start : starts_) {
      acknowledgements.push_back(start.acknowledged - start.asked);
      polls += start.polls;
      if (!start.granted) continue;
      times.push_back(start.decided - start.asked);
      first_poll += start.polls == 1;
    }
    fmt::print(
        "{{\"us\": {}, \"granted\": {}, \"first_poll\": {}, \"polls\": {}, \"start_p50\": {}, "
        "\"start_p99\": {}, \"ack_p50\": {}, \"ack_p99\": {}}}\n",
        ended_ - began_, times.size(), first_poll, polls, percentile(times, 0.5),
        percentile(times, 0.99), percentile(acknowledgements, 0.5),
        percentile(acknowledgements, 0.99));
  }

 private:
  /// How many the limit AT-ONCE counts.
  std::size_t busy() const { return next_ - (order_.flood ? acknowledged_ : finished_); }

  void open(std::size_t which) {
    auto& socket = starts_[which].socket.emplace();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = which;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket.fd(), &event);
  }

  void ask(std::size_t which) {
    auto& start = starts_[which];
    const auto message = lv::testing::SetLinkMessage{.request = order_.request,
                                                     .number = start.number,
                                                     .event_port = events_.port_id(),
                                                     .ifname = order_.interface,
                                                     .ifindex = order_.index,
                                                     .vlan = kVlan}
                             .octets();
    start.asked = bench::microseconds();
    open(which);
    start.socket->send(order_.agent, message);
  }

  void poll(std::size_t which) {
    auto& start = starts_[which];
    ++start.polls;
    open(which);
    start.socket->send(order_.agent, lv::testing::poll_message(events_.port_id(), order_.index));
  }

  void wait() {
    std::array<epoll_event, 256> events{};
    const auto got = ::epoll_wait(epoll_.get(), events.data(), events.size(), time_to_next_poll());
    for (int i = 0; i < got; ++i) read(events.at(static_cast<std::size_t>(i)).data.u64);
    const auto now = bench::microseconds();
    while (!due_.empty() && due_.begin()->first <= now) {
      const auto which = due_.begin()->second;
      due_.erase(due_.begin());
      poll(which);
    }
  }

  int time_to_next_poll() const {
    if (due_.empty()) return -1;
    const auto left = due_.begin()->first - bench::microseconds();
    return static_cast<int>(std::max<std::int64_t>(0, (left + 999) / 1000));
  }

  void read(std::size_t which) {
    auto& start = starts_[which];
    const auto message = start.socket->receive();
    if (start.acknowledged == 0) {
      start.acknowledged = bench::microseconds();
      ++acknowledged_;
      const auto error = lv::testing::Sent{0, {message.begin(), message.end()}}.error();
      if (error != 0) give_up(fmt::format("VSI {} is refused: {}", start.number, error));
      return poll(which);
    }
    std::optional<std::uint16_t> decision;
    const auto own = lv::testing::id_number(start.number);
    lv::testing::for_each_state(message, [&](const vdp::VsiId& id, const auto& response) {
      if (id == own) decision = response;
    });
    const bool decided = decision.has_value();
    if (!decided && start.polls < order_.patience) {
      start.socket.reset();
      due_.emplace(bench::microseconds() + kInterval, which);
      return;
    }
    start.decided = bench::microseconds();
    start.granted = decision == kSuccess;
    start.socket.reset();
    ++finished_;
  }

  Order order_;
  Socket events_;  ///< libvirt's event socket: who asks is told by its port id
  std::vector<Start> starts_;
  agent::net::Fd epoll_;
  std::multimap<std::int64_t, std::size_t> due_;
  std::size_t next_ = 0;
  std::size_t acknowledged_ = 0;
  std::size_t finished_ = 0;
  std::int64_t began_ = 0;
  std::int64_t ended_ = 0;
};

/// What a poll costs that waits for nothing.
void measure_polls(const Order& order) {
  const Socket events;
  std::vector<std::int64_t> times;
  for (std::size_t i = 0; i < order.count; ++i) {
    const auto message = lv::testing::poll_message(events.port_id(), order.index);
    const Socket socket;
    const auto sent = bench::microseconds();
    socket.send(order.agent, message);
    socket.receive();
    times.push_back(bench::microseconds() - sent);
  }
  fmt::print("{{\"poll_p50\": {}, \"poll_p99\": {}}}\n", percentile(times, 0.5),
             percentile(times, 0.99));
}

std::uint32_t number(const char* word) {
  return static_cast<std::uint32_t>(std::strtoul(word, nullptr, 10));
}

}  // namespace

int main(int count, char** words) {
  const std::string verb = count > 1 ? words[1] : "";
  const bool polls = verb == "polls";
  if (count != (polls ? 5 : 8)) give_up("see the head of libvirt_client.cpp for its words");
  Order order{.flood = verb == "flood", .agent = number(words[2]), .interface = words[3]};
  order.index = static_cast<int>(::if_nametoindex(words[3]));
  if (order.index == 0) give_up(fmt::format("no interface {}", order.interface));
  if (polls) {
    order.count = number(words[4]);
    measure_polls(order);
    return 0;
  }
  if (verb == "disassociate") order.request = lv::PortRequest::kDisassociate;
  order.first = number(words[4]);
  order.count = number(words[5]);
  order.at_once = number(words[6]);
  order.patience = number(words[7]);
  Starter starter(order);
  starter.run();
  starter.print();
  return 0;
}
