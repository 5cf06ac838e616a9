// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/libvirt_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "libvirt_fakes.hpp"

namespace agent::libvirt {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::HasSubstr;
using vdp::Reason;
using vdp::VsiCause;
using vdp::VsiState;

constexpr std::uint32_t kFrom = 9000;
constexpr std::uint32_t kPoller = 9001;

class LibvirtAgentTest : public ::testing::Test {
 protected:
  LibvirtAgentTest() { ports.observers.push_back(&agent); }

  /// Lets time pass from deadline to deadline, as the daemon would: it looks at the deadline when
  /// it was woken and after each time it came.
  void advance(base::Duration by) {
    const auto until = ports.time + by;
    if (std::exchange(host.woken, false)) timer = agent.deadline();
    while (timer && *timer <= until) {
      ports.time = std::max(ports.time, *timer);
      agent.time_passed(ports.time);
      agent.work(ports.time);
      timer = agent.deadline();
    }
    ports.time = until;
  }
  void ask(const SetLinkMessage& message, std::uint32_t from = kFrom) {
    agent.receive(ports.time, from, message.octets());
    agent.work(ports.time);
  }
  void poll(std::uint32_t from = kPoller, std::uint32_t event_port = 500) {
    agent.receive(ports.time, from, poll_message(event_port));
  }
  /// Takes what was sent so far.
  std::vector<Sent> taken() { return std::exchange(host.sent, {}); }
  /// Asks, and takes the acknowledgement away.
  void start(std::uint32_t number) {
    ask({.number = number});
    host.sent.clear();
  }
  /// The answer that a poll gets in the end.
  std::optional<std::uint16_t> polled_response() {
    host.sent.clear();
    poll();
    advance(100ms);
    return host.sent.empty() ? std::nullopt : host.sent.back().response();
  }

  FakePorts ports;
  FakeHost host;
  LibvirtAgent agent{ports, host, 100ms};
  std::optional<base::Instant> timer;
};

TEST_F(LibvirtAgentTest, AcknowledgesARequestToItsSenderAndAsksThePort) {
  ask({});
  ASSERT_EQ(host.sent.size(), 1U);
  EXPECT_EQ(host.sent[0].to, kFrom);
  EXPECT_EQ(host.sent[0].type(), unsigned{NLMSG_ERROR});
  EXPECT_EQ(host.sent[0].error(), 0);
  const auto wishes = ports.fed_of<vdp::AssociateRequested>();
  ASSERT_EQ(wishes.size(), 1U);
  const auto& wish = wishes[0].request;
  EXPECT_EQ(wish.id, id_number(1));
  EXPECT_EQ(wish.type, vdp::AssociationType::kAssociate);
  EXPECT_EQ(wish.manager.octets[0], 11);
  EXPECT_EQ(wish.vsi_type, (vdp::VsiType{0x123457, 2}));
  ASSERT_EQ(wish.filters.entries.size(), 1U);
  EXPECT_EQ(wish.filters.format, vdp::FilterFormat::kMacVid);
  EXPECT_EQ(wish.filters.entries[0].mac, mac_number(1));
  EXPECT_EQ(wish.filters.entries[0].vid, 42);
  EXPECT_EQ(wish.migration, vdp::MigrationHint{});
}

TEST_F(LibvirtAgentTest, HoldsThePollUntilTheBridgeSaysYes) {
  start(1);
  poll();
  advance(20ms);
  EXPECT_TRUE(host.sent.empty());
  ports.confirm(1);
  ASSERT_EQ(host.sent.size(), 1U);
  EXPECT_EQ(host.sent[0].to, kPoller);
  EXPECT_EQ(host.sent[0].type(), unsigned{RTM_NEWLINK});
  EXPECT_EQ(host.sent[0].response(), 0);
  EXPECT_EQ(host.sent[0].header().nlmsg_seq, 78U);
}

TEST_F(LibvirtAgentTest, NeverHoldsAPollLongerThanItMay) {
  start(1);
  poll();
  advance(99ms);
  EXPECT_TRUE(host.sent.empty());
  advance(1ms);
  ASSERT_EQ(host.sent.size(), 1U);
  EXPECT_EQ(host.sent[0].poll().entries, 1U);
  EXPECT_EQ(host.sent[0].response(), std::nullopt);
}

TEST_F(LibvirtAgentTest, AnswersAtOnceWhatIsDecidedBeforeThePoll) {
  start(1);
  ports.confirm(1);
  poll();
  ASSERT_EQ(host.sent.size(), 1U);
  EXPECT_EQ(host.sent[0].response(), 0);
}

TEST_F(LibvirtAgentTest, TellsTheBridgesReasonAndLetsGoOfTheVsi) {
  start(1);
  poll();
  ports.refuse(1, Reason::kUnreachableManager);
  ASSERT_EQ(host.sent.size(), 1U);
  EXPECT_EQ(host.sent[0].response(), 3);
  EXPECT_TRUE(ports.fed_of<vdp::DeassociateRequested>().empty()) << "not from inside of an output";
  EXPECT_TRUE(host.woken);
  agent.work(ports.time);
  EXPECT_EQ(ports.fed_of<vdp::DeassociateRequested>().size(), 1U);
  EXPECT_EQ(agent.size(), 0U);
  ASSERT_EQ(agent.refusals().size(), 1U);
  EXPECT_EQ(agent.refusals()[0].response, 3);
  EXPECT_EQ(polled_response(), std::nullopt) << "it was read, and is forgotten";
}

TEST_F(LibvirtAgentTest, GivesTheFinalAnswerBeforeLibvirtsPatienceEnds) {
  start(1);
  advance(8900ms);
  EXPECT_EQ(polled_response(), 1004) << "the port has no link";
  EXPECT_EQ(ports.fed_of<vdp::DeassociateRequested>().size(), 1U);
  EXPECT_EQ(agent.size(), 0U);
}

TEST_F(LibvirtAgentTest, LetsTheBridgeBeAskedAgainUntilThen) {
  start(1);
  advance(3s);
  ports.fail(1, {.cause = VsiCause::kNoResponse, .since = ports.time});
  ports.fail(1, {.cause = VsiCause::kEvbLost, .since = ports.time});
  EXPECT_EQ(polled_response(), std::nullopt);
  ports.confirm(1);
  EXPECT_EQ(polled_response(), 0);
  advance(1h);
  EXPECT_TRUE(ports.fed_of<vdp::DeassociateRequested>().empty());
}

TEST_F(LibvirtAgentTest, RefusesDevicesThatAreNoPorts) {
  for (const char* const device : {"bond0", "br0", "veth7"}) {
    host.sent.clear();
    ask({.ifname = device});
    EXPECT_EQ(taken()[0].error(), 0) << "a negative errno would hide the reason";
    EXPECT_EQ(polled_response(), 1005);
    EXPECT_THAT(host.logged.front(), HasSubstr(device));
    host.logged.clear();
  }
  EXPECT_TRUE(ports.fed.empty());
}

TEST_F(LibvirtAgentTest, RefusesWhatCannotBeAskedWithANumberOfItsOwn) {
  struct Case {
    SetLinkMessage message;
    std::uint16_t response;
  };
  const lldp::MacAddress group{{1, 0, 0x5E, 0, 0, 1}};
  const Case cases[] = {{{.ifname = "sw0"}, 1010},
                        {{.vlan = 4095}, 1007},
                        {{.mac = group}, 1008},
                        {{.mac = lldp::MacAddress{}}, 1008}};
  for (const auto& each : cases) {
    ask(each.message);
    EXPECT_EQ(polled_response(), each.response);
  }
  EXPECT_TRUE(ports.fed.empty());
}

TEST_F(LibvirtAgentTest, SendsARequestWithoutVlanOnlyWhereThePortAllowsIt) {
  ask({.vlan = 0});
  EXPECT_EQ(ports.fed_of<vdp::AssociateRequested>()[0].request.filters.entries[0].vid, 0);
  host.vid_zero = false;
  ask({.number = 2, .vlan = 0});
  EXPECT_EQ(ports.fed_of<vdp::AssociateRequested>().size(), 1U);
  EXPECT_EQ(agent.refusals().back().response, 1006);
}

TEST_F(LibvirtAgentTest, TakesTheVlanOfTheDeviceThatTheRequestNames) {
  ask({.ifname = "eth0.7", .vlan = 0});
  EXPECT_EQ(ports.fed_of<vdp::AssociateRequested>()[0].request.filters.entries[0].vid, 7);
}

TEST_F(LibvirtAgentTest, FindsTheSChannelThatLibvirtKnowsNothingOf) {
  const auto vid = [&](std::size_t number) {
    return ports.fed_of<vdp::AssociateRequested>().at(number).request.filters.entries[0].vid;
  };
  host.places[{"up0", 100}] = {{"up0.s2", std::nullopt}};  // 100 is the SVID
  ask({.number = 1, .ifname = "up0", .vlan = 100});
  EXPECT_EQ(vid(0), 0);
  host.places[{"up0", 5}] = {{"up0.s2", std::uint16_t{5}}};
  ask({.number = 2, .ifname = "up0", .vlan = 5});
  EXPECT_EQ(vid(1), 5);
  ask({.number = 3, .ifname = "up0", .vlan = 7});
  EXPECT_EQ(vid(2), 7) << "nothing is known of that guest's device";
  EXPECT_THAT(ports.fed_to, ::testing::ElementsAre("up0.s2", "up0.s2", "up0"));
  host.places[{"eth0", 42}] = {{"up0.s2", std::nullopt}};
  ask({.number = 4});
  EXPECT_EQ(ports.fed_to.back(), "eth0") << "a port without S-channels has none to look into";
  // A guest's device may be gone when its VSI is to go, and that of a twin may be newer.
  host.places.clear();
  ask({.request = PortRequest::kDisassociate, .number = 1, .ifname = "up0", .vlan = 0});
  host.places[{"up0", 5}] = {{"up0", std::uint16_t{5}}, {"up0.s2", std::uint16_t{5}}};
  ask({.request = PortRequest::kDisassociate, .number = 2, .ifname = "up0", .vlan = 5});
  EXPECT_EQ(ports.fed_of<vdp::DeassociateRequested>().size(), 2U);
  EXPECT_EQ(ports.fed_to.back(), "up0.s2");
  EXPECT_EQ(agent.size(), 2U);
}

TEST_F(LibvirtAgentTest, LooksUpTheNameThatARequestLeavesOut) {
  auto octets = SetLinkMessage{.ifname = ""}.octets();
  agent.receive(ports.time, kFrom, octets);
  EXPECT_EQ(ports.fed_of<vdp::AssociateRequested>().size(), 1U);
}

TEST_F(LibvirtAgentTest, DisassociatesAndStillListsTheVsi) {
  start(1);
  ports.confirm(1);
  EXPECT_EQ(polled_response(), 0);
  ask({.request = PortRequest::kDisassociate});
  EXPECT_EQ(ports.fed_of<vdp::DeassociateRequested>().size(), 1U);
  EXPECT_EQ(polled_response(), 0);
  EXPECT_EQ(agent.size(), 0U);
}

TEST_F(LibvirtAgentTest, CallsADisassociateDoneThoughTheBridgeIsSilent) {
  start(1);
  ports.confirm(1);
  EXPECT_EQ(polled_response(), 0);
  ask({.request = PortRequest::kDisassociate, .number = 1});
  advance(LibvirtAgent::kReleaseWithin);
  EXPECT_EQ(polled_response(), 0);
}

TEST_F(LibvirtAgentTest, AcceptsToDisassociateWhatIsNotThere) {
  ask({.request = PortRequest::kDisassociate});
  EXPECT_EQ(polled_response(), 0);
  ask({.request = PortRequest::kDisassociate, .ifname = "bond0"});
  EXPECT_EQ(polled_response(), 0);
  EXPECT_TRUE(agent.refusals().empty());
}

TEST_F(LibvirtAgentTest, MarksAMigrationTargetUntilItsVmIsStartedAnew) {
  ask({.request = PortRequest::kPreAssociate});
  ports.confirm(1, VsiState::kPreassociated);
  EXPECT_EQ(polled_response(), 0);
  ask({.request = PortRequest::kAssociate});
  ports.confirm(1);
  ask({.request = PortRequest::kAssociate});
  const auto wishes = ports.fed_of<vdp::AssociateRequested>();
  ASSERT_EQ(wishes.size(), 3U);
  EXPECT_EQ(wishes[0].request.type, vdp::AssociationType::kPreAssociate);
  for (const auto& wish : wishes) EXPECT_TRUE(wish.request.migration.to_here);
  ask({.request = PortRequest::kDisassociate});
  ask({.request = PortRequest::kAssociate});
  EXPECT_FALSE(ports.fed_of<vdp::AssociateRequested>().back().request.migration.to_here);
}

TEST_F(LibvirtAgentTest, IsNotSatisfiedByAPreAssociationWhenAnAssociationIsWanted) {
  ask({.request = PortRequest::kPreAssociate});
  ports.confirm(1, VsiState::kPreassociated);
  ask({.request = PortRequest::kAssociate});
  ports.confirm(1, VsiState::kPreassociated);
  EXPECT_EQ(polled_response(), std::nullopt);
}

TEST_F(LibvirtAgentTest, MarksTheMigrationSourceWhoseVmIsSuspended) {
  start(1);
  ports.confirm(1);
  host.leaving.insert(id_number(1));
  ask({.request = PortRequest::kDisassociate});
  EXPECT_TRUE(ports.fed_of<vdp::DeassociateRequested>()[0].migration.from_here);
}

TEST_F(LibvirtAgentTest, LearnsTheNewEventPortOfARestartedDaemon) {
  start(1);
  ports.confirm(1);
  ask({.event_port = 777});
  EXPECT_EQ(agent.clients(), std::set<std::uint32_t>{777});
  EXPECT_EQ(host.remembered.at(id_number(1)).client, 777U);
}

TEST_F(LibvirtAgentTest, KeepsARunningVmWhateverTheBridgeSays) {
  start(1);
  ports.confirm(1);
  ask({.event_port = 777});
  ports.refuse(1, Reason::kOtherFailure);
  advance(1h);
  EXPECT_TRUE(ports.fed_of<vdp::DeassociateRequested>().empty());
  EXPECT_EQ(agent.size(), 1U);
}

TEST_F(LibvirtAgentTest, TellsLibvirtOnlyAfterRetriesAndMoreAndMoreSeldom) {
  start(1);
  ports.confirm(1);
  advance(60s);
  ports.fail(1, {.cause = VsiCause::kDeassociatedByBridge, .since = ports.time});
  advance(59s);
  EXPECT_TRUE(host.sent.empty());
  advance(1s);
  ASSERT_EQ(host.sent.size(), 1U);
  EXPECT_EQ(host.sent[0].to, 500U);
  EXPECT_EQ(host.sent[0].header().nlmsg_pid, host.own_port_id());
  EXPECT_EQ(host.sent[0].header().nlmsg_type, RTM_SETLINK);
  // libvirt asks again, the bridge refuses again: no ping-pong.
  ask({});
  ports.refuse(1, Reason::kOtherFailure);
  ports.fail(1, {.cause = VsiCause::kDeassociatedByBridge, .since = ports.time});
  host.sent.clear();
  advance(119s);
  EXPECT_TRUE(host.sent.empty());
  advance(24h);
  EXPECT_LE(host.sent.size(), 6U + 24U);
  EXPECT_GE(host.sent.size(), 24U);
  // The bridge takes it back: silence.
  ports.confirm(1);
  host.sent.clear();
  advance(24h);
  EXPECT_TRUE(host.sent.empty());
}

TEST_F(LibvirtAgentTest, SaysNothingToLibvirtWhenTheBridgeTakesTheVsiBackInTime) {
  start(1);
  ports.confirm(1);
  ports.fail(1, {.cause = VsiCause::kDeassociatedByBridge, .since = ports.time});
  advance(10s);
  ports.confirm(1);
  advance(24h);
  EXPECT_TRUE(host.sent.empty());
}

TEST_F(LibvirtAgentTest, ReleasesAVsiWhoseDeviceIsGone) {
  host.devices.insert(mac_number(1));
  start(1);
  ports.confirm(1);
  host.devices.clear();
  agent.devices_changed(ports.time);
  advance(999ms);
  EXPECT_TRUE(ports.fed_of<vdp::DeassociateRequested>().empty());
  advance(1ms);
  EXPECT_EQ(ports.fed_of<vdp::DeassociateRequested>().size(), 1U);
}

TEST_F(LibvirtAgentTest, KeepsAVsiWhoseDeviceComesBackOrWasNeverSeen) {
  host.devices.insert(mac_number(1));
  start(1);
  start(2);
  ports.confirm(1);
  ports.confirm(2);
  host.devices.clear();
  agent.devices_changed(ports.time);
  advance(500ms);
  host.devices.insert(mac_number(1));
  agent.devices_changed(ports.time);
  advance(1h);
  EXPECT_TRUE(ports.fed_of<vdp::DeassociateRequested>().empty());
}

TEST_F(LibvirtAgentTest, KeepsAVsiWhoseDeviceAContainerTookAlongEvenAfterARestart) {
  host.devices.insert(mac_number(1));
  start(1);
  ports.confirm(1);
  EXPECT_TRUE(host.remembered.at(id_number(1)).device_seen);
  host.devices.clear();
  host.moved.insert(mac_number(1));
  agent.devices_changed(ports.time);
  advance(1h);
  EXPECT_TRUE(ports.fed_of<vdp::DeassociateRequested>().empty());
  EXPECT_FALSE(host.remembered.at(id_number(1)).device_seen);
}

TEST_F(LibvirtAgentTest, ProtectsARunningVmFromACloneWithTheSameInstanceId) {
  host.devices.insert(mac_number(1));
  start(1);
  ports.confirm(1);
  EXPECT_EQ(polled_response(), 0);
  ask({.mac = mac_number(9)}, 9500);
  EXPECT_EQ(polled_response(), 1009);
  EXPECT_EQ(ports.fed_of<vdp::AssociateRequested>().size(), 1U);
  // Without its device the first one is no longer running: the id is free.
  host.devices.clear();
  ask({.mac = mac_number(9)}, 9500);
  EXPECT_EQ(ports.fed_of<vdp::AssociateRequested>().size(), 2U);
}

TEST_F(LibvirtAgentTest, AnswersWhatItCannotReadAndWhatItDoesNotKnow) {
  agent.receive(ports.time, 1, base::Octets{1, 2, 3});
  auto message = SetLinkMessage{}.octets();
  message[44] = 0xFF;
  agent.receive(ports.time, 2, message);
  message[4] = RTM_NEWADDR;
  agent.receive(ports.time, 3, message);
  ASSERT_EQ(host.sent.size(), 3U);
  EXPECT_EQ(host.sent[0].error(), -EINVAL);
  EXPECT_EQ(host.sent[1].error(), -EINVAL);
  EXPECT_EQ(host.sent[2].error(), -EOPNOTSUPP);
  EXPECT_EQ(agent.counters().malformed, 2U);
  EXPECT_EQ(agent.counters().unknown, 1U);
}

TEST_F(LibvirtAgentTest, NeverAnswersAnAnswer) {
  for (const int type : {NLMSG_ERROR, NLMSG_DONE, NLMSG_NOOP}) {
    auto message = acknowledgement(nlmsghdr{}, -EINVAL);
    message[4] = static_cast<std::uint8_t>(type);
    agent.receive(ports.time, 1, message);
  }
  auto cut = acknowledgement(nlmsghdr{}, -EINVAL);
  cut.resize(20);
  agent.receive(ports.time, 1, cut);
  EXPECT_TRUE(host.sent.empty());
}

TEST_F(LibvirtAgentTest, AnswersEveryMessageOfADatagram) {
  auto both = SetLinkMessage{.number = 1}.octets();
  base::append(both, SetLinkMessage{.number = 2}.octets());
  base::append(both, base::Octets{7, 7});
  agent.receive(ports.time, kFrom, both);
  ASSERT_EQ(host.sent.size(), 3U);
  EXPECT_EQ(host.sent[2].error(), -EINVAL);
  EXPECT_EQ(agent.size(), 2U);
}

state::Wish wish(std::uint32_t number, bool associated) {
  state::Wish wish;
  wish.port = "eth0";
  wish.request.id = id_number(number);
  wish.request.vsi_type = {0x123457, 2};
  vdp::FilterEntry entry;
  entry.mac = mac_number(number);
  entry.vid = 42;
  wish.request.filters.entries.push_back(entry);
  wish.associated = associated;
  wish.libvirt = state::LibvirtOrigin{500, 2, "eth0", 11, true};
  return wish;
}

TEST_F(LibvirtAgentTest, GoesOnWithWhatWasWantedBeforeARestart) {
  host.devices = {mac_number(1), mac_number(2)};
  for (const std::uint32_t number : {1U, 2U}) {
    ports.feed("eth0", vdp::AssociateRequested{wish(number, true).request});
  }
  agent.restore(ports.time, {wish(1, true), wish(2, false)});
  EXPECT_TRUE(agent.knows(mac_number(1)));
  EXPECT_EQ(agent.clients(), std::set<std::uint32_t>{500});
  poll();
  ports.confirm(2);
  ASSERT_EQ(host.sent.size(), 1U);
  EXPECT_EQ(host.sent[0].response(), 0) << "a start that was under way";
  advance(1h);
  EXPECT_TRUE(ports.fed_of<vdp::DeassociateRequested>().empty());
}

TEST_F(LibvirtAgentTest, ReleasesAfterARestartWhoseDeviceWentMeanwhile) {
  ports.feed("eth0", vdp::AssociateRequested{wish(1, true).request});
  agent.restore(ports.time, {wish(1, true)});
  advance(4s);
  EXPECT_TRUE(ports.fed_of<vdp::DeassociateRequested>().empty());
  advance(1s);
  EXPECT_EQ(ports.fed_of<vdp::DeassociateRequested>().size(), 1U);
}

TEST_F(LibvirtAgentTest, AnswersWhatItHoldsBeforeItEnds) {
  start(1);
  poll();
  agent.stop();
  EXPECT_EQ(host.sent.size(), 1U);
}

}  // namespace
}  // namespace agent::libvirt
