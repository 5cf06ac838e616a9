// SPDX-License-Identifier: Apache-2.0
#include "tests/support/talk.hpp"

#include <algorithm>

#include "lldp/ecpdu.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/organizational.hpp"

namespace support {
namespace {

using namespace std::chrono_literals;

base::Octets ulpdu_of(const vdp::ManagerId& manager, const std::vector<vdp::AssociationTlv>& tlvs) {
  base::Octets ulpdu;
  vdp::append_manager(ulpdu, manager);
  for (const auto& tlv : tlvs) vdp::append_association(ulpdu, tlv);
  vdp::append_end(ulpdu);
  return ulpdu;
}

}  // namespace

Talk::Talk() : now_(1'700'000'000s) {
  station.address = {{2, 0, 0, 0, 0xA0, 1}};
  station.evb.mode = lldp::EvbMode::kEvbStation;
  station.evb.relay_request = true;
  bridge.address = {{2, 0, 0, 0, 0xB0, 1}};
  bridge.evb.mode = lldp::EvbMode::kEvbBridge;
  bridge.evb.relay_capable = true;
  bridge.evb.relay_status = lldp::RelayStatus::kOff;
}

Talk& Talk::pass(std::chrono::nanoseconds time) {
  now_ += time;
  return *this;
}

Talk& Talk::frame(const End& from, std::uint16_t ethertype, base::Bytes payload) {
  auto octets = lldp::encode_ethernet({destination, from.address, ethertype, payload});
  octets.insert(octets.begin() + 12, tags.begin(), tags.end());
  frames.push_back({now_, octets});
  now_ += 50us;
  return *this;
}

lldp::SystemInformation Talk::information(const End& of, bool with_evb) const {
  lldp::SystemInformation information;
  information.chassis_id = {4, {of.address.octets.begin(), of.address.octets.end()}};
  information.port_id = {5, {'e', 't', 'h', '0'}};
  if (with_evb) information.organizational = {lldp::to_organizational(of.evb)};
  return information;
}

Talk& Talk::lldp(const End& from, std::uint16_t ttl) { return lldp(from, information(from), ttl); }

Talk& Talk::lldp(const End& from, const lldp::SystemInformation& information, std::uint16_t ttl) {
  return frame(from, lldp::kLldpEthertype, lldp::encode_lldpdu(information, ttl).octets);
}

Talk& Talk::hello() {
  lldp(bridge).lldp(station).pass(1s);
  const auto meet = [](lldp::EvbTlv& ours, const lldp::EvbTlv& theirs) {
    if (ours.mode == lldp::EvbMode::kEvbBridge) {
      ours.station_group_ids = theirs.station_group_ids;
      ours.relay_request = theirs.relay_request;
      ours.relay_control = theirs.relay_request && ours.relay_capable;
    } else {
      ours.bridge_group_ids = theirs.bridge_group_ids;
      ours.relay_capable = theirs.relay_capable;
      ours.relay_control = theirs.relay_control;
      ours.relay_status = theirs.relay_control ? lldp::RelayStatus::kOn : lldp::RelayStatus::kOff;
    }
  };
  meet(bridge.evb, station.evb);
  meet(station.evb, bridge.evb);
  bridge.evb.relay_status = station.evb.relay_status;
  return lldp(bridge).lldp(station).pass(3s);
}

Talk& Talk::request(End& from, const std::vector<vdp::AssociationTlv>& tlvs) {
  return request(from, ulpdu_of(manager, tlvs));
}

Talk& Talk::request(End& from, base::Bytes ulpdu) {
  const lldp::Ecpdu ecpdu{lldp::EcpOperation::kRequest, lldp::kEcpSubtypeVdp, ++from.sequence,
                          ulpdu};
  return frame(from, lldp::kEcpEthertype, encode(ecpdu));
}

Talk& Talk::again(const End& from) {
  const auto last = std::find_if(frames.rbegin(), frames.rend(), [&](const TimedFrame& it) {
    const auto ethernet = lldp::decode_ethernet(it.octets);
    return ethernet->source == from.address && ethernet->ethertype == lldp::kEcpEthertype &&
           ethernet->payload[0] == 0x10;
  });
  frames.push_back({now_, base::Octets(last->octets)});
  now_ += 50us;
  return *this;
}

Talk& Talk::ack(const End& from, std::uint16_t sequence) {
  return frame(from, lldp::kEcpEthertype,
               encode(lldp::Ecpdu{lldp::EcpOperation::kAck, lldp::kEcpSubtypeVdp, sequence, {}}));
}

Talk& Talk::exchange(End& from, const vdp::AssociationTlv& tlv) {
  request(from, {tlv});
  return ack(other(from), from.sequence);
}

Talk& Talk::command(const vdp::AssociationTlv& tlv) {
  return exchange(station, tlv).exchange(bridge, response(tlv));
}

vdp::AssociationTlv associate(std::uint8_t vsi) {
  vdp::AssociationTlv tlv;
  tlv.vsi_type = {1193047, 2};
  tlv.id.octets = {9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, vsi};
  vdp::FilterEntry entry;
  entry.mac = {{0x52, 0x54, 0, 0xAA, 0, vsi}};
  entry.vid = 2;
  tlv.filters.entries = {entry};
  return tlv;
}

vdp::AssociationTlv with_type(vdp::AssociationTlv tlv, vdp::AssociationType type) {
  tlv.type = type;
  return tlv;
}

vdp::AssociationTlv response(vdp::AssociationTlv tlv, vdp::Reason reason) {
  tlv.response = true;
  tlv.reason = reason;
  tlv.keep_or_s = tlv.hard_or_m = false;
  return tlv;
}

}  // namespace support
