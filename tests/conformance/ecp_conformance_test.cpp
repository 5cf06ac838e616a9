// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/pcap_reader.hpp"
#include "tests/support/scripted_bridge.hpp"

// The statements on ECP (clause 43) that a station has to fulfil, one test each. Where the name
// ends in Assumption, the statement rests on one source or on an interpretation.

namespace {

using namespace std::chrono_literals;
using support::from_hex;
using support::ScriptedBridge;
using support::to_hex;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kAckTime = 163'840us;  // RTE 14

/// The bridge's TLV with other values for R and RTE; the larger of both sides' is used.
lldp::EvbTlv bridge_tlv(std::uint8_t retries, std::uint8_t exponent) {
  auto tlv = ScriptedBridge::bridge_tlv();
  tlv.max_retries = retries;
  tlv.retransmit_exponent = exponent;
  return tlv;
}

vdp::PortConfig config_with(std::uint8_t retries, std::uint8_t exponent) {
  auto config = ScriptedBridge::station_config();
  config.evb.max_retries = retries;
  config.evb.retransmit_exponent = exponent;
  return config;
}

/// A De-Associate of the bridge for this request, as an ECPDU with this sequence.
lldp::Ecpdu deassociate(base::Octets& ulpdu, std::uint16_t sequence) {
  const auto request = ScriptedBridge::request();
  ulpdu.clear();
  vdp::append_manager(ulpdu, request.manager);
  vdp::append_association(ulpdu, {.type = vdp::AssociationType::kDeAssociate,
                                  .response = true,
                                  .vsi_type = request.vsi_type,
                                  .id = request.id,
                                  .filters = request.filters});
  return {lldp::EcpOperation::kRequest, lldp::kEcpSubtypeVdp, sequence, ulpdu};
}

TEST(Conformance, P01_HasTheAddressesAndTheHeaderOfTheStandard) {
  // Ethertype 8940, destination 01-80-C2-00-00-00, source the port's MAC, first octets 10 01.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  const auto sent = bridge.frames_of(lldp::kEcpEthertype);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(to_hex(base::Bytes(sent[0].octets).first(16)),
            "0180c2000000"
            "02000000a001"
            "8940"
            "1001");
}

TEST(Conformance, P02_IsSilentBeforeEvbIsOn) {
  // No ECP before EVB is on.
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.associate(ScriptedBridge::request());
  bridge.advance(60s);
  EXPECT_THAT(bridge.frames_of(lldp::kEcpEthertype), IsEmpty());
}

TEST(Conformance, P03_HasOneRequestOutstanding) {
  // The second request waits for the acknowledgement of the first.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request(1));
  auto other = ScriptedBridge::request(2);
  other.manager.octets[0] = 99;
  bridge.associate(other);
  bridge.advance(kAckTime - 1us);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(1));
  bridge.ack_last();
  bridge.advance(10ms);
  ASSERT_THAT(bridge.ecp_requests(), SizeIs(2));
  EXPECT_EQ(ScriptedBridge::vdpdu(bridge.ecp_requests()[1]).manager, other.manager);
}

TEST(Conformance, P04_ResendsAfterTheAckTime) {
  // Not acknowledged: resent after 10 us x 2^RTE, never sooner, same sequence, identical octets.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  bridge.advance(kAckTime - 1us);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(1));
  bridge.advance(1us);
  const auto sent = bridge.ecp_requests();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[1].octets, sent[0].octets);
}

TEST(Conformance, P05_SendsRPlusOneTimes) {
  // R+1 sends in all, then it gives up that PDU and goes on with the next.
  for (const std::uint8_t retries : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{7}}) {
    ScriptedBridge bridge(config_with(retries, 14));
    bridge.bring_up(bridge_tlv(0, 14));
    bridge.associate(ScriptedBridge::request(1));
    bridge.associate(ScriptedBridge::request(2));
    bridge.advance((retries + 1) * kAckTime);
    auto sent = bridge.ecp_requests();
    ASSERT_THAT(sent, SizeIs(retries + 2U)) << "R " << unsigned{retries};
    for (std::size_t i = 0; i <= retries; ++i) EXPECT_EQ(sent[i].sequence, sent[0].sequence);
    EXPECT_EQ(sent.back().sequence, sent[0].sequence + 1);
  }
}

TEST(Conformance, P06_DoesNotBackOff) {
  // The gaps between the sends are equal.
  ScriptedBridge bridge(config_with(7, 14));
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  bridge.advance(2s);
  const auto sent = bridge.ecp_requests();
  ASSERT_THAT(sent, SizeIs(8));
  for (std::size_t i = 1; i < sent.size(); ++i) EXPECT_EQ(sent[i].at - sent[i - 1].at, kAckTime);
}

TEST(Conformance, P07_StopsAtTheRightAcknowledgement) {
  // The right acknowledgement stops resending at once.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  bridge.ack_last();
  bridge.advance(10s);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(1));
}

TEST(Conformance, P08_IgnoresOtherAcknowledgements) {
  // One with another sequence, another subtype, or when nothing is outstanding is ignored.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.send_ack(1);
  bridge.associate(ScriptedBridge::request());
  const auto sequence = bridge.ecp_requests().back().sequence;
  bridge.send_ack(static_cast<std::uint16_t>(sequence + 1));
  bridge.send_ack(static_cast<std::uint16_t>(sequence - 1));
  base::Octets pe_csp{0x14, 0x02};
  base::append_u16(pe_csp, sequence);
  bridge.inject(lldp::kEcpEthertype, pe_csp);
  bridge.advance(kAckTime);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(2));
  EXPECT_EQ(bridge.port.ecp().counters.acks_received, 0U);
}

TEST(Conformance, P09_CountsTheSequenceUp) {
  // The next PDU has the sequence + 1 modulo 65536; a resend does not advance it.
  auto config = ScriptedBridge::station_config();
  config.first_ecp_sequence = 65534;
  ScriptedBridge bridge(config);
  bridge.bring_up();
  std::vector<unsigned> sequences;
  for (std::uint8_t number = 1; number <= 4; ++number) {
    bridge.associate(ScriptedBridge::request(number));
    bridge.advance(kAckTime);
    sequences.push_back(bridge.ecp_requests().back().sequence);
    bridge.answer_last();
  }
  EXPECT_THAT(sequences, testing::ElementsAre(65534U, 65535U, 0U, 1U));
}

TEST(Conformance, P10_AcknowledgesEachRequestOnce) {
  // Same version, subtype and sequence, operation 1, nothing but padding after.
  ScriptedBridge bridge;
  bridge.bring_up();
  base::Octets ulpdu;
  bridge.send_ecpdu(deassociate(ulpdu, 0x1234));
  bridge.advance(1s);
  const auto acks = bridge.ecp_acks();
  ASSERT_THAT(acks, SizeIs(1));
  auto expected = from_hex("0180c2000000 02000000a001 8940 1401 1234");
  expected.resize(60);
  EXPECT_EQ(to_hex(acks[0].octets), to_hex(expected));
}

TEST(Conformance, P11_DoesNotDeliverARepetition) {
  // A repeated sequence is acknowledged again, not delivered again.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  const auto machine = [&] { return bridge.port.vsi(ScriptedBridge::request().id)->machine_state; };
  base::Octets ulpdu;
  bridge.send_ecpdu(deassociate(ulpdu, 9));
  EXPECT_EQ(machine(), "INIT");
  // The response to the next try must not come by ECP, which would be a new sequence: the station
  // asks again, and the repetition arrives then.
  bridge.ack_last();
  bridge.advance(3s);
  ASSERT_EQ(machine(), "STATION_PROCESSING");
  bridge.clear();
  bridge.send_ecpdu(deassociate(ulpdu, 9));
  EXPECT_THAT(bridge.ecp_acks(), SizeIs(1));
  EXPECT_EQ(machine(), "STATION_PROCESSING");
}

TEST(Conformance, P12_TakesAnyFirstSequence) {
  // The first request after start or link up, with any sequence (0, FFFF), is new.
  ScriptedBridge bridge;
  base::Octets ulpdu;
  for (const std::uint16_t sequence : {std::uint16_t{0}, std::uint16_t{0xFFFF}, std::uint16_t{0}}) {
    bridge.link(false);
    bridge.bring_up();
    const auto received = bridge.port.ecp().counters.requests_received;
    bridge.send_ecpdu(deassociate(ulpdu, sequence));
    EXPECT_EQ(bridge.port.ecp().counters.requests_received, received + 1);
    EXPECT_THAT(bridge.ecp_acks(), SizeIs(1));
  }
}

TEST(Conformance, P13_TakesLowerAndFarHigherSequences) {
  // A lower or far higher sequence is new, too.
  ScriptedBridge bridge;
  bridge.bring_up();
  base::Octets ulpdu;
  for (const std::uint16_t sequence :
       {std::uint16_t{100}, std::uint16_t{5}, std::uint16_t{40000}}) {
    bridge.send_ecpdu(deassociate(ulpdu, sequence));
  }
  EXPECT_EQ(bridge.port.ecp().counters.requests_received, 3U);
  EXPECT_THAT(bridge.ecp_acks(), SizeIs(3));
}

TEST(Conformance, P14_NeitherAcknowledgesNorUsesWhatItDoesNotSpeak_Assumption) {
  // Version other than 1, operation 2 or 3, unknown subtype, fewer than 4 octets: no effect.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  bridge.answer_last();
  base::Octets ulpdu;
  const auto good = lldp::encode(deassociate(ulpdu, 77));
  const auto with_header = [&](std::uint8_t first, std::uint8_t second) {
    auto changed = good;
    changed[0] = first;
    changed[1] = second;
    return changed;
  };
  bridge.clear();
  for (const auto& wrong : {with_header(0x20, 1), with_header(0x00, 1), with_header(0x18, 1),
                            with_header(0x1C, 1), with_header(0x10, 2), with_header(0x10, 0)}) {
    bridge.inject(lldp::kEcpEthertype, wrong);
  }
  for (const auto* const rest : {"", "10", "1001", "100100"}) {  // frames that nobody padded
    bridge.inject(from_hex(std::string("0180c2000000 02000000b001 8940") + rest));
  }
  EXPECT_THAT(bridge.frames(), IsEmpty());
  EXPECT_EQ(bridge.port.vsi(ScriptedBridge::request().id)->state, vdp::VsiState::kAssociated);
}

TEST(Conformance, P15_ReceivesWhileItWaitsForAnAcknowledgement) {
  // The station can send a request and receive one at the same time.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  base::Octets ulpdu;
  auto other = deassociate(ulpdu, 3);
  bridge.send_ecpdu(other);
  EXPECT_THAT(bridge.ecp_acks(), SizeIs(1));
}

TEST(Conformance, P16_FollowsAChangedRteFromTheNextSendOn_Assumption) {
  // A change of RTE by LLDP applies to the next send.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  bridge.advance(100ms);
  bridge.send_lldp(bridge_tlv(3, 16));
  bridge.advance(2s);
  const auto sent = bridge.ecp_requests();
  ASSERT_THAT(sent, SizeIs(4));
  EXPECT_EQ(sent[1].at - sent[0].at, kAckTime);
  EXPECT_EQ(sent[2].at - sent[1].at, 4 * kAckTime);
  EXPECT_EQ(sent[3].at - sent[2].at, 4 * kAckTime);
}

TEST(Conformance, P17_IgnoresTheDraftsEthertypes) {
  // Frames with Ethertype 88B7 or 8890 have no effect.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.associate(ScriptedBridge::request());
  bridge.answer_last();
  bridge.clear();
  base::Octets ulpdu;
  for (const std::uint16_t ethertype : {std::uint16_t{0x88B7}, std::uint16_t{0x8890}}) {
    bridge.inject(ethertype, lldp::encode(deassociate(ulpdu, 77)));
  }
  bridge.advance(1s);
  EXPECT_THAT(bridge.frames_of(lldp::kEcpEthertype), IsEmpty());
  EXPECT_EQ(bridge.port.vsi(ScriptedBridge::request().id)->state, vdp::VsiState::kAssociated);
}

}  // namespace
