// SPDX-License-Identifier: Apache-2.0
// bench_replay_capture FILE FRAMES: a capture as a day of a busy host leaves it. 2,000 VSIs are
// associated in a storm, 41 to an ECPDU, and then kept alive one by one, as each falls due; every
// tenth round all are de-associated and associated anew. LLDP goes on in between.
#include <fmt/format.h>
#include <pcap/pcap.h>

#include <charconv>
#include <cstring>

#include "lldp/ecpdu.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/lldpdu.hpp"
#include "lldp/organizational.hpp"
#include "vdp/vdpdu.hpp"

namespace {

constexpr unsigned kVsis = 2000;
constexpr unsigned kPerEcpdu = 41;
constexpr unsigned kRoundsPerStorm = 10;
constexpr std::int64_t kKeepAlive = 10'485'760;  // microseconds
constexpr std::int64_t kLldpInterval = 30'000'000;

struct End {
  lldp::MacAddress address;
  lldp::EvbMode mode;
  std::uint16_t sequence = 0;
};

/// Writes frames until there are enough.
class Writer {
 public:
  Writer(const char* path, std::uint64_t frames)
      : handle_(pcap_open_dead(DLT_EN10MB, 65535)),
        file_(pcap_dump_open(handle_, path)),
        left_(frames) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    if (file_ != nullptr) pcap_dump_close(file_);
    pcap_close(handle_);
  }

  bool ready() const { return file_ != nullptr; }
  bool full() const { return left_ == 0; }
  std::int64_t now() const { return now_; }
  void pass(std::int64_t microseconds) { now_ += microseconds; }

  void frame(const End& from, std::uint16_t ethertype, base::Bytes payload) {
    if (full()) return;
    const auto octets =
        lldp::encode_ethernet({lldp::kNearestCustomerBridge, from.address, ethertype, payload});
    pcap_pkthdr header{};
    header.ts.tv_sec = now_ / 1'000'000;
    header.ts.tv_usec = now_ % 1'000'000;
    header.caplen = header.len = static_cast<bpf_u_int32>(octets.size());
    pcap_dump(reinterpret_cast<u_char*>(file_), &header, octets.data());
    --left_;
  }

  /// A request, and its acknowledgement 60 us later.
  void exchange(End& from, const End& to, const base::Octets& ulpdu) {
    const lldp::Ecpdu request{lldp::EcpOperation::kRequest, lldp::kEcpSubtypeVdp, ++from.sequence,
                              ulpdu};
    frame(from, lldp::kEcpEthertype, encode(request));
    pass(60);
    frame(to, lldp::kEcpEthertype,
          encode(lldp::Ecpdu{lldp::EcpOperation::kAck, request.subtype, request.sequence, {}}));
    pass(20);
  }

 private:
  pcap_t* handle_;
  pcap_dumper_t* file_;
  std::uint64_t left_;
  std::int64_t now_ = 1'700'000'000'000'000;
};

vdp::AssociationTlv tlv_of(unsigned vsi, vdp::AssociationType type, bool response) {
  vdp::AssociationTlv tlv{.type = type, .response = response};
  tlv.vsi_type = {1193047, 2};
  tlv.id.octets[12] = static_cast<std::uint8_t>(vsi >> 8U);
  tlv.id.octets[15] = static_cast<std::uint8_t>(vsi);
  tlv.id.octets[0] = 9;
  vdp::FilterEntry entry;
  entry.mac = {
      {0x52, 0x54, 0, 0, static_cast<std::uint8_t>(vsi >> 8U), static_cast<std::uint8_t>(vsi)}};
  entry.vid = 2;
  tlv.filters.entries = {entry};
  return tlv;
}

class Day {
 public:
  explicit Day(Writer& out) : out_(out) {}

  void run() {
    for (unsigned round = 0; !out_.full(); ++round) {
      if (round % kRoundsPerStorm == 0) {
        if (round > 0) command(vdp::AssociationType::kDeAssociate, kPerEcpdu, 0);
        command(vdp::AssociationType::kAssociate, kPerEcpdu, 0);
      } else {
        command(vdp::AssociationType::kAssociate, 1, kKeepAlive / kVsis - 160);
      }
    }
  }

 private:
  /// The same command for all VSIs, and each time the bridge's answer.
  void command(vdp::AssociationType type, unsigned per_ecpdu, std::int64_t gap) {
    for (unsigned vsi = 0; vsi < kVsis && !out_.full(); vsi += per_ecpdu) {
      lldp();
      for (const bool response : {false, true}) {
        base::Octets ulpdu;
        vdp::append_manager(ulpdu, vdp::ManagerId{{11}});
        for (unsigned i = vsi; i < std::min(kVsis, vsi + per_ecpdu); ++i) {
          append_association(ulpdu, tlv_of(i, type, response));
        }
        vdp::append_end(ulpdu);
        response ? out_.exchange(bridge_, station_, ulpdu)
                 : out_.exchange(station_, bridge_, ulpdu);
      }
      out_.pass(gap);
    }
  }

  void lldp() {
    if (out_.now() < next_lldp_) return;
    next_lldp_ = out_.now() + kLldpInterval;
    for (const End* end : {&station_, &bridge_}) {
      lldp::EvbTlv evb;
      evb.mode = end->mode;
      evb.relay_capable = evb.relay_request = evb.relay_control = true;
      evb.relay_status = lldp::RelayStatus::kOn;
      lldp::SystemInformation information;
      information.chassis_id = {4, {end->address.octets.begin(), end->address.octets.end()}};
      information.port_id = {5, {'e', 't', 'h', '0'}};
      information.system_name = "host";
      information.organizational = {lldp::to_organizational(evb)};
      out_.frame(*end, lldp::kLldpEthertype, lldp::encode_lldpdu(information, 121).octets);
      out_.pass(100);
    }
  }

  Writer& out_;
  End station_{{{2, 0, 0, 0, 0xA0, 1}}, lldp::EvbMode::kEvbStation};
  End bridge_{{{2, 0, 0, 0, 0xB0, 1}}, lldp::EvbMode::kEvbBridge};
  std::int64_t next_lldp_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t frames = 0;
  if (argc == 3) std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), frames);
  if (frames == 0) {
    fmt::print(stderr, "usage: bench_replay_capture FILE FRAMES\n");
    return 2;
  }
  Writer out(argv[1], frames);
  if (!out.ready()) {
    fmt::print(stderr, "bench_replay_capture: {} cannot be written\n", argv[1]);
    return 1;
  }
  Day(out).run();
  return 0;
}
