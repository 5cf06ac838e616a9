// SPDX-License-Identifier: Apache-2.0
#include "lldp/ecp_receiver.hpp"

#include <gtest/gtest.h>

#include "tests/support/arrow_coverage.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using lldp::EcpReceiver;
using support::ArrowCoverage;
using support::from_hex;
using support::to_hex;
using State = EcpReceiver::State;

const auto* const registered = testing::AddGlobalTestEnvironment(
    new ArrowCoverage<EcpReceiver>("EcpReceiver", EcpReceiver::kDiagram));

class EcpReceiverTest : public testing::Test {
 protected:
  EcpReceiverTest() { ecp.port_enabled(true); }
  ~EcpReceiverTest() override { ArrowCoverage<EcpReceiver>::note(ecp); }

  /// What came of a request: "deliver HEX", "send HEX", in order.
  std::vector<std::string> receive(std::uint16_t sequence, std::string_view ulpdu = "aa") {
    lldp::EcpOutputs out;
    const auto octets = from_hex(ulpdu);
    ecp.receive(sequence, octets, out);
    std::vector<std::string> text;
    for (const auto& output : out) {
      if (const auto* order = std::get_if<lldp::DeliverUlpdu>(&output)) {
        text.push_back("deliver " + to_hex(order->ulpdu));
      } else if (const auto* ack = std::get_if<lldp::SendEcpdu>(&output)) {
        text.push_back("send " + to_hex(ack->ecpdu));
      }
    }
    return text;
  }

  EcpReceiver ecp;
};

using Texts = std::vector<std::string>;

TEST_F(EcpReceiverTest, DeliversAndAcknowledgesANewRequest) {
  EXPECT_EQ(ecp.last_sequence(), std::nullopt);
  EXPECT_EQ(receive(5, "0a10"), (Texts{"deliver 0a10", "send 14010005"}));
  EXPECT_EQ(ecp.last_sequence(), 5);
  EXPECT_EQ(ecp.state(), State::kReceiveEcpdu);
}

TEST_F(EcpReceiverTest, AcknowledgesARepetitionWithoutDeliveringIt) {
  receive(5);
  EXPECT_EQ(receive(5), Texts{"send 14010005"});
  EXPECT_EQ(receive(5), Texts{"send 14010005"});
  EXPECT_EQ(ecp.counters().received, 1U);
  EXPECT_EQ(ecp.counters().duplicates, 2U);
}

TEST_F(EcpReceiverTest, TakesAnyFirstSequenceForNew) {
  for (const unsigned first : {0U, 1U, 0xFFFFU, 0x8000U}) {
    ecp.port_enabled(false);
    ecp.port_enabled(true);
    EXPECT_EQ(receive(static_cast<std::uint16_t>(first)).size(), 2U) << first;
  }
}

TEST_F(EcpReceiverTest, TakesALowerOrFarHigherSequenceForNew) {
  for (const unsigned sequence : {100U, 5U, 40000U, 39999U, 0U, 65535U, 0U}) {
    EXPECT_EQ(receive(static_cast<std::uint16_t>(sequence)).size(), 2U) << sequence;
  }
  EXPECT_EQ(ecp.counters().duplicates, 0U);
}

TEST_F(EcpReceiverTest, ForgetsTheLastSequenceWithThePort) {
  receive(5);
  ecp.port_enabled(false);
  EXPECT_EQ(ecp.state(), State::kReceiveWait);
  EXPECT_EQ(ecp.last_sequence(), std::nullopt);
  EXPECT_EQ(receive(6), Texts{}) << "nothing is received while the port is down";
  ecp.port_enabled(true);
  EXPECT_EQ(receive(5).size(), 2U);
}

TEST(EcpReceiverState, HasTheStandardsNames) {
  EXPECT_EQ(to_string(State::kReceiveWait), "RECEIVE_WAIT");
  EXPECT_EQ(to_string(State::kReceiveFirst), "RECEIVE_FIRST");
  EXPECT_EQ(to_string(State::kReceiveEcpdu), "RECEIVE_ECPDU");
  EXPECT_EQ(to_string(State::kNewEcpdu), "NEW_ECPDU");
  EXPECT_EQ(to_string(State::kSendAck), "SEND_ACK");
}

}  // namespace
