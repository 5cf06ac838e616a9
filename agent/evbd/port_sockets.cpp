// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/port_sockets.hpp"

#include "lldp/ethernet.hpp"

namespace agent {

PortSockets::PortSockets(boost::asio::io_context& loop, std::function<void(base::Bytes)> received,
                         std::function<void(const std::string&)> trouble)
    : lldp_(loop), ecp_(loop), received_(std::move(received)), trouble_(std::move(trouble)) {}

tl::expected<void, std::string> PortSockets::open(int interface, const Destinations& to,
                                                  net::Tap tap) {
  close();
  auto done = lldp_.open(interface, {lldp::kLldpEthertype, to.lldp}, tap);
  if (done) done = ecp_.open(interface, {lldp::kEcpEthertype, to.ecp}, tap);
  if (!done) {
    close();
    return done;
  }
  opened_ = std::make_shared<int>(0);
  wait(lldp_);
  wait(ecp_);
  return {};
}

void PortSockets::close() {
  opened_.reset();
  lldp_.close();
  ecp_.close();
}

tl::expected<void, std::string> PortSockets::send(base::Bytes frame) {
  const bool is_ecp = base::u16_at(frame, 12) == lldp::kEcpEthertype;
  return (is_ecp ? ecp_ : lldp_).send(frame);
}

void PortSockets::wait(net::PacketSocket& socket) {
  socket.when_readable([this, &socket, opened = std::weak_ptr<int>(opened_)] {
    if (opened.expired()) return;
    drain();
    if (!opened.expired()) wait(socket);
  });
}

void PortSockets::drain() {
  drain(lldp_);
  drain(ecp_);
}

void PortSockets::drain(net::PacketSocket& socket) {
  const auto done = socket.drain(received_);
  if (!done) trouble_(done.error());
}

}  // namespace agent
