// SPDX-License-Identifier: Apache-2.0
//
// One request for N VSIs to a station's evbd, timed from its first octet to the answer that says
// that all are confirmed, with every ECP frame of the interface counted meanwhile.
//
//   bench_storm associate|deassociate SOCKET INTERFACE N
//
// Prints one JSON object: us (request to answer), wire_us (first ECP frame to last response),
// frames, confirmed.
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "agent/api/evbd.pb.h"
#include "agent/api/framing.hpp"
#include "tests/bench/wire.hpp"

namespace {

namespace api = evbd::v1;
constexpr std::size_t kMaxMessage = std::size_t{16} << 20U;
constexpr std::uint8_t kEcpRequest = 0x10;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bench_storm: %s\n", what.c_str());
  std::exit(1);
}

/// A connection to evbd that waits for every answer.
class Connection {
 public:
  explicit Connection(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) give_up("the socket's path is too long");
    std::copy(path.begin(), path.end(), address.sun_path);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      give_up("cannot connect to " + path);
    }
    api::ClientMessage hello;
    hello.mutable_hello()->set_protocol_major(1);
    hello.mutable_hello()->set_program("bench_storm");
    send(encode(hello));
    if (!receive().has_hello()) give_up("evbd refuses to talk");
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static std::string encode(const api::ClientMessage& message) {
    std::string octets;
    agent::api::append_message(octets, message);
    return octets;
  }

  void send(const std::string& octets) const {
    for (std::size_t sent = 0; sent < octets.size();) {
      const auto now = ::send(socket_, octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) give_up("evbd closed the connection");
      sent += static_cast<std::size_t>(now);
    }
  }

  api::ServerMessage receive() {
    for (;;) {
      const auto next = reader_.next();
      if (!next) give_up("evbd sends too long a message");
      if (*next) {
        api::ServerMessage message;
        if (!message.ParseFromArray((*next)->data(), static_cast<int>((*next)->size()))) {
          give_up("evbd sends what is no message");
        }
        return message;
      }
      std::array<std::uint8_t, 65536> octets;
      const auto got = recv(socket_, octets.data(), octets.size(), 0);
      if (got <= 0) give_up("evbd closed the connection");
      reader_.append(base::Bytes(octets).first(static_cast<std::size_t>(got)));
    }
  }

 private:
  int socket_;
  agent::api::FrameReader reader_{kMaxMessage};
};

std::string vsi_id(std::size_t number) {
  return fmt::format("09b11c53-8b5c-4eeb-8f00-{:012x}", number);
}

std::string mac_address(std::size_t number) {
  return fmt::format("52:54:00:{:02x}:{:02x}:{:02x}", number >> 16U, number >> 8U & 0xFFU,
                     number & 0xFFU);
}

api::ClientMessage associate(const std::string& interface, std::size_t vsis) {
  api::ClientMessage message;
  message.mutable_request()->set_id(1);
  auto& request = *message.mutable_request()->mutable_vsi_associate();
  request.set_type(api::ASSOCIATE);
  request.set_wait(api::FIRST_ANSWER);
  for (std::size_t i = 0; i < vsis; ++i) {
    auto& vsi = *request.add_vsis();
    vsi.set_port(interface);
    vsi.set_id(vsi_id(i));
    vsi.mutable_manager()->set_number(11);
    vsi.set_type_id(1193047);
    vsi.set_type_version(2);
    auto& filter = *vsi.add_filters();
    filter.set_vid(2);
    filter.set_mac(mac_address(i));
  }
  return message;
}

api::ClientMessage deassociate(const std::string& interface, std::size_t vsis) {
  api::ClientMessage message;
  message.mutable_request()->set_id(1);
  auto& request = *message.mutable_request()->mutable_vsi_deassociate();
  request.set_wait(api::FIRST_ANSWER);
  for (std::size_t i = 0; i < vsis; ++i) {
    auto& vsi = *request.add_vsis();
    vsi.set_port(interface);
    vsi.set_id(vsi_id(i));
  }
  return message;
}

/// Reads answers to the last one; returns how many VSIs fared well.
std::size_t await_answer(Connection& connection) {
  std::size_t good = 0;
  for (;;) {
    const auto message = connection.receive();
    const auto& response = message.response();
    for (const auto& result : response.vsi_results().results()) {
      if (result.status().code() == api::OK) {
        ++good;
      } else if (good == 0) {
        std::fprintf(stderr, "bench_storm: %s\n", result.status().sentence().c_str());
      }
    }
    if (response.vsi_results().results_size() == 0 && response.status().code() != api::OK) {
      give_up(response.status().sentence());
    }
    if (!response.more()) return good;
  }
}

/// Microseconds from the first request that we sent to the last one that came (the last response).
std::int64_t time_on_wire(const std::vector<bench::Recorded>& frames) {
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (const auto& frame : frames) {
    if (frame.operation != kEcpRequest) continue;
    if (frame.sent && first == 0) first = frame.nanoseconds;
    if (!frame.sent) last = frame.nanoseconds;
  }
  return (last - first) / 1000;
}

}  // namespace

int main(int count, char** words) {
  if (count != 5) give_up("usage: bench_storm associate|deassociate SOCKET INTERFACE N");
  const std::string verb = words[1];
  const std::string interface = words[3];
  const auto vsis = std::strtoul(words[4], nullptr, 10);
  Connection connection(words[2]);
  const auto request = Connection::encode(verb == "associate" ? associate(interface, vsis)
                                                              : deassociate(interface, vsis));
  bench::Recorder recorder(interface);
  const auto start = bench::microseconds();
  connection.send(request);
  const auto confirmed = await_answer(connection);
  const auto spent = bench::microseconds() - start;
  // The last acknowledgement leaves after the answer.
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const auto frames = recorder.take();
  std::printf("{\"us\": %lld, \"wire_us\": %lld, \"frames\": %zu, \"confirmed\": %zu}\n",
              static_cast<long long>(spent), static_cast<long long>(time_on_wire(frames)),
              frames.size(), confirmed);
  return 0;
}
