// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/port_sockets.hpp"

#include "lldp/ethernet.hpp"

namespace agent {

PortSockets::PortSockets(boost::asio::io_context& loop, std::function<void(base::Bytes)> received,
                         std::function<void(const std::string&)> trouble,
                         std::function<void()> drained)
    : loop_(loop),
      lldp_(loop),
      received_(std::move(received)),
      trouble_(std::move(trouble)),
      drained_(std::move(drained)) {}

tl::expected<void, std::string> PortSockets::open(int interface, const Destinations& to,
                                                  net::Tap tap) {
  close();
  auto done = lldp_.open(interface, {lldp::kLldpEthertype, to.lldp}, tap);
  for (const auto& match : to.others) {
    if (!done) break;
    others_.push_back(OtherSocket{match, net::PacketSocket(loop_)});
    done = others_.back().socket.open(interface, match, tap);
  }
  if (!done) {
    close();
    return done;
  }
  opened_ = std::make_shared<int>(0);
  wait(lldp_);
  for (auto& other : others_) wait(other.socket);
  return {};
}

void PortSockets::close() {
  opened_.reset();
  lldp_.close();
  others_.clear();
}

tl::expected<void, std::string> PortSockets::send(base::Bytes frame) {
  const auto ethertype = base::u16_at(frame, 12);
  for (auto& other : others_) {
    if (other.match.ethertype == ethertype) return other.socket.send(frame);
  }
  return lldp_.send(frame);
}

void PortSockets::wait(net::PacketSocket& socket) {
  socket.when_readable([this, &socket, opened = std::weak_ptr<int>(opened_)] {
    if (opened.expired()) return;
    drain();
    if (drained_) drained_();
    if (!opened.expired()) wait(socket);
  });
}

void PortSockets::drain() {
  drain(lldp_);
  for (auto& other : others_) drain(other.socket);
}

void PortSockets::drain(net::PacketSocket& socket) {
  const auto done = socket.drain(received_);
  if (!done) trouble_(done.error());
}

}  // namespace agent
