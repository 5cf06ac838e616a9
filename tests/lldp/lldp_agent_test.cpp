// SPDX-License-Identifier: Apache-2.0
#include "lldp/lldp_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lldp/lldpdu.hpp"

namespace {

using namespace std::chrono_literals;
using lldp::AdminStatus;
using lldp::LldpAgentConfig;
using lldp::OrganizationalTlv;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr lldp::MacAddress kSource{{2, 0, 0, 0, 0xB0, 1}};
const OrganizationalTlv kTlv{{1, 2, 3}, 4, {5}};

LldpAgentConfig config() {
  LldpAgentConfig config;
  config.local.chassis_id = {4, {2, 0, 0, 0, 0xA0, 1}};
  config.local.port_id = {5, {'e', 't', 'h', '0'}};
  return config;
}

lldp::SystemInformation switch_information(std::uint8_t port = 1) {
  lldp::SystemInformation information;
  information.chassis_id = {4, {2, 0, 0, 0, 0xB0, 1}};
  information.port_id = {7, {port}};
  return information;
}

class LldpAgentTest : public testing::Test {
 protected:
  /// The LLDPDUs sent since the last call.
  std::vector<lldp::Lldpdu> sent() {
    std::vector<lldp::Lldpdu> lldpdus;
    for (const auto& output : out) {
      if (const auto* send = std::get_if<lldp::SendLldpdu>(&output)) {
        lldpdus.push_back(*lldp::decode_lldpdu(send->lldpdu));
      }
    }
    out.clear();
    return lldpdus;
  }

  void receive(const lldp::SystemInformation& information, std::uint16_t ttl = 121) {
    agent.receive(now, lldp::encode_lldpdu(information, ttl).octets, kSource, out);
  }

  void advance(base::Duration by) {
    const auto until = now + by;
    while (agent.deadline() && *agent.deadline() <= until) {
      now = *agent.deadline();
      agent.time_passed(now, out);
    }
    now = until;
  }

  base::Instant now{};
  lldp::LldpOutputs out;
  lldp::LldpAgent agent{config()};
};

TEST_F(LldpAgentTest, SendsAtOnceWhenItsPortComesUp) {
  EXPECT_EQ(agent.deadline(), std::nullopt);
  agent.port_enabled(now, true, out);
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_EQ(agent.deadline(), now + 30s);
  agent.port_enabled(now, true, out);  // no news
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(LldpAgentTest, SendsOtherOrganizationalTlvsAtOnceAndTheSameNotAgain) {
  agent.port_enabled(now, true, out);
  sent();
  agent.set_organizational(now, {kTlv}, out);
  const auto lldpdus = sent();
  ASSERT_EQ(lldpdus.size(), 1U);
  EXPECT_THAT(lldpdus[0].information.organizational, ElementsAre(kTlv));
  agent.set_organizational(now, {kTlv}, out);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(LldpAgentTest, AnswersANewNeighborInOneLldpduWithWhatTheNeighborChanged) {
  agent.port_enabled(now, true, out);
  sent();
  receive(switch_information());
  EXPECT_EQ(out.size(), 1U);  // NeighborsChanged, and nothing sent yet
  EXPECT_EQ(agent.deadline(), now);
  agent.set_organizational(now, {kTlv}, out);
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_EQ(agent.deadline(), now + 1s);  // fast
}

TEST_F(LldpAgentTest, AnswersANewNeighborAtTheDeadlineIfNothingElseHappens) {
  agent.port_enabled(now, true, out);
  sent();
  receive(switch_information());
  advance(0s);
  EXPECT_EQ(sent().size(), 1U);
  advance(20s);
  EXPECT_EQ(sent().size(), 3U);
}

TEST_F(LldpAgentTest, DoesNotWakeForNeighborsThatItMayNotAnswer) {
  auto silent = config();
  silent.admin_status = AdminStatus::kRxOnly;
  agent.set_config(now, silent, out);
  agent.port_enabled(now, true, out);
  receive(switch_information(1));
  advance(0s);
  receive(switch_information(2));
  advance(0s);
  EXPECT_EQ(agent.deadline(), now + 121s);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(agent.neighbors().size(), 2U);
}

TEST_F(LldpAgentTest, TreatsNewTimersAndLocalInformationAsALocalChange) {
  agent.port_enabled(now, true, out);
  sent();
  auto updated = config();
  updated.timers.msg_tx_interval = 5;
  updated.timers.msg_tx_hold = 2;
  updated.local.system_name = "host";
  updated.local.organizational = {kTlv};  // not this way
  agent.set_config(now, updated, out);
  const auto lldpdus = sent();
  ASSERT_EQ(lldpdus.size(), 1U);
  EXPECT_EQ(lldpdus[0].ttl, 11);
  EXPECT_EQ(lldpdus[0].information.system_name, "host");
  EXPECT_THAT(lldpdus[0].information.organizational, IsEmpty());
  EXPECT_EQ(agent.deadline(), now + 5s);
  agent.set_config(now, updated, out);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(agent.config().timers.msg_tx_interval, 5U);
}

TEST_F(LldpAgentTest, SendsATtlOfAtMost65535) {
  auto updated = config();
  updated.timers.msg_tx_interval = 32768;
  updated.timers.msg_tx_hold = 10;
  agent.set_config(now, updated, out);
  agent.port_enabled(now, true, out);
  EXPECT_EQ(sent().at(0).ttl, 65535);
}

TEST_F(LldpAgentTest, TakesBackItsOldIdentityBeforeItTakesANewOne) {
  agent.port_enabled(now, true, out);
  sent();
  auto renamed = config();
  renamed.local.port_id.octets.push_back('1');
  agent.set_config(now, renamed, out);
  const auto lldpdus = sent();
  ASSERT_EQ(lldpdus.size(), 2U);
  EXPECT_EQ(lldpdus[0].ttl, 0);
  EXPECT_EQ(lldpdus[0].information.port_id, config().local.port_id);
  EXPECT_EQ(lldpdus[1].ttl, 121);
  EXPECT_EQ(lldpdus[1].information.port_id, renamed.local.port_id);
}

TEST_F(LldpAgentTest, TakesBackNothingThatItNeverSaid) {
  auto renamed = config();
  renamed.local.port_id.octets.push_back('1');
  agent.set_config(now, renamed, out);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(LldpAgentTest, SaysGoodbyeWhenItIsDisabled) {
  agent.port_enabled(now, true, out);
  receive(switch_information());
  advance(1s);
  sent();
  auto disabled = config();
  disabled.admin_status = AdminStatus::kDisabled;
  agent.set_config(now, disabled, out);
  const auto lldpdus = sent();
  ASSERT_EQ(lldpdus.size(), 1U);
  EXPECT_EQ(lldpdus[0].ttl, 0);
  EXPECT_THAT(agent.neighbors(), IsEmpty());
}

TEST_F(LldpAgentTest, SendsWhatIsDueBeforeItTellsOfANeighborThatAgedMeanwhile) {
  agent.port_enabled(now, true, out);
  receive(switch_information(), 30);
  agent.set_organizational(now, {kTlv}, out);
  advance(29s);
  out.clear();
  agent.time_passed(now += 10s, out);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<lldp::SendLldpdu>(out[0]));
  EXPECT_TRUE(std::holds_alternative<lldp::NeighborsChanged>(out[1]));
}

TEST_F(LldpAgentTest, HeedsALowerCreditAtOnce) {
  auto frugal = config();
  frugal.timers.tx_credit_max = 1;
  agent.set_config(now, frugal, out);
  agent.port_enabled(now, true, out);
  agent.set_organizational(now, {kTlv}, out);
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_EQ(agent.deadline(), now + 1s);
  advance(1s);
  EXPECT_EQ(sent().size(), 1U);
}

TEST_F(LldpAgentTest, KeepsItsStateWhenItIsMoved) {
  agent.port_enabled(now, true, out);
  receive(switch_information());
  lldp::LldpAgent moved = std::move(agent);
  EXPECT_EQ(moved.neighbors().size(), 1U);
  EXPECT_EQ(moved.counters().frames_out, 1U);
  out.clear();
  moved.time_passed(now, out);
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_FALSE(moved.too_many_neighbors());
}

}  // namespace
