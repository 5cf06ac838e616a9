// SPDX-License-Identifier: Apache-2.0
#include "lldp/receive_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_coverage.hpp"

namespace {

using namespace std::chrono_literals;
using base::Fault;
using lldp::AdminStatus;
using lldp::ReceiveMachine;

const auto* const kCoverage = testing::AddGlobalTestEnvironment(
    new support::ArrowCoverage<ReceiveMachine>("receive machine", ReceiveMachine::kDiagram));

constexpr lldp::MacAddress kSource{{2, 0, 0, 0, 0xB0, 1}};

lldp::SystemInformation system(std::uint8_t port, std::optional<std::string> name = {}) {
  lldp::SystemInformation information;
  information.chassis_id = {4, {2, 0, 0, 0, 0xB0, 1}};
  information.port_id = {7, {port}};
  information.system_name = std::move(name);
  return information;
}

class ReceiveMachineTest : public testing::Test {
 protected:
  ReceiveMachineTest() {
    v.config.local.chassis_id = {4, {2, 0, 0, 0, 0xA0, 1}};
    v.config.local.port_id = {7, {1}};
    v.port_enabled = true;
    machine.run(now, out);
  }
  ~ReceiveMachineTest() override { support::ArrowCoverage<ReceiveMachine>::note(machine); }

  void receive(const lldp::SystemInformation& information, std::uint16_t ttl = 121) {
    machine.receive(now, lldp::encode_lldpdu(information, ttl).octets, kSource, out);
  }
  void run() { machine.run(now, out); }

  void advance(base::Duration by) {
    const auto until = now + by;
    while (machine.deadline() && *machine.deadline() <= until) {
      now = *machine.deadline();
      run();
    }
    now = until;
  }

  const std::vector<lldp::Neighbor>& neighbors() const { return machine.remote().neighbors(); }

  /// How often NeighborsChanged came since the last call.
  int changes() {
    int count = 0;
    for (const auto& output : out) count += std::holds_alternative<lldp::NeighborsChanged>(output);
    out.clear();
    return count;
  }

  base::Instant now{};
  lldp::AgentVariables v;
  lldp::LldpOutputs out;
  ReceiveMachine machine{v};
};

TEST_F(ReceiveMachineTest, KeepsANewNeighborAndSaysSo) {
  now += 5s;
  receive(system(1, "switch"));
  ASSERT_EQ(neighbors().size(), 1U);
  const auto& neighbor = neighbors()[0];
  EXPECT_EQ(neighbor.source, kSource);
  EXPECT_EQ(neighbor.information, system(1, "switch"));
  EXPECT_EQ(neighbor.ttl, 121);
  EXPECT_EQ(neighbor.expires, now + 121s);
  EXPECT_EQ(neighbor.first_heard, now);
  EXPECT_EQ(neighbor.last_changed, now);
  EXPECT_TRUE(v.new_neighbor);
  EXPECT_EQ(v.counters.inserts, 1U);
  EXPECT_EQ(changes(), 1);
}

TEST_F(ReceiveMachineTest, OnlyRefreshesWhatIsUnchanged) {
  receive(system(1));
  EXPECT_EQ(changes(), 1);
  v.new_neighbor = false;
  now += 100s;
  receive(system(1), 60);
  EXPECT_EQ(changes(), 0);
  EXPECT_FALSE(v.new_neighbor);
  EXPECT_EQ(neighbors()[0].ttl, 60);
  EXPECT_EQ(neighbors()[0].expires, now + 60s);
  EXPECT_EQ(neighbors()[0].last_changed, base::Instant{});
}

TEST_F(ReceiveMachineTest, ReplacesAllThatANeighborSaidBefore) {
  auto before = system(1, "switch");
  before.organizational = {{{1, 2, 3}, 4, {5}}};
  receive(before);
  v.new_neighbor = false;
  now += 1s;
  receive(system(1));
  EXPECT_EQ(changes(), 2);
  ASSERT_EQ(neighbors().size(), 1U);
  EXPECT_EQ(neighbors()[0].information, system(1));
  EXPECT_EQ(neighbors()[0].first_heard, base::Instant{});
  EXPECT_EQ(neighbors()[0].last_changed, now);
  EXPECT_FALSE(v.new_neighbor);
}

TEST_F(ReceiveMachineTest, ForgetsANeighborWhoseTtlRunsOut) {
  receive(system(1), 3);
  receive(system(2), 10);
  changes();
  advance(2999ms);
  EXPECT_EQ(neighbors().size(), 2U);
  advance(1ms);
  ASSERT_EQ(neighbors().size(), 1U);
  EXPECT_EQ(neighbors()[0].information, system(2));
  EXPECT_EQ(changes(), 1);
  EXPECT_EQ(v.counters.ageouts, 1U);
  EXPECT_EQ(v.counters.deletes, 1U);
}

TEST_F(ReceiveMachineTest, ForgetsTheSenderOfAShutdownAtOnceAndNobodyElse) {
  receive(system(1));
  receive(system(2));
  changes();
  receive(system(1), 0);
  ASSERT_EQ(neighbors().size(), 1U);
  EXPECT_EQ(neighbors()[0].information, system(2));
  EXPECT_EQ(changes(), 1);
  EXPECT_EQ(v.counters.ageouts, 0U);
  EXPECT_EQ(v.counters.deletes, 1U);
  receive(system(9), 0);  // a stranger's shutdown is no news
  EXPECT_EQ(changes(), 0);
}

TEST_F(ReceiveMachineTest, DiscardsABadFrameAndLeavesStoredDataAlone) {
  receive(system(1));
  changes();
  const base::Octets bad{0x02, 0x01, 0x04, 0x00, 0x00};
  machine.receive(now, bad, kSource, out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(std::get<lldp::LldpduRefused>(out[0]).error, (base::DecodeError{Fault::kTruncated, 3}));
  EXPECT_EQ(neighbors().size(), 1U);
  EXPECT_EQ(v.counters.frames_in, 2U);
  EXPECT_EQ(v.counters.frames_discarded, 1U);
  EXPECT_EQ(v.counters.frames_in_errors, 1U);
}

TEST_F(ReceiveMachineTest, CountsWhatItLeftOutOfAUsableFrame) {
  auto octets = lldp::encode_lldpdu(system(1), 121).octets;
  octets.resize(octets.size() - 2);
  for (const int octet : {0x12, 0x00, 0x0E, 0x01, 0xFF, 0x0A, 0xFF}) {
    octets.push_back(static_cast<std::uint8_t>(octet));
  }
  machine.receive(now, octets, kSource, out);
  EXPECT_EQ(neighbors().size(), 1U);
  EXPECT_EQ(neighbors()[0].unrecognized_tlvs, 1U);
  EXPECT_EQ(v.counters.tlvs_unrecognized, 1U);
  EXPECT_EQ(v.counters.tlvs_discarded, 2U);
  EXPECT_EQ(v.counters.frames_in_errors, 1U);
  EXPECT_EQ(v.counters.frames_discarded, 0U);
}

TEST_F(ReceiveMachineTest, IgnoresItsOwnLldpduComingBack) {
  receive(v.config.local);
  EXPECT_TRUE(neighbors().empty());
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(std::get<lldp::LldpduRefused>(out[0]).error.fault, Fault::kOwnFrame);
  EXPECT_EQ(v.counters.frames_in_errors, 0U);
}

TEST_F(ReceiveMachineTest, RefusesMoreNeighborsThanThereIsRoomFor) {
  v.config.max_neighbors = 2;
  receive(system(1));
  receive(system(2));
  changes();
  receive(system(3), 10);
  receive(system(4), 40);
  receive(system(3), 20);
  EXPECT_EQ(neighbors().size(), 2U);
  EXPECT_EQ(changes(), 0);
  EXPECT_EQ(v.counters.drops, 3U);
  EXPECT_TRUE(machine.too_many_neighbors());
  advance(39999ms);
  EXPECT_TRUE(machine.too_many_neighbors());
  advance(1ms);
  EXPECT_FALSE(machine.too_many_neighbors());
}

TEST_F(ReceiveMachineTest, TellsNeighborsOfOneChassisApartByTheirPort) {
  receive(system(1));
  receive(system(2));
  EXPECT_EQ(neighbors().size(), 2U);
}

TEST_F(ReceiveMachineTest, HasNoNeighborsWithoutALink) {
  receive(system(1));
  changes();
  v.port_enabled = false;
  run();
  EXPECT_TRUE(neighbors().empty());
  EXPECT_EQ(changes(), 1);
  EXPECT_EQ(v.counters.deletes, 1U);
  EXPECT_EQ(v.counters.ageouts, 0U);
  EXPECT_EQ(machine.deadline(), std::nullopt);
  EXPECT_EQ(to_string(machine.state()), "LLDP_WAIT_PORT_OPERATIONAL");
  receive(system(1));
  EXPECT_TRUE(neighbors().empty());
}

TEST_F(ReceiveMachineTest, ForgetsAllWhenReceptionIsTurnedOff) {
  v.config.max_neighbors = 1;
  receive(system(1));
  receive(system(2));
  changes();
  v.config.admin_status = AdminStatus::kTxOnly;
  run();
  EXPECT_TRUE(neighbors().empty());
  EXPECT_FALSE(machine.too_many_neighbors());
  EXPECT_EQ(changes(), 1);
  EXPECT_EQ(to_string(machine.state()), "RX_LLDP_INITIALIZE");
  receive(system(1));
  EXPECT_TRUE(neighbors().empty());
  v.config.admin_status = AdminStatus::kRxOnly;
  run();
  receive(system(1));
  EXPECT_EQ(neighbors().size(), 1U);
}

TEST(ReceiveMachineNames, AreTheStandards) {
  using State = ReceiveMachine::State;
  EXPECT_EQ(to_string(State::kDeleteAgedInfo), "DELETE_AGED_INFO");
  EXPECT_EQ(to_string(State::kRxWaitForFrame), "RX_WAIT_FOR_FRAME");
  EXPECT_EQ(to_string(State::kRxFrame), "RX_FRAME");
  EXPECT_EQ(to_string(State::kDeleteInfo), "DELETE_INFO");
  EXPECT_EQ(to_string(State::kUpdateInfo), "UPDATE_INFO");
}

}  // namespace
