// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scripted_bridge.hpp"

#include <gtest/gtest.h>

#include "lldp/organizational.hpp"

namespace support {
namespace {

lldp::Identifier identifier(std::uint8_t subtype, std::string_view text) {
  return {subtype, base::Octets(text.begin(), text.end())};
}

lldp::Identifier mac_identifier(std::uint8_t subtype, const lldp::MacAddress& mac) {
  return {subtype, base::Octets(mac.octets.begin(), mac.octets.end())};
}

constexpr std::uint8_t kChassisMac = 4;
constexpr std::uint8_t kPortInterfaceName = 5;

}  // namespace

vdp::PortConfig ScriptedBridge::station_config() {
  vdp::PortConfig config;
  config.evb.role = lldp::EvbRole::kStation;
  config.address = kStationAddress;
  config.lldp.local.chassis_id = mac_identifier(kChassisMac, kStationAddress);
  config.lldp.local.port_id = identifier(kPortInterfaceName, "eth0");
  return config;
}

lldp::EvbTlv ScriptedBridge::bridge_tlv() {
  lldp::EvbTlv tlv;
  tlv.mode = lldp::EvbMode::kEvbBridge;
  tlv.relay_capable = true;
  tlv.relay_status = lldp::RelayStatus::kOff;  // the station's octet: nothing heard
  return tlv;
}

ScriptedBridge::ScriptedBridge(const vdp::PortConfig& config) : port(config) {}

void ScriptedBridge::feed(const vdp::Input& input) {
  vdp::Outputs out;
  port.handle(now, input, out);
  for (auto& output : out) outputs.push_back({now, std::move(output)});
}

void ScriptedBridge::advance(base::Duration by) {
  const auto until = now + by;
  int wakes_at_once = 0;
  while (const auto deadline = port.deadline()) {
    if (*deadline > until) break;
    wakes_at_once = *deadline > now ? 0 : wakes_at_once + 1;
    ASSERT_LT(wakes_at_once, 100) << "the port does not come to rest";
    now = std::max(now, *deadline);
    feed(vdp::TimePassed{});
  }
  now = until;
}

vdp::VsiRequest ScriptedBridge::request(std::uint8_t number) {
  vdp::VsiRequest request;
  request.id.octets = {0x09, 0xB1, 0x1C, 0x53, 0x8B, 0x5C, 0x4E, 0xEB,
                       0x8F, 0x00, 0xD8, 0x4E, 0xAA, 0x0A, 0xAA, number};
  request.vsi_type = {1193047, 2};
  request.manager.octets[0] = 11;
  vdp::FilterEntry entry;
  entry.mac = {{0x52, 0x54, 0x00, 0xAA, 0x00, number}};
  entry.vid = 42;
  request.filters = {vdp::FilterFormat::kMacVid, {entry}};
  return request;
}

void ScriptedBridge::inject(const base::Octets& frame) { feed(vdp::FrameReceived{frame}); }

void ScriptedBridge::inject(std::uint16_t ethertype, base::Bytes payload,
                            const lldp::MacAddress& destination) {
  inject(lldp::encode_ethernet({destination, kBridgeAddress, ethertype, payload}));
}

void ScriptedBridge::send_lldpdu(base::Bytes lldpdu, const lldp::MacAddress& destination) {
  inject(lldp::kLldpEthertype, lldpdu, destination);
}

void ScriptedBridge::send_lldp(const lldp::EvbTlv& tlv, std::uint16_t ttl) {
  send_lldp(std::vector{lldp::to_organizational(tlv)}, ttl);
}

void ScriptedBridge::send_lldp(std::vector<lldp::OrganizationalTlv> tlvs, std::uint16_t ttl) {
  auto information = system_information();
  information.organizational = std::move(tlvs);
  send_lldpdu(lldp::encode_lldpdu(information, ttl).octets);
}

void ScriptedBridge::send_shutdown_lldpdu() {
  send_lldpdu(lldp::encode_shutdown_lldpdu(system_information()));
}

lldp::SystemInformation ScriptedBridge::system_information(unsigned port) {
  lldp::SystemInformation information;
  information.chassis_id = mac_identifier(kChassisMac, kBridgeAddress);
  information.port_id = identifier(kPortInterfaceName, "swp" + std::to_string(port));
  return information;
}

void ScriptedBridge::send_ecpdu(const lldp::Ecpdu& ecpdu) {
  inject(lldp::kEcpEthertype, lldp::encode(ecpdu));
}

void ScriptedBridge::send_ack(std::uint16_t sequence) {
  send_ecpdu({lldp::EcpOperation::kAck, lldp::kEcpSubtypeVdp, sequence, {}});
}

void ScriptedBridge::send_vdp(const vdp::ManagerId& manager,
                              const std::vector<vdp::AssociationTlv>& tlvs) {
  base::Octets ulpdu;
  vdp::append_manager(ulpdu, manager);
  for (const auto& tlv : tlvs) vdp::append_association(ulpdu, tlv);
  send_ecpdu({lldp::EcpOperation::kRequest, lldp::kEcpSubtypeVdp, next_sequence_++, ulpdu});
}

void ScriptedBridge::bring_up(const lldp::EvbTlv& tlv) {
  link(true);
  send_lldp(tlv);
  advance(base::Duration{0});
  clear();
}

void ScriptedBridge::ack_last() {
  const auto requests = ecp_requests();
  ASSERT_FALSE(requests.empty()) << "the station has sent no ECP request";
  send_ack(requests.back().sequence);
}

void ScriptedBridge::answer_last(vdp::Reason reason, bool keep, bool hard) {
  const auto requests = ecp_requests();
  ASSERT_FALSE(requests.empty()) << "the station has sent no ECP request";
  send_ack(requests.back().sequence);
  auto answer = vdpdu(requests.back());
  for (auto& tlv : answer.associations) {
    tlv.response = true;
    tlv.reason = reason;
    tlv.keep_or_s = keep;
    tlv.hard_or_m = hard;
  }
  send_vdp(answer.manager, answer.associations);
}

std::vector<SentFrame> ScriptedBridge::frames() const {
  std::vector<SentFrame> frames;
  for (const auto& [at, send] : outputs_of<vdp::SendFrame>()) {
    const auto decoded = lldp::decode_ethernet(send.frame);
    if (!decoded) {
      ADD_FAILURE() << "a frame shorter than its header was sent";
      continue;
    }
    frames.push_back({at,
                      decoded->destination,
                      decoded->source,
                      decoded->ethertype,
                      {decoded->payload.begin(), decoded->payload.end()},
                      send.frame});
  }
  return frames;
}

std::vector<SentFrame> ScriptedBridge::frames_of(std::uint16_t ethertype) const {
  auto found = frames();
  std::erase_if(found, [&](const auto& frame) { return frame.ethertype != ethertype; });
  return found;
}

std::vector<SentEcpdu> ScriptedBridge::ecpdus(lldp::EcpOperation operation) const {
  std::vector<SentEcpdu> found;
  for (const auto& frame : frames_of(lldp::kEcpEthertype)) {
    const auto ecpdu = lldp::decode_ecpdu(frame.payload);
    if (!ecpdu) {
      ADD_FAILURE() << "a malformed ECPDU was sent";
    } else if (ecpdu->operation == operation) {
      found.push_back({frame.at,
                       ecpdu->operation,
                       ecpdu->subtype,
                       ecpdu->sequence,
                       {ecpdu->ulpdu.begin(), ecpdu->ulpdu.end()},
                       frame.octets});
    }
  }
  return found;
}

std::vector<SentEcpdu> ScriptedBridge::ecp_requests() const {
  return ecpdus(lldp::EcpOperation::kRequest);
}

std::vector<SentEcpdu> ScriptedBridge::ecp_acks() const { return ecpdus(lldp::EcpOperation::kAck); }

std::vector<At<lldp::Lldpdu>> ScriptedBridge::lldpdus() const {
  std::vector<At<lldp::Lldpdu>> found;
  for (const auto& frame : frames_of(lldp::kLldpEthertype)) {
    auto lldpdu = lldp::decode_lldpdu(frame.payload);
    if (!lldpdu) {
      ADD_FAILURE() << "a malformed LLDPDU was sent";
      continue;
    }
    found.push_back({frame.at, *std::move(lldpdu)});
  }
  return found;
}

std::optional<lldp::EvbTlv> ScriptedBridge::last_evb_tlv() const {
  const auto sent = lldpdus();
  if (sent.empty()) return std::nullopt;
  return lldp::find_evb_tlv(sent.back().what.information);
}

vdp::Vdpdu ScriptedBridge::vdpdu(const SentEcpdu& ecpdu) {
  const auto decoded = vdp::decode_vdpdu(ecpdu.ulpdu);
  EXPECT_TRUE(decoded) << "a malformed VDP PDU was sent";
  return decoded.value_or(vdp::Vdpdu{});
}

}  // namespace support
