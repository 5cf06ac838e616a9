// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lldp/lldpdu.hpp"
#include "lldp/transmit_machine.hpp"
#include "lldp/transmit_timer_machine.hpp"
#include "tests/support/arrow_coverage.hpp"

namespace {

using namespace std::chrono_literals;
using lldp::AdminStatus;
using lldp::TransmitMachine;
using lldp::TransmitTimerMachine;
using testing::ElementsAre;
using testing::IsEmpty;

const auto* const kTransmitCoverage = testing::AddGlobalTestEnvironment(
    new support::ArrowCoverage<TransmitMachine>("transmit machine", TransmitMachine::kDiagram));
const auto* const kTimerCoverage =
    testing::AddGlobalTestEnvironment(new support::ArrowCoverage<TransmitTimerMachine>(
        "transmit timer machine", TransmitTimerMachine::kDiagram));

lldp::AgentVariables variables() {
  lldp::AgentVariables v;
  v.config.local.chassis_id = {4, {2, 0, 0, 0, 0xA0, 1}};
  v.config.local.port_id = {5, {'e', 't', 'h', '0'}};
  return v;
}

/// Both transmit machines as an agent runs them, and the instants at which they sent.
class TransmitMachines : public testing::Test {
 protected:
  ~TransmitMachines() override {
    support::ArrowCoverage<TransmitMachine>::note(transmitter);
    support::ArrowCoverage<TransmitTimerMachine>::note(timer);
  }

  void run() {
    lldp::LldpOutputs out;
    timer.run(now);
    transmitter.run(now, out);
    for (const auto& output : out) {
      const auto lldpdu = lldp::decode_lldpdu(std::get<lldp::SendLldpdu>(output).lldpdu);
      ASSERT_TRUE(lldpdu);
      sent.push_back(now.time_since_epoch());
      ttls.push_back(lldpdu->ttl);
    }
  }

  std::optional<base::Instant> deadline() const {
    const auto a = timer.deadline();
    const auto b = transmitter.deadline();
    return !a || (b && *b < *a) ? b : a;
  }

  void advance(base::Duration by) {
    const auto until = now + by;
    while (deadline() && *deadline() <= until) {
      ASSERT_GT(*deadline(), now) << "wakes without need";
      now = *deadline();
      ++wakes;
      run();
    }
    now = until;
  }

  void port(bool enabled) {
    v.port_enabled = enabled;
    run();
  }
  void admin(AdminStatus status) {
    v.config.admin_status = status;
    run();
  }
  void local_change() {
    v.local_change = true;
    run();
  }
  void new_neighbor() {
    v.new_neighbor = true;
    run();
  }
  void forget() {
    sent.clear();
    ttls.clear();
    wakes = 0;
  }

  base::Instant now{};
  lldp::AgentVariables v = variables();
  TransmitTimerMachine timer{v};
  TransmitMachine transmitter{v};
  std::vector<base::Duration> sent;
  std::vector<unsigned> ttls;
  int wakes = 0;
};

TEST_F(TransmitMachines, SayNothingBeforeThePortIsUp) {
  run();
  EXPECT_THAT(sent, IsEmpty());
  EXPECT_EQ(deadline(), std::nullopt);
  EXPECT_EQ(to_string(timer.state()), "TX_TIMER_INITIALIZE");
  EXPECT_EQ(to_string(transmitter.state()), "TX_LLDP_INITIALIZE");
}

TEST_F(TransmitMachines, SendAtOnceWhenThePortComesUpAndThenEveryInterval) {
  port(true);
  advance(95s);
  EXPECT_THAT(sent, ElementsAre(0s, 30s, 60s, 90s));
  EXPECT_THAT(ttls, ElementsAre(121U, 121U, 121U, 121U));
  EXPECT_EQ(wakes, 3);  // none but to send
  EXPECT_EQ(to_string(timer.state()), "TX_TIMER_IDLE");
  EXPECT_EQ(to_string(transmitter.state()), "TX_IDLE");
}

TEST_F(TransmitMachines, StartFastWhenANeighborIsNew) {
  port(true);
  advance(10s);
  forget();
  new_neighbor();
  advance(60s);
  EXPECT_THAT(sent, ElementsAre(10s, 11s, 12s, 13s, 43s));
}

TEST_F(TransmitMachines, DoNotStartTheFastPeriodAgainWhileOneRuns) {
  port(true);
  advance(10s);
  forget();
  new_neighbor();
  advance(500ms);
  new_neighbor();
  advance(60s);
  EXPECT_THAT(sent, ElementsAre(10s, 10500ms, 11500ms, 12500ms, 42500ms));
}

TEST_F(TransmitMachines, SendALocalChangeAtOnceAndCountTheIntervalFromThere) {
  port(true);
  advance(10s);
  local_change();
  advance(31s);
  EXPECT_THAT(sent, ElementsAre(0s, 10s, 40s));
}

TEST_F(TransmitMachines, SendABurstOfTheCreditAndThenOneEachSecond) {
  port(true);
  advance(10s);
  forget();
  for (int i = 0; i < 20; ++i) {
    local_change();
    advance(50ms);
  }
  EXPECT_THAT(sent, ElementsAre(10s, 10050ms, 10100ms, 10150ms, 10200ms, 11s));
  EXPECT_EQ(v.tx_credit, 0U);
  advance(2s);
  EXPECT_EQ(sent.size(), 6U);  // what changed meanwhile went in one LLDPDU
}

TEST_F(TransmitMachines, WaitForCreditAndWakeForItOnlyThen) {
  v.config.timers.tx_credit_max = v.tx_credit = 1;
  port(true);
  local_change();
  EXPECT_EQ(sent.size(), 1U);
  EXPECT_EQ(timer.deadline(), now + 1s);
  advance(1s);
  EXPECT_THAT(sent, ElementsAre(0s, 1s));
  EXPECT_EQ(timer.deadline(), base::Instant{30s});
}

TEST_F(TransmitMachines, RegainACreditEachSecondUpToTheMost) {
  port(true);
  for (int i = 0; i < 4; ++i) local_change();
  EXPECT_EQ(v.tx_credit, 0U);
  now += 2500ms;
  run();
  EXPECT_EQ(v.tx_credit, 2U);
  now += 500ms;  // the half second was not lost
  run();
  EXPECT_EQ(v.tx_credit, 3U);
  now += 20s;
  run();
  EXPECT_EQ(v.tx_credit, 5U);
}

TEST_F(TransmitMachines, SendTheShutdownWhenTransmissionEndsAndWaitBeforeTheyStartAgain) {
  port(true);
  advance(10s);
  admin(AdminStatus::kRxOnly);
  EXPECT_EQ(to_string(transmitter.state()), "TX_SHUTDOWN_FRAME");
  admin(AdminStatus::kTxAndRx);
  EXPECT_THAT(ttls, ElementsAre(121U, 0U));
  advance(5s);
  EXPECT_THAT(sent, ElementsAre(0s, 10s, 12s));
  EXPECT_THAT(ttls, ElementsAre(121U, 0U, 121U));
}

TEST_F(TransmitMachines, StaySilentWhileTransmissionIsDisabled) {
  admin(AdminStatus::kDisabled);
  port(true);
  local_change();
  advance(100s);
  EXPECT_THAT(sent, IsEmpty());
  EXPECT_EQ(deadline(), std::nullopt);
  admin(AdminStatus::kTxOnly);
  EXPECT_THAT(sent, ElementsAre(100s));
}

TEST_F(TransmitMachines, ForgetTheShutdownDelayWhenThePortGoesDown) {
  port(true);
  admin(AdminStatus::kDisabled);
  port(false);
  EXPECT_EQ(deadline(), std::nullopt);
  v.config.admin_status = AdminStatus::kTxAndRx;
  port(true);
  EXPECT_THAT(ttls, ElementsAre(121U, 0U, 121U));
}

TEST_F(TransmitMachines, StartAfreshAfterTheLinkWasDown) {
  port(true);
  for (int i = 0; i < 6; ++i) local_change();
  EXPECT_EQ(sent.size(), 5U);
  port(false);
  EXPECT_EQ(deadline(), std::nullopt);
  advance(100s);
  port(true);
  EXPECT_EQ(sent.size(), 6U);
  EXPECT_EQ(v.tx_credit, 4U);
}

TEST_F(TransmitMachines, CountAnLldpduThatWasTooLong) {
  v.config.local.organizational.assign(4, {{0, 1, 2}, 3, base::Octets(450)});
  port(true);
  EXPECT_EQ(v.counters.length_errors, 1U);
  EXPECT_EQ(v.counters.frames_out, 1U);
}

TEST(TransmitMachineNames, AreTheStandards) {
  using Timer = TransmitTimerMachine::State;
  using Transmit = TransmitMachine::State;
  EXPECT_EQ(to_string(Timer::kTxTimerExpires), "TX_TIMER_EXPIRES");
  EXPECT_EQ(to_string(Timer::kTxTick), "TX_TICK");
  EXPECT_EQ(to_string(Timer::kSignalTx), "SIGNAL_TX");
  EXPECT_EQ(to_string(Timer::kTxFastStart), "TX_FAST_START");
  EXPECT_EQ(to_string(Transmit::kTxInfoFrame), "TX_INFO_FRAME");
}

}  // namespace
