// SPDX-License-Identifier: Apache-2.0
#include "lldp/ecp_transmitter.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/arrow_coverage.hpp"
#include "tests/support/pcap_reader.hpp"

namespace {

using namespace std::chrono_literals;
using base::Instant;
using lldp::EcpTransmitter;
using support::ArrowCoverage;
using support::from_hex;
using support::to_hex;
using State = EcpTransmitter::State;

const auto* const registered = testing::AddGlobalTestEnvironment(
    new ArrowCoverage<EcpTransmitter>("EcpTransmitter", EcpTransmitter::kDiagram));

class EcpTransmitterTest : public testing::Test {
 protected:
  EcpTransmitterTest() {
    ecp.set_limits({.max_retries = 2, .ack_time = 3ms});
    ecp.port_enabled(now, true, out);
  }
  ~EcpTransmitterTest() override { ArrowCoverage<EcpTransmitter>::note(ecp); }

  /// Lets time pass from deadline to deadline, as a driver would.
  void advance(base::Duration by) {
    const auto until = now + by;
    while (ecp.deadline() && *ecp.deadline() <= until) {
      now = *ecp.deadline();
      ecp.time_passed(now, out);
    }
    now = until;
  }

  /// The ECPDUs sent so far, as hexadecimal text.
  std::vector<std::string> sent() const {
    std::vector<std::string> found;
    for (const auto& output : out) {
      if (const auto* order = std::get_if<lldp::SendEcpdu>(&output)) {
        found.push_back(to_hex(order->ecpdu));
      }
    }
    return found;
  }
  template <class T>
  std::size_t count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        out, [](const auto& output) { return std::holds_alternative<T>(output); }));
  }

  Instant now{};
  lldp::EcpOutputs out;
  EcpTransmitter ecp{7};
};

TEST_F(EcpTransmitterTest, IsNotReadyBeforeThePortIsEnabled) {
  EcpTransmitter fresh;
  EXPECT_FALSE(fresh.ready());
  fresh.port_enabled(now, false, out);
  EXPECT_FALSE(fresh.ready());
  fresh.port_enabled(now, true, out);
  EXPECT_TRUE(fresh.ready());
  EXPECT_TRUE(out.empty());
}

TEST_F(EcpTransmitterTest, SendsAtOnceAndTakesNothingElseUntilTheAcknowledgement) {
  ecp.request(now, from_hex("aabb"), out);
  EXPECT_EQ(sent(), std::vector<std::string>{"10010007aabb"});
  EXPECT_FALSE(ecp.ready());
  ecp.acknowledge(now, 7, out);
  EXPECT_TRUE(ecp.ready());
  EXPECT_EQ(count<lldp::EcpAcknowledged>(), 1U);
  EXPECT_EQ(ecp.deadline(), std::nullopt);
  ecp.request(now, from_hex("cc"), out);
  EXPECT_EQ(sent().back(), "10010008cc");
}

TEST_F(EcpTransmitterTest, ResendsTheSameOctetsUntilRetriesAreSpentThenReportsTheFailure) {
  ecp.request(now, from_hex("aa"), out);
  advance(3ms - 1us);
  EXPECT_EQ(sent().size(), 1U) << "never sooner";
  advance(1us);
  EXPECT_EQ(sent().size(), 2U);
  advance(6ms - 1us);
  EXPECT_EQ(sent(), (std::vector<std::string>(3, "10010007aa")));
  EXPECT_EQ(count<lldp::EcpGivenUp>(), 0U) << "the last send, too, has its time to be acknowledged";
  advance(1us);
  EXPECT_EQ(count<lldp::EcpGivenUp>(), 1U);
  EXPECT_EQ(sent().size(), 3U);
  EXPECT_TRUE(ecp.ready());
  EXPECT_EQ(ecp.counters().sent, 1U);
  EXPECT_EQ(ecp.counters().retries, 2U);
  EXPECT_EQ(ecp.counters().failures, 1U);
  ecp.request(now, {}, out);
  EXPECT_EQ(sent().back(), "10010008") << "a resend does not advance the sequence";
}

TEST_F(EcpTransmitterTest, SendsOnceWithoutRetries) {
  ecp.set_limits({.max_retries = 0, .ack_time = 3ms});
  ecp.request(now, {}, out);
  advance(3ms);
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_EQ(count<lldp::EcpGivenUp>(), 1U);
}

TEST_F(EcpTransmitterTest, IgnoresAcknowledgementsOfWhatIsNotOutstanding) {
  ecp.acknowledge(now, 6, out);
  ecp.request(now, {}, out);
  ecp.acknowledge(now, 6, out);
  ecp.acknowledge(now, 8, out);
  EXPECT_EQ(ecp.state(), State::kTransmitEcpdu);
  ecp.acknowledge(now, 7, out);
  ecp.acknowledge(now, 7, out);
  EXPECT_EQ(ecp.counters().acks, 1U);
  EXPECT_EQ(ecp.counters().acks_ignored, 4U);
  EXPECT_EQ(count<lldp::EcpAcknowledged>(), 1U);
}

TEST_F(EcpTransmitterTest, TakesAnAcknowledgementAtTheVeryEndOfTheWait) {
  ecp.request(now, {}, out);
  now += 3ms;
  ecp.acknowledge(now, 7, out);
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_TRUE(ecp.ready());
}

TEST_F(EcpTransmitterTest, GoesOnAfter65535With0) {
  EcpTransmitter late{65535};
  late.port_enabled(now, true, out);
  late.request(now, {}, out);
  late.acknowledge(now, 65535, out);
  late.request(now, {}, out);
  EXPECT_EQ(sent(), (std::vector<std::string>{"1001ffff", "10010000"}));
}

TEST_F(EcpTransmitterTest, FollowsChangedLimitsFromTheNextSendOn) {
  ecp.request(now, {}, out);
  ecp.set_limits({.max_retries = 1, .ack_time = 10ms});
  advance(3ms);
  EXPECT_EQ(sent().size(), 2U);
  advance(10ms - 1us);
  EXPECT_EQ(count<lldp::EcpGivenUp>(), 0U);
  advance(1us);
  EXPECT_EQ(count<lldp::EcpGivenUp>(), 1U);
  EXPECT_EQ(sent().size(), 2U);
}

TEST_F(EcpTransmitterTest, ForgetsTheOutstandingEcpduWithThePortButNotTheSequence) {
  ecp.request(now, {}, out);
  ecp.port_enabled(now, false, out);
  EXPECT_EQ(ecp.state(), State::kInitTransmit);
  EXPECT_EQ(ecp.deadline(), std::nullopt);
  ecp.port_enabled(now, true, out);
  EXPECT_TRUE(ecp.ready());
  ecp.acknowledge(now, 7, out);
  EXPECT_EQ(ecp.counters().acks, 0U);
  ecp.request(now, {}, out);
  EXPECT_EQ(sent().back(), "10010008");
}

TEST(EcpTransmitterState, HasTheStandardsNames) {
  EXPECT_EQ(to_string(State::kInitTransmit), "INIT_TRANSMIT");
  EXPECT_EQ(to_string(State::kWaitForReq), "WAIT_FOR_REQ");
  EXPECT_EQ(to_string(State::kTransmitEcpdu), "TRANSMIT_ECPDU");
  EXPECT_EQ(to_string(State::kCountErrors), "COUNT_ERRORS");
}

}  // namespace
