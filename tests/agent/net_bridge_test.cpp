// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/net/bridge_control.hpp"
#include "agent/net/bridge_messages.hpp"
#include "tests/support/net_namespace.hpp"

namespace agent::net {
namespace {

using test::shell;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

lldp::MacAddress mac(unsigned number) {
  return {{0x52, 0x54, 0x00, static_cast<std::uint8_t>(number >> 16U),
           static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)}};
}

vdp::VsiId vsi(unsigned number) {
  vdp::VsiId id;
  id.octets[14] = static_cast<std::uint8_t>(number >> 8U);
  id.octets[15] = static_cast<std::uint8_t>(number);
  return id;
}

std::vector<AdmittedMac> macs(std::initializer_list<unsigned> numbers) {
  std::vector<AdmittedMac> all;
  for (const auto number : numbers) all.push_back({mac(number), 2, false});
  return all;
}

/// port0 is a port of br0; other0 another.
class BridgeTest : public testing::Test {
 protected:
  void SetUp() override {
    if (ns.error()) GTEST_SKIP() << *ns.error();
    run_dir = testing::TempDir() + "evbd-bridge-test-" + std::to_string(::getpid());
    std::filesystem::remove_all(run_dir);
    ASSERT_TRUE(shell("ip link add br0 type bridge"));
    for (const std::string name : {"port0", "other0"}) {
      ASSERT_TRUE(shell("ip link add " + name + " type veth peer far-" + name));
      ASSERT_TRUE(
          shell("ip link set " + name + " master br0 up && ip link set far-" + name + " up"));
    }
    ASSERT_TRUE(shell("ip link set br0 up"));
    // A static entry that somebody else made, and that has to survive us.
    ASSERT_TRUE(shell("bridge fdb add 02:aa:00:00:00:01 dev port0 master static"));
    auto opened = BridgeControl::open(run_dir);
    ASSERT_TRUE(opened) << opened.error();
    control.emplace(std::move(*opened));
    auto raw = RouteSocket::open();
    ASSERT_TRUE(raw);
    socket.emplace(std::move(*raw));
    before = state();
  }
  void TearDown() override { std::filesystem::remove_all(run_dir); }

  static int index() { return static_cast<int>(::if_nametoindex("port0")); }

  BridgePortState state() {
    auto now = read_port(*socket, index());
    EXPECT_TRUE(now) << now.error();
    now->stations = *read_static_stations(*socket, index());
    return *now;
  }
  /// Our entries: without the one that was there before.
  std::set<lldp::MacAddress> admitted() {
    std::set<lldp::MacAddress> found;
    for (const auto& station : state().stations) {
      if (!before.stations.contains(station)) found.insert(station.mac);
    }
    return found;
  }
  std::unique_ptr<BridgePort> taken_over() {
    auto port = control->take_over(index());
    EXPECT_TRUE(port) << port.error();
    return std::move(*port);
  }
  vdp::Reason admit(BridgePort& port, unsigned id, std::initializer_list<unsigned> numbers) {
    port.admit({vsi(id), ++question}, macs(numbers));
    const auto answers = port.flush();
    EXPECT_THAT(answers, SizeIs(1));
    EXPECT_EQ(answers.front().question.number, question);
    return answers.front().reason;
  }

  test::NetNamespace ns;
  std::string run_dir;
  std::optional<BridgeControl> control;
  std::optional<RouteSocket> socket;
  BridgePortState before;
  std::uint64_t question = 0;
};

TEST_F(BridgeTest, APortInOurHandsIsLockedAndDoesNotLearn) {
  const auto port = taken_over();
  const auto now = state().flags;
  EXPECT_EQ(now.locked, true);
  EXPECT_EQ(now.learning, false);
  EXPECT_EQ(now.hairpin, false);
  EXPECT_EQ(now.unicast_flood, false);
}

TEST_F(BridgeTest, WhatThePortHadLearnedIsForgotten) {
  ASSERT_TRUE(shell("bridge fdb add 02:bb:00:00:00:01 dev port0 master dynamic"));
  const auto port = taken_over();
  EXPECT_THAT(test::shell_output("bridge fdb show dev port0"),
              testing::Not(HasSubstr("02:bb:00:00:00:01")));
}

TEST_F(BridgeTest, AdmitsExactlyTheAddressesOfAVsiAndTakesThemBack) {
  const auto port = taken_over();
  EXPECT_EQ(admit(*port, 1, {1, 2}), vdp::Reason::kSuccess);
  EXPECT_THAT(admitted(), UnorderedElementsAre(mac(1), mac(2)));
  port->release(vsi(1));
  EXPECT_THAT(port->flush(), IsEmpty());
  EXPECT_THAT(admitted(), IsEmpty());
}

TEST_F(BridgeTest, NewFiltersReplaceTheOldOnes) {
  const auto port = taken_over();
  EXPECT_EQ(admit(*port, 1, {1, 2}), vdp::Reason::kSuccess);
  EXPECT_EQ(admit(*port, 1, {2, 3}), vdp::Reason::kSuccess);
  EXPECT_THAT(admitted(), UnorderedElementsAre(mac(2), mac(3)));
}

TEST_F(BridgeTest, AnAddressThatTwoVsisShareStaysUntilTheSecondGoes) {
  const auto port = taken_over();
  EXPECT_EQ(admit(*port, 1, {1}), vdp::Reason::kSuccess);
  EXPECT_EQ(admit(*port, 2, {1, 2}), vdp::Reason::kSuccess);
  port->release(vsi(2));
  port->flush();
  EXPECT_THAT(admitted(), ElementsAre(mac(1)));
  port->release(vsi(1));
  port->flush();
  EXPECT_THAT(admitted(), IsEmpty());
}

TEST_F(BridgeTest, WhenOneAddressIsRefusedTheVsiKeepsWhatItHad) {
  const auto port = taken_over();
  EXPECT_EQ(admit(*port, 1, {1}), vdp::Reason::kSuccess);
  port->admit({vsi(1), 7}, {{mac(2), 2, false}, {{}, 2, false}});
  const auto answers = port->flush();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].reason, vdp::Reason::kInvalidFilter);
  EXPECT_THAT(answers[0].trouble, HasSubstr("cannot admit 00:00:00:00:00:00"));
  EXPECT_THAT(admitted(), ElementsAre(mac(1)));
}

TEST_F(BridgeTest, TakesAnAddressOverThatWasLearnedOrAdmittedAtAnotherPort) {
  // A port learns nothing until the kernel has worked off its carrier, which takes it a moment.
  ASSERT_TRUE(
      shell("for try in $(seq 500); do bridge link show dev other0 |"
            " grep -q 'state forwarding' && exit; sleep 0.02; done; exit 1"));
  ASSERT_TRUE(shell("bridge fdb add 52:54:00:00:00:01 dev other0 master dynamic"));
  ASSERT_TRUE(shell("bridge fdb add 52:54:00:00:00:02 dev other0 master static"));
  const auto port = taken_over();
  EXPECT_EQ(admit(*port, 1, {1, 2}), vdp::Reason::kSuccess);
  EXPECT_THAT(admitted(), UnorderedElementsAre(mac(1), mac(2)));
}

TEST_F(BridgeTest, RefusesTheBridgesOwnAddresses) {
  ASSERT_TRUE(shell("ip link set other0 address 52:54:00:00:00:09"));
  const auto port = taken_over();
  EXPECT_EQ(admit(*port, 1, {9}), vdp::Reason::kInvalidFilter);
  EXPECT_THAT(admitted(), IsEmpty());
  EXPECT_THAT(test::shell_output("bridge fdb show dev other0"), HasSubstr("52:54:00:00:00:09"));
}

TEST_F(BridgeTest, AnswersAThousandAdmissionsInOrderAfterOneFlush) {
  const auto port = taken_over();
  for (unsigned i = 0; i < 1000; ++i) port->admit({vsi(i), i}, macs({i}));
  const auto answers = port->flush();
  ASSERT_THAT(answers, SizeIs(1000));
  for (unsigned i = 0; i < 1000; ++i) {
    ASSERT_EQ(answers[i].question.number, i);
    ASSERT_EQ(answers[i].reason, vdp::Reason::kSuccess) << answers[i].trouble;
  }
  EXPECT_THAT(admitted(), SizeIs(1000));
  EXPECT_EQ(port->admitted(), 1000U);
}

TEST_F(BridgeTest, EachFailureOfAFullBatchIsAnsweredToItsOwnVsi) {
  const auto port = taken_over();
  for (unsigned i = 0; i < 300; ++i) {
    auto wanted = macs({i});
    if (i % 2 == 1) wanted[0].mac = {};  // which the kernel refuses
    port->admit({vsi(i), i}, wanted);
  }
  const auto answers = port->flush();
  ASSERT_THAT(answers, SizeIs(300));
  for (unsigned i = 0; i < 300; ++i) {
    EXPECT_EQ(answers[i].reason == vdp::Reason::kSuccess, i % 2 == 0) << i;
  }
  EXPECT_THAT(admitted(), SizeIs(150));
}

TEST_F(BridgeTest, TurnsReflectiveRelayOnAndOffAndNoticesWhoElseDid) {
  const auto port = taken_over();
  ASSERT_TRUE(port->set_hairpin(true));
  EXPECT_EQ(state().flags.hairpin, true);
  EXPECT_TRUE(port->hairpin());
  ASSERT_TRUE(shell("ip link set dev port0 type bridge_slave hairpin off"));
  EXPECT_EQ(port->read_flags()->hairpin, false);
}

TEST_F(BridgeTest, GivesThePortBackAsItWas) {
  ASSERT_TRUE(shell("ip link set dev port0 type bridge_slave hairpin on flood off"));
  before = state();
  const auto port = taken_over();
  EXPECT_EQ(admit(*port, 1, {1}), vdp::Reason::kSuccess);
  const auto done = control->give_back(*port);
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(state(), before);
  EXPECT_TRUE(std::filesystem::is_empty(run_dir));
}

TEST_F(BridgeTest, AnAgentThatWasKilledIsCleanedUpAfterByTheNext) {
  const auto child = ::fork();
  if (child == 0) {  // an agent that admits somebody and is killed
    auto port = control->take_over(index());
    (*port)->admit({vsi(1), 1}, macs({1}));
    (*port)->flush();
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_THAT(admitted(), ElementsAre(mac(1))) << "the killed agent left its entry";

  const auto port = taken_over();
  EXPECT_THAT(admitted(), IsEmpty());
  EXPECT_EQ(port->original(), before) << "the originals are those before the killed agent";
  ASSERT_TRUE(control->give_back(*port));
  EXPECT_EQ(state(), before);
}

TEST_F(BridgeTest, APortThatIsNoLongerConfiguredIsGivenBackAtTheNextStart) {
  {
    const auto port = taken_over();
    EXPECT_EQ(admit(*port, 1, {1}), vdp::Reason::kSuccess);
  }
  const auto told = control->give_back_leftovers([](const std::string&) { return false; });
  EXPECT_THAT(told, ElementsAre(HasSubstr("port0")));
  EXPECT_EQ(state(), before);
}

TEST_F(BridgeTest, LeftoversOfAnInterfaceThatWasMadeAnewAreDropped) {
  { const auto port = taken_over(); }
  ASSERT_TRUE(shell("ip link del port0 && ip link add port0 type veth peer far-port0"));
  ASSERT_TRUE(shell("ip link set port0 master br0"));
  const auto fresh = state();
  const auto port = taken_over();
  EXPECT_EQ(port->original().flags, fresh.flags);
}

TEST_F(BridgeTest, SaysWhatIsWrongWithAPortOfNoBridge) {
  ASSERT_TRUE(shell("ip link set port0 nomaster"));
  const auto port = control->take_over(index());
  ASSERT_FALSE(port);
  EXPECT_THAT(port.error(), HasSubstr("port0 is not a port of a Linux bridge"));
}

TEST_F(BridgeTest, ABridgeThatFiltersVlansGetsMembershipWithTheAddress) {
  if (!shell("ip link set dev br0 type bridge vlan_filtering 1 2>/dev/null")) {
    GTEST_SKIP() << "this kernel's bridge does not filter VLANs; tests/lab has one that does";
  }
  const auto port = taken_over();
  port->admit({vsi(1), 1}, {{mac(1), 7, false}, {mac(2), 9, true}});
  ASSERT_EQ(port->flush().at(0).reason, vdp::Reason::kSuccess);
  EXPECT_THAT(read_port_vlans(*socket, index()).value(),
              testing::IsSupersetOf({std::pair<const std::uint16_t, std::uint16_t>(7, 0)}));
  port->admit({vsi(2), 2}, {{mac(3), 11, true}});
  EXPECT_EQ(port->flush().at(0).reason, vdp::Reason::kInvalidFilter) << "one untagged VLAN only";
  ASSERT_TRUE(control->give_back(*port));
  EXPECT_EQ(read_port_vlans(*socket, index()).value(), port->original().vlans);
}

TEST(BridgeStateFiles, GiveBackWhatTheyWereGiven) {
  const std::string dir = testing::TempDir() + "evbd-state-test-" + std::to_string(::getpid());
  const BridgeStateFiles files(dir);
  BridgePortState state{.name = "port0", .index = 7, .bridge = 3, .filters_vlans = true};
  state.flags = {true, false, std::nullopt, true};
  state.stations = {{mac(1), 0}, {mac(2), 12}};
  state.vlans = {{1, 6}, {12, 0}};
  ASSERT_TRUE(files.save(state));
  std::ofstream(dir + "/bridge-port-broken.toml") << "name = ";
  EXPECT_THAT(files.all(), ElementsAre(state));
  files.remove("port0");
  EXPECT_THAT(files.all(), IsEmpty());
  std::filesystem::remove_all(dir);
}

/// What tc has on the port, and whether there is a device to shape in.
std::string limits_in_force() {
  return test::shell_output("tc class show dev port0; tc filter show dev port0 ingress") +
         test::shell_output("tc qdisc show dev port0; ip -o link show type ifb");
}

TEST_F(BridgeTest, LimitsComeChangeAndGoWithTheVsi) {
  const auto untouched = limits_in_force();
  const auto port = taken_over();
  port->admit({vsi(1), 1}, macs({1}), {profiles::Rate{1'000'000, 0}, profiles::Rate{2'000'000, 0}});
  port->admit({vsi(2), 2}, macs({2}), {std::nullopt, profiles::Rate{3'000'000, 0}});
  for (const auto& answer : port->flush()) {
    EXPECT_EQ(answer.reason, vdp::Reason::kSuccess) << answer.trouble;
  }
  EXPECT_THAT(limits_in_force(), AllOf(HasSubstr("rate 2Mbit"), HasSubstr("rate 3Mbit"),
                                       HasSubstr("evb-in"), HasSubstr("clsact")));
  port->admit({vsi(1), 3}, macs({1}), {std::nullopt, profiles::Rate{5'000'000, 0}});
  EXPECT_EQ(port->flush().front().reason, vdp::Reason::kSuccess);
  EXPECT_THAT(limits_in_force(), AllOf(HasSubstr("rate 5Mbit"), Not(HasSubstr("rate 2Mbit"))));
  EXPECT_THAT(limits_in_force(), Not(HasSubstr("mirred")));
  port->release(vsi(1));
  port->admit({vsi(2), 4}, macs({2}));
  EXPECT_EQ(port->flush().front().reason, vdp::Reason::kSuccess);
  EXPECT_EQ(limits_in_force(), untouched);
}

TEST_F(BridgeTest, WhatCannotBeLimitedIsNamedAndChangesNothing) {
  ASSERT_TRUE(shell("tc qdisc add dev port0 root handle 1: tbf rate 1gbit burst 9k limit 1m"));
  const auto untouched = limits_in_force();
  const auto port = taken_over();
  EXPECT_EQ(admit(*port, 1, {1}), vdp::Reason::kSuccess);
  port->admit({vsi(1), 7}, macs({2}), {profiles::Rate{1'000'000, 0}, profiles::Rate{2'000'000, 0}});
  const auto answers = port->flush();
  EXPECT_EQ(answers.front().reason, vdp::Reason::kOtherFailure);
  EXPECT_THAT(answers.front().trouble, HasSubstr("receive: "));
  EXPECT_THAT(admitted(), ElementsAre(mac(1)));
  EXPECT_EQ(limits_in_force(), untouched);
}

TEST_F(BridgeTest, LimitsThatAKilledAgentLeftAreTakenOff) {
  const auto untouched = limits_in_force();
  const VsiLimits limits{profiles::Rate{1'000'000, 0}, profiles::Rate{2'000'000, 0}};
  for (const bool still_in_bridge : {true, false}) {
    const auto killed = taken_over();
    killed->admit({vsi(1), 1}, macs({1}), limits);
    EXPECT_EQ(killed->flush().front().reason, vdp::Reason::kSuccess);
    EXPECT_NE(limits_in_force(), untouched);
    if (!still_in_bridge) {
      ASSERT_TRUE(shell("ip link set port0 nomaster"));
    }
    control->give_back_leftovers([](const std::string&) { return false; });
    EXPECT_EQ(limits_in_force(), untouched);
  }
}

}  // namespace
}  // namespace agent::net
