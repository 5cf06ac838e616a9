// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/live.hpp"

#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <random>

#include "lldp/ethernet.hpp"

namespace agent::replay {
namespace {

constexpr std::size_t kSequenceOctet = lldp::kEthernetHeaderSize + 2;

std::uint16_t random_sequence() {
  std::random_device device;
  return static_cast<std::uint16_t>(device());
}

/// The interface's own address.
tl::expected<lldp::MacAddress, std::string> address_of(const std::string& interface) {
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  const int done = ::ioctl(descriptor, SIOCGIFHWADDR, &request);
  const int error = errno;
  ::close(descriptor);
  if (done != 0) return tl::unexpected(fmt::format("{}: {}", interface, std::strerror(error)));
  lldp::MacAddress address;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(request.ifr_hwaddr.sa_data), 6,
              address.octets.begin());
  return address;
}

void replace_all(base::Octets& octets, base::Bytes from, base::Bytes to) {
  if (from.empty()) return;
  auto at = octets.begin();
  while (true) {
    at = std::search(at, octets.end(), from.begin(), from.end());
    if (at == octets.end()) return;
    at = std::copy(to.begin(), to.end(), at);
  }
}

}  // namespace

LiveRun::LiveRun(const Part& part, LiveOptions options)
    : part_(part),
      options_(std::move(options)),
      sockets_(
          loop_, [this](base::Bytes frame) { received(frame); },
          [this](const std::string& sentence) { troubles_.push_back(sentence); }),
      timer_(loop_),
      resend_(loop_),
      sequence_(random_sequence()) {}

tl::expected<void, std::string> LiveRun::open() {
  const auto address = address_of(options_.interface);
  if (!address) return tl::unexpected(address.error());
  address_ = *address;
  const auto index = static_cast<int>(::if_nametoindex(options_.interface.c_str()));
  lldp::MacAddress lldp_destination = lldp::kNearestCustomerBridge;
  lldp::MacAddress ecp_destination = lldp::kNearestCustomerBridge;
  for (const auto& step : part_.steps) {
    std::copy_n(step.octets.begin(), 6,
                (step.ecp ? ecp_destination : lldp_destination).octets.begin());
  }
  return sockets_.open(index, {lldp_destination, {{lldp::kEcpEthertype, ecp_destination}}},
                       net::Tap::kAll);
}

void LiveRun::run() {
  began_ = std::chrono::steady_clock::now();
  next_step();
  loop_.run();
}

void LiveRun::next_step() {
  if (next_ == part_.steps.size()) {
    sockets_.close();
    loop_.stop();
    return;
  }
  const auto& step = part_.steps[next_];
  if (!options_.speed) return play(step);
  const auto offset = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double, std::micro>(static_cast<double>(step.at.count()) /
                                                *options_.speed));
  timer_.expires_at(began_ + offset);
  timer_.async_wait([this, &step](const boost::system::error_code& error) {
    if (!error) play(step);
  });
}

void LiveRun::play(const Step& step) {
  const auto frame = outgoing(step);
  if (!step.ecp) {
    send(frame);
    return wait_for_answers();
  }
  outstanding_ = frame;
  transmissions_ = 0;
  transmit();
}

/// R+1 transmissions of a request, a retransmission time apart.
void LiveRun::transmit() {
  if (transmissions_ > part_.max_retries) {
    troubles_.push_back(
        fmt::format("the request of frame {} was never acknowledged", part_.steps[next_].frame));
    outstanding_.clear();
    return wait_for_answers();
  }
  ++transmissions_;
  send(outstanding_);
  resend_.expires_after(std::chrono::microseconds(part_.ack_time.count()));
  resend_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !outstanding_.empty()) transmit();
  });
}

/// Waits until the peer has said as much as the recorded one had by then, or patience ends.
void LiveRun::wait_for_answers() {
  const bool last = next_ + 1 == part_.steps.size();
  if (answered() || (options_.speed && !last)) return step_done();
  waiting_ = true;
  timer_.expires_after(options_.patience);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && std::exchange(waiting_, false)) step_done();
  });
}

bool LiveRun::answered() const {
  return answers_.reached(part_.answers, part_.steps[next_].answered,
                          next_ + 1 == part_.steps.size());
}

void LiveRun::step_done() {
  ++next_;
  boost::asio::post(loop_, [this] { next_step(); });
}

void LiveRun::received(base::Bytes frame) {
  const auto octets = translated(frame, false);
  DecodedFrame decoded;
  decode_frame(LinkType::kEthernet, {0, 0, octets, octets.size()}, decoded);
  if (decoded.ecpdu) received_ecp(decoded);
  answers_.add(decoded);
  if (!waiting_ || next_ >= part_.steps.size() || !answered()) return;
  waiting_ = false;
  timer_.cancel();
  step_done();
}

void LiveRun::received_ecp(const DecodedFrame& frame) {
  if (frame.ecpdu->operation == lldp::EcpOperation::kRequest) {
    const auto payload =
        lldp::encode({lldp::EcpOperation::kAck, frame.ecpdu->subtype, frame.ecpdu->sequence, {}});
    return send(
        lldp::encode_ethernet({*frame.link.destination, address_, lldp::kEcpEthertype, payload}));
  }
  const bool ours = outstanding_.size() > kSequenceOctet + 1 &&
                    base::u16_at(outstanding_, kSequenceOctet) == frame.ecpdu->sequence;
  if (!ours) return;
  outstanding_.clear();
  resend_.cancel();
  wait_for_answers();
}

base::Octets LiveRun::outgoing(const Step& step) {
  auto frame = translated(step.octets, true);
  if (step.ecp && frame.size() > kSequenceOctet + 1) {
    ++sequence_;
    frame[kSequenceOctet] = static_cast<std::uint8_t>(sequence_ >> 8U);
    frame[kSequenceOctet + 1] = static_cast<std::uint8_t>(sequence_);
  }
  return frame;
}

/// Our address for the recorded one, also within chassis and port IDs, and what the user wants
/// replaced.
base::Octets LiveRun::translated(base::Bytes frame, bool to_wire) const {
  base::Octets octets(frame.begin(), frame.end());
  if (to_wire) replace_all(octets, part_.address.octets, address_.octets);
  for (const auto& [recorded, wire] : options_.replaced) {
    replace_all(octets, to_wire ? recorded : wire, to_wire ? wire : recorded);
  }
  return octets;
}

void LiveRun::send(base::Bytes frame) {
  const auto done = sockets_.send(frame);
  if (!done) troubles_.push_back(done.error());
}

}  // namespace agent::replay
