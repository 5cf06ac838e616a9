// SPDX-License-Identifier: Apache-2.0
//
// Nanoseconds per VSI that the core of each side needs to associate N VSIs and to end them again:
// two ports in one process, no socket, no daemon, every question answered at once.
#include <benchmark/benchmark.h>

#include <chrono>
#include <deque>

#include "vdp/port.hpp"

namespace {

/// One port, the time that its core took, and the frames that it sent.
struct Side {
  explicit Side(const vdp::PortConfig& config) : port(config) {}

  void feed(base::Instant now, std::span<const vdp::Input> inputs) {
    const auto start = std::chrono::steady_clock::now();
    out.clear();
    port.handle(now, inputs, out);
    spent += std::chrono::steady_clock::now() - start;
    answers.clear();
    for (auto& output : out) {
      if (auto* const order = std::get_if<vdp::SendFrame>(&output)) {
        sent.push_back(std::move(order->frame));
      } else if (auto* const question = std::get_if<vdp::ResolveVsiType>(&output)) {
        answers.emplace_back(vdp::VsiTypeResolved{question->question, vdp::Reason::kSuccess, false,
                                                  std::move(question->filters)});
      } else if (const auto* const admit = std::get_if<vdp::AdmitVsi>(&output)) {
        answers.emplace_back(vdp::VsiAdmitted{admit->question, vdp::Reason::kSuccess});
      }
    }
    if (!answers.empty()) feed(now, std::vector<vdp::Input>(std::move(answers)));
  }
  void feed(base::Instant now, const vdp::Input& input) { feed(now, std::span(&input, 1)); }

  vdp::Port port;
  vdp::Outputs out;
  std::vector<vdp::Input> answers;
  std::deque<base::Octets> sent;
  std::chrono::steady_clock::duration spent{};
};

vdp::PortConfig config_of(lldp::EvbRole role, std::uint8_t last_octet) {
  vdp::PortConfig config;
  config.evb.role = role;
  config.address = {{0x02, 0, 0, 0, 0, last_octet}};
  const base::Octets mac(config.address.octets.begin(), config.address.octets.end());
  config.lldp.local.chassis_id = {4, mac};
  config.lldp.local.port_id = {3, mac};
  return config;
}

class Pair {
 public:
  Pair()
      : station(config_of(lldp::EvbRole::kStation, 1)),
        bridge(config_of(lldp::EvbRole::kBridge, 2)) {
    station.feed(now_, vdp::LinkChanged{true});
    bridge.feed(now_, vdp::LinkChanged{true});
    while (!station.port.evb().operational().on || !bridge.port.evb().operational().on) {
      exchange();
      now_ += std::chrono::milliseconds(100);
      station.feed(now_, vdp::TimePassed{});
      bridge.feed(now_, vdp::TimePassed{});
    }
    exchange();
  }

  void ask(std::span<const vdp::Input> inputs) {
    station.feed(now_, inputs);
    exchange();
  }

  Side station;
  Side bridge;

 private:
  /// The wire: frames cross until none is left.
  void exchange() {
    while (!station.sent.empty() || !bridge.sent.empty()) {
      cross(station, bridge);
      cross(bridge, station);
    }
  }
  void cross(Side& from, Side& to) {
    while (!from.sent.empty()) {
      const auto frame = std::move(from.sent.front());
      from.sent.pop_front();
      to.feed(now_, vdp::FrameReceived{frame});
    }
  }

  base::Instant now_{};
};

vdp::VsiRequest request(std::uint32_t number) {
  const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(number >> shift); };
  vdp::VsiRequest request;
  request.id.octets = {0x09, 0xB1, 0x1C, 0x53, 0x8B, 0x5C,      0x4E,     0xEB,
                       0x8F, 0,    0,    0,    0,    octet(16), octet(8), octet(0)};
  request.manager.octets[0] = 11;
  request.vsi_type = {1193047, 2};
  vdp::FilterEntry entry;
  entry.mac = {{0x52, 0x54, 0x00, octet(16), octet(8), octet(0)}};
  entry.vid = 2;
  request.filters = {vdp::FilterFormat::kMacVid, {entry}};
  return request;
}

void BM_AssociateAndEnd(benchmark::State& state) {
  const auto vsis = static_cast<std::uint32_t>(state.range(0));
  Pair pair;
  std::vector<vdp::Input> begin;
  std::vector<vdp::Input> end;
  for (std::uint32_t i = 0; i < vsis; ++i) {
    begin.emplace_back(vdp::AssociateRequested{request(i)});
    end.emplace_back(vdp::DeassociateRequested{request(i).id, {}});
  }
  pair.station.spent = pair.bridge.spent = {};
  std::chrono::steady_clock::duration ending{};
  while (state.KeepRunning()) {
    pair.ask(begin);
    if (pair.bridge.port.vsi_count() != vsis) state.SkipWithError("not associated");
    const auto before = pair.station.spent + pair.bridge.spent;
    const auto station = pair.station.spent;
    const auto bridge = pair.bridge.spent;
    pair.ask(end);
    if (pair.bridge.port.vsi_count() != 0) state.SkipWithError("not ended");
    ending += pair.station.spent + pair.bridge.spent - before;
    pair.station.spent = station;
    pair.bridge.spent = bridge;
  }
  const auto per_vsi = [&](std::chrono::steady_clock::duration spent) {
    return std::chrono::duration<double, std::nano>(spent).count() /
           (static_cast<double>(state.iterations()) * vsis);
  };
  state.counters["station_ns_per_vsi"] = per_vsi(pair.station.spent);
  state.counters["bridge_ns_per_vsi"] = per_vsi(pair.bridge.spent);
  state.counters["ending_ns_per_vsi"] = per_vsi(ending);
}
BENCHMARK(BM_AssociateAndEnd)->Arg(1000)->Arg(10000);

}  // namespace

BENCHMARK_MAIN();
