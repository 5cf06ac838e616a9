// SPDX-License-Identifier: Apache-2.0
//
// The floor: the smallest program that exchanges as many ECPDUs of the same size over the same
// link as N associations need, each step waiting for the one before, as ECP does and as responses
// clock requests. It does nothing else: no TLV is read, no VSI is kept.
//
//   bench_floor bridge INTERFACE            answers until it is ended
//   bench_floor station INTERFACE N...      prints "N MICROSECONDS" for each N
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/bench/wire.hpp"

namespace {

constexpr std::size_t kVsisPerEcpdu = 41;
constexpr std::size_t kOperationOctet = 14;
constexpr std::uint8_t kRequest = 0x10;
constexpr std::uint8_t kAck = 0x14;

std::vector<std::uint8_t> frame(std::uint8_t operation, std::size_t octets) {
  std::vector<std::uint8_t> frame(std::max<std::size_t>(octets, 18));
  constexpr std::array<std::uint8_t, 6> kGroup = {0x01, 0x80, 0xC2, 0x00, 0x00, 0x00};
  std::copy(kGroup.begin(), kGroup.end(), frame.begin());
  frame[6] = 0x02;  // a locally administered source
  frame[12] = bench::kEcp >> 8U;
  frame[13] = bench::kEcp & 0xFFU;
  frame[kOperationOctet] = operation;
  return frame;
}

void wait_for(bench::Wire& wire, std::uint8_t operation) {
  while (wire.receive()[kOperationOctet] != operation) continue;
}

/// Acknowledges a request, answers with as many octets, waits for its acknowledgement.
[[noreturn]] void be_bridge(bench::Wire& wire) {
  const auto ack = frame(kAck, 18);
  for (;;) {
    const auto received = wire.receive();
    if (received[kOperationOctet] != kRequest) continue;
    const auto answer = frame(kRequest, received.size());
    wire.send(ack);
    wire.send(answer);
    wait_for(wire, kAck);
  }
}

std::int64_t be_station(bench::Wire& wire, std::size_t vsis) {
  const auto ack = frame(kAck, 18);
  const auto start = bench::microseconds();
  while (vsis > 0) {
    const auto now = std::min(vsis, kVsisPerEcpdu);
    wire.send(frame(kRequest, bench::ecp_frame_size(now)));
    wait_for(wire, kAck);
    wait_for(wire, kRequest);
    wire.send(ack);
    vsis -= now;
  }
  return bench::microseconds() - start;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) {
    std::fprintf(stderr, "usage: bench_floor bridge|station INTERFACE [N...]\n");
    return 2;
  }
  bench::Wire wire(words[2], bench::kEcp);
  if (std::strcmp(words[1], "bridge") == 0) {
    std::puts("ready");
    std::fflush(stdout);
    be_bridge(wire);
  }
  for (int i = 3; i < count; ++i) {
    const auto vsis = std::strtoul(words[i], nullptr, 10);
    std::printf("%lu %ld\n", vsis, static_cast<long>(be_station(wire, vsis)));
  }
  return 0;
}
