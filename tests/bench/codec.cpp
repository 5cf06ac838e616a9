// SPDX-License-Identifier: Apache-2.0
//
// Nanoseconds per association TLV, in a PDU as full as a frame of 1500 octets allows.
#include <benchmark/benchmark.h>

#include "vdp/vdpdu.hpp"

namespace {

constexpr std::size_t kTlvs = 41;

vdp::AssociationTlv association(std::uint8_t number) {
  vdp::AssociationTlv tlv;
  tlv.vsi_type = {.id = 1193047, .version = 2};
  tlv.id.octets = {0x09, 0xB1, 0x1C, 0x53, 0x8B, 0x5C, 0x4E, number};
  vdp::FilterEntry entry;
  entry.mac = lldp::MacAddress{{0x52, 0x54, 0x00, 0xAA, 0x00, number}};
  entry.vid = 2;
  tlv.filters.entries.push_back(entry);
  return tlv;
}

base::Octets full_pdu() {
  base::Octets ulpdu;
  vdp::append_manager(ulpdu, vdp::ManagerId{});
  for (std::size_t i = 0; i < kTlvs; ++i) {
    vdp::append_association(ulpdu, association(static_cast<std::uint8_t>(i)));
  }
  vdp::append_end(ulpdu);
  return ulpdu;
}

void count_tlvs(benchmark::State& state) {
  state.counters["ns_per_tlv"] = benchmark::Counter(
      static_cast<double>(kTlvs) * 1e-9,
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_Decode(benchmark::State& state) {
  const auto ulpdu = full_pdu();
  while (state.KeepRunning()) {
    auto vdpdu = vdp::decode_vdpdu(ulpdu);
    if (!vdpdu || vdpdu->associations.size() != kTlvs) state.SkipWithError("not decoded");
    benchmark::DoNotOptimize(vdpdu);
  }
  count_tlvs(state);
}
BENCHMARK(BM_Decode);

void BM_Encode(benchmark::State& state) {
  std::vector<vdp::AssociationTlv> tlvs;
  for (std::size_t i = 0; i < kTlvs; ++i) {
    tlvs.push_back(association(static_cast<std::uint8_t>(i)));
  }
  while (state.KeepRunning()) {
    base::Octets ulpdu;
    vdp::append_manager(ulpdu, vdp::ManagerId{});
    for (const auto& tlv : tlvs) vdp::append_association(ulpdu, tlv);
    vdp::append_end(ulpdu);
    benchmark::DoNotOptimize(ulpdu);
  }
  count_tlvs(state);
}
BENCHMARK(BM_Encode);

}  // namespace

BENCHMARK_MAIN();
