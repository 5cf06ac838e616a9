// SPDX-License-Identifier: Apache-2.0
#include "tests/support/draft02_peer.hpp"

#include <gtest/gtest.h>

#include "lldp/draft02_ecpdu.hpp"
#include "lldp/organizational.hpp"

namespace support {

vdp::PortConfig Draft02Peer::station_config(lldp::DialectChoice choice) {
  auto config = ScriptedBridge::station_config();
  config.evb.dialect = choice;
  return config;
}

vdp::PortConfig Draft02Peer::bridge_config() {
  auto config = station_config();
  config.evb.role = lldp::EvbRole::kBridge;
  return config;
}

lldp::Draft02EvbTlv Draft02Peer::evb_tlv() {
  lldp::Draft02EvbTlv tlv;
  tlv.supported = {true, true, true, true, true};
  return tlv;
}

vdp::Draft02Tlv Draft02Peer::tlv_of(const vdp::VsiRequest& request, vdp::AssociationType type) {
  return {.type = type,
          .manager = request.manager.octets[0],
          .vsi_type = request.vsi_type,
          .id = request.id,
          .filters = request.filters};
}

void Draft02Peer::bring_up_draft02() {
  link(true);
  send_draft02_lldp();
  advance(base::Duration{0});
  clear();
}

void Draft02Peer::send_draft02_lldp(const lldp::Draft02EvbTlv& tlv) {
  send_lldp(std::vector{lldp::to_organizational(tlv)});
}

void Draft02Peer::send_tlvs(const std::vector<vdp::Draft02Tlv>& tlvs) {
  base::Octets ulpdu;
  for (const auto& tlv : tlvs) vdp::append_draft02(ulpdu, tlv);
  inject(lldp::kDraft02EcpEthertype,
         lldp::encode(
             lldp::Draft02Ecpdu{lldp::EcpOperation::kRequest, next_draft02_sequence_++, ulpdu}),
         lldp::kNearestBridge);
}

void Draft02Peer::send_draft02_ack(std::uint16_t sequence) {
  inject(lldp::kDraft02EcpEthertype,
         lldp::encode(lldp::Draft02Ecpdu{lldp::EcpOperation::kAck, sequence, {}}),
         lldp::kNearestBridge);
}

void Draft02Peer::answer_draft02(vdp::Draft02Response response) {
  const auto requests = draft02_requests();
  ASSERT_FALSE(requests.empty()) << "the port has sent no ECP request";
  send_draft02_ack(requests.back().sequence);
  auto vdpdu = vdp::decode_draft02_vdpdu(requests.back().ulpdu);
  ASSERT_TRUE(vdpdu);
  for (auto& tlv : vdpdu->tlvs) tlv.response = response;
  send_tlvs(vdpdu->tlvs);
}

std::vector<SentEcpdu> Draft02Peer::draft02_ecpdus(lldp::EcpOperation operation) const {
  std::vector<SentEcpdu> found;
  for (const auto& frame : frames_of(lldp::kDraft02EcpEthertype)) {
    EXPECT_EQ(frame.destination, lldp::kNearestBridge);
    const auto ecpdu = lldp::decode_draft02_ecpdu(frame.payload);
    if (!ecpdu) {
      ADD_FAILURE() << "a malformed ECPDU was sent";
    } else if (ecpdu->operation == operation) {
      found.push_back({frame.at,
                       operation,
                       lldp::kEcpSubtypeVdp,
                       ecpdu->sequence,
                       {ecpdu->ulpdu.begin(), ecpdu->ulpdu.end()},
                       frame.octets});
    }
  }
  return found;
}

std::vector<SentEcpdu> Draft02Peer::draft02_requests() const {
  return draft02_ecpdus(lldp::EcpOperation::kRequest);
}

std::vector<SentEcpdu> Draft02Peer::draft02_acks() const {
  return draft02_ecpdus(lldp::EcpOperation::kAck);
}

std::vector<At<vdp::Draft02Tlv>> Draft02Peer::tlvs() const {
  std::vector<At<vdp::Draft02Tlv>> found;
  for (const auto& ecpdu : draft02_requests()) {
    const auto vdpdu = vdp::decode_draft02_vdpdu(ecpdu.ulpdu);
    EXPECT_TRUE(vdpdu && vdpdu->refused.empty() && vdpdu->skipped == 0);
    if (!vdpdu) continue;
    for (const auto& tlv : vdpdu->tlvs) found.push_back({ecpdu.at, tlv});
  }
  return found;
}

std::optional<lldp::Draft02EvbTlv> Draft02Peer::last_draft02_evb_tlv() const {
  const auto sent = lldpdus();
  if (sent.empty()) return std::nullopt;
  return lldp::find_draft02_evb_tlv(sent.back().what.information);
}

}  // namespace support
