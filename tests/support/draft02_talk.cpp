// SPDX-License-Identifier: Apache-2.0
#include "tests/support/draft02_talk.hpp"

#include <utility>

#include "lldp/draft02_ecpdu.hpp"
#include "lldp/ethernet.hpp"

namespace support {

using namespace std::chrono_literals;

Draft02Talk::Draft02Talk() {
  const lldp::Draft02Abilities all{false, true, true, true, true};
  station_evb.supported = bridge_evb.supported = all;
  station_evb.configured = bridge_evb.configured = all;
  bridge_evb.supported.standard_bridging = true;
}

Draft02Talk& Draft02Talk::draft_lldp(const End& from) {
  return draft_lldp(from, encode(&from == &station ? station_evb : bridge_evb));
}

Draft02Talk& Draft02Talk::draft_lldp(const End& from, base::Octets information, std::uint16_t ttl) {
  auto system = Talk::information(from, false);
  system.organizational = {{lldp::kDraft02Oui, lldp::kDraft02EvbSubtype, std::move(information)}};
  Talk::lldp(from, system, ttl);
  return *this;
}

Draft02Talk& Draft02Talk::draft_hello() {
  draft_lldp(bridge).draft_lldp(station).pass(1s);
  return draft_lldp(bridge).draft_lldp(station).pass(4s);
}

Draft02Talk& Draft02Talk::pass(std::chrono::nanoseconds time) {
  Talk::pass(time);
  return *this;
}

Draft02Talk& Draft02Talk::ecp(const End& from, base::Bytes payload) {
  const auto usual = std::exchange(destination, ecp_destination);
  frame(from, lldp::kDraft02EcpEthertype, payload);
  destination = usual;
  return *this;
}

Draft02Talk& Draft02Talk::ask(End& from, const std::vector<vdp::Draft02Tlv>& tlvs) {
  base::Octets ulpdu;
  for (const auto& tlv : tlvs) vdp::append_draft02(ulpdu, tlv);
  ulpdu.resize(ulpdu.size() + 2);  // End TLV
  auto& last = &from == &station ? last_of_station_ : last_of_bridge_;
  last = encode(lldp::Draft02Ecpdu{lldp::EcpOperation::kRequest, ++from.sequence, ulpdu});
  return ecp(from, last);
}

Draft02Talk& Draft02Talk::again(const End& from) {
  return ecp(from, &from == &station ? last_of_station_ : last_of_bridge_);
}

Draft02Talk& Draft02Talk::draft_ack(const End& from, std::uint16_t sequence) {
  const auto& asked = &from == &station ? last_of_bridge_ : last_of_station_;
  const base::Octets zeroes(asked.size() - lldp::kDraft02EcpHeaderSize);
  return ecp(from, encode(lldp::Draft02Ecpdu{lldp::EcpOperation::kAck, sequence, zeroes}));
}

Draft02Talk& Draft02Talk::ask_and_ack(End& from, const vdp::Draft02Tlv& tlv) {
  return ask(from, {tlv}).draft_ack(&from == &station ? bridge : station, from.sequence);
}

Draft02Talk& Draft02Talk::answered(const vdp::Draft02Tlv& tlv, vdp::Draft02Response response) {
  auto answer = tlv;
  answer.response = response;
  return ask_and_ack(station, tlv).ask_and_ack(bridge, answer);
}

vdp::Draft02Tlv draft_associate(std::uint8_t vsi) {
  const auto tlv = associate(vsi);
  return {.type = tlv.type,
          .manager = 11,
          .vsi_type = tlv.vsi_type,
          .id = tlv.id,
          .filters = tlv.filters};
}

vdp::Draft02Tlv with_type(vdp::Draft02Tlv tlv, vdp::AssociationType type) {
  tlv.type = type;
  return tlv;
}

}  // namespace support
