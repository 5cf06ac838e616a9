// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/net/device_place.hpp"
#include "agent/net/link_monitor.hpp"
#include "tests/support/net_namespace.hpp"

namespace agent::net {
namespace {

using test::shell;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LinkMonitorTest : public testing::Test {
 protected:
  void SetUp() override {
    if (ns.error()) GTEST_SKIP() << *ns.error();
    ASSERT_TRUE(shell("ip link add eth0 address 02:00:00:00:00:10 mtu 1400 type veth peer eth1"));
    const auto started = links.start();
    ASSERT_TRUE(started) << started.error();
    loop.poll();
    changed.clear();
  }

  void follow() {
    links.catch_up();
    loop.restart();
    loop.poll();
  }

  /// The kernel tells of carriers a moment later.
  template <class Condition>
  void follow_until(Condition condition) {
    loop.restart();
    while (!condition()) loop.run_one();
  }

  test::NetNamespace ns;
  boost::asio::io_context loop;
  std::vector<std::string> changed;
  LinkMonitor links{loop, [this](const std::string& name) { changed.push_back(name); },
                    [](const std::string& sentence) { ADD_FAILURE() << sentence; }};
};

TEST_F(LinkMonitorTest, KnowsAddressMtuAndThatTheLinkIsDown) {
  const auto* const link = links.find("eth0");
  ASSERT_NE(link, nullptr);
  EXPECT_EQ(lldp::to_string(link->address), "02:00:00:00:00:10");
  EXPECT_EQ(link->mtu, 1400U);
  EXPECT_EQ(link->kind, "veth");
  EXPECT_FALSE(link->admin_up);
  EXPECT_FALSE(link->running);
  EXPECT_EQ(links.find(link->index), link);
}

TEST_F(LinkMonitorTest, FollowsCarrierWhichNeedsBothEnds) {
  ASSERT_TRUE(shell("ip link set eth0 up"));
  follow();
  EXPECT_TRUE(links.find("eth0")->admin_up);
  EXPECT_FALSE(links.find("eth0")->running);
  ASSERT_TRUE(shell("ip link set eth1 up"));
  follow_until([&] { return links.find("eth0")->running; });
  EXPECT_THAT(changed, Contains("eth0"));
  ASSERT_TRUE(shell("ip link set eth1 down"));
  follow_until([&] { return !links.find("eth0")->running; });
  EXPECT_TRUE(links.find("eth0")->admin_up);
}

TEST_F(LinkMonitorTest, FollowsInterfacesThatComeGoAndAreRenamed) {
  ASSERT_TRUE(shell("ip link add late0 type veth peer late1"));
  follow();
  ASSERT_NE(links.find("late0"), nullptr);
  ASSERT_TRUE(shell("ip link set late0 name named0"));
  follow();
  EXPECT_EQ(links.find("late0"), nullptr);
  ASSERT_NE(links.find("named0"), nullptr);
  ASSERT_TRUE(shell("ip link del named0"));
  follow();
  EXPECT_EQ(links.find("named0"), nullptr);
  EXPECT_THAT(changed, testing::IsSupersetOf({"late0", "named0"}));
}

TEST_F(LinkMonitorTest, KnowsABridgePortAndForgetsItWhenItLeavesWithoutForgettingTheInterface) {
  ASSERT_TRUE(shell("ip link add br0 type bridge && ip link set eth0 master br0"));
  follow();
  ASSERT_NE(links.find("br0"), nullptr);
  EXPECT_TRUE(links.find("eth0")->bridge_port);
  EXPECT_EQ(links.find("eth0")->master, links.find("br0")->index);
  ASSERT_TRUE(shell("ip link set eth0 nomaster"));
  follow();
  ASSERT_NE(links.find("eth0"), nullptr);
  EXPECT_EQ(links.find("eth0")->master, 0);
}

TEST_F(LinkMonitorTest, TellsWhenSomebodyTurnsAFlagOfABridgePort) {
  ASSERT_TRUE(shell("ip link add br0 type bridge && ip link set eth0 master br0 up"));
  follow();
  changed.clear();
  ASSERT_TRUE(shell("bridge link set dev eth0 hairpin on"));
  follow_until([&] { return !changed.empty(); });
  EXPECT_THAT(changed, Contains("eth0"));
}

TEST_F(LinkMonitorTest, ReadsTheTableAgainWhenMessagesWereLost) {
  boost::asio::io_context other_loop;
  int losses = 0;
  LinkMonitor slow(
      other_loop, [](const std::string&) {}, [&](const std::string&) { ++losses; });
  ASSERT_TRUE(slow.start());
  ASSERT_TRUE(shell("ip link add gone0 type veth peer gone1"));
  slow.catch_up();
  // Far more messages than the socket's 4 MiB hold.
  ASSERT_TRUE(
      shell("for n in $(seq 8000); do echo link set eth0 mtu $((1400 + n % 2)); done | "
            "ip -batch -"));
  ASSERT_TRUE(shell("ip link del gone0 && ip link set eth0 mtu 1300"));
  slow.catch_up();
  slow.catch_up();
  EXPECT_GE(losses, 1);
  EXPECT_EQ(slow.find("eth0")->mtu, 1300U);
  EXPECT_EQ(slow.find("gone0"), nullptr);
}

class DevicePlaceTest : public LinkMonitorTest {
 protected:
  auto place(std::string_view device) {
    links.catch_up();
    return place_device(
        links, [](std::string_view name) { return name == "eth0"; }, device);
  }
};

TEST_F(DevicePlaceTest, APortIsItsOwnPlace) {
  const auto found = place("eth0");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->port, "eth0");
  EXPECT_FALSE(found->vid);
}

TEST_F(DevicePlaceTest, FindsThePortBelowMacvtapAndMacvlanMadeAMomentAgo) {
  ASSERT_TRUE(shell("ip link add link eth0 name tap0 type macvtap mode vepa"));
  ASSERT_TRUE(shell("ip link add link eth0 name mv0 type macvlan mode vepa"));
  for (const auto* const device : {"tap0", "mv0"}) {
    const auto found = place(device);
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(found->port, "eth0");
    EXPECT_FALSE(found->vid);
  }
}

TEST_F(DevicePlaceTest, ReadsTheVlanFromANameThatDoesNotExist) {
  const auto found = place("eth0.2");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->port, "eth0");
  EXPECT_EQ(found->vid, 2);
}

TEST_F(DevicePlaceTest, ReadsTheVlanOfAVlanDeviceBelowAMacvtap) {
  if (!shell("ip link add link eth0 name tenant type vlan id 7 2>/dev/null")) {
    GTEST_SKIP() << "this kernel has no VLAN devices; tests/lab has one that does";
  }
  ASSERT_TRUE(shell("ip link add link tenant name tap0 type macvtap mode vepa"));
  const auto found = place("tap0");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->port, "eth0");
  EXPECT_EQ(found->vid, 7);
}

TEST_F(DevicePlaceTest, FindsTheDevicesThatLibvirtMayMeanTheNewestFirst) {
  if (!shell("ip link add link eth0 name eth0.s2 type vlan protocol 802.1ad id 100 2>/dev/null")) {
    GTEST_SKIP() << "this kernel has no VLAN devices; tests/lab has one that does";
  }
  ASSERT_TRUE(shell("ip link add link eth0.s2 name inner type vlan id 5"));
  ASSERT_TRUE(shell("ip link add link eth0 name outer type vlan id 5"));
  const char* const lowers[] = {"eth0", "eth0.s2", "inner", "outer"};
  for (const auto* const lower : lowers) {
    ASSERT_TRUE(
        shell(fmt::format("ip link add link {0} name t-{0} address 52:54:00:00:00:01 type "
                          "macvtap mode vepa",
                          lower)));
  }
  links.catch_up();
  const auto told = [&](std::uint32_t vlan, std::uint8_t last = 1) {
    std::vector<std::string> found;
    const auto is_port = [](auto name) { return name == "eth0" || name == "eth0.s2"; };
    for (const auto& place :
         guest_places(links, is_port, {{{0x52, 0x54, 0, 0, 0, last}}, "eth0", vlan})) {
      found.push_back(fmt::format("{} {}", place.port, place.vid.value_or(0)));
    }
    return found;
  };
  EXPECT_THAT(told(0), ElementsAre("eth0 0"));
  EXPECT_THAT(told(100), ElementsAre("eth0.s2 0"));
  EXPECT_THAT(told(5), ElementsAre("eth0 5", "eth0.s2 5"));
  EXPECT_THAT(told(7), IsEmpty());
  EXPECT_THAT(told(100, 2), IsEmpty()) << "another guest's";
}

TEST_F(DevicePlaceTest, SaysWhatIsWrongWithADevice) {
  EXPECT_THAT(place("eth1").error(), HasSubstr("eth1, which is no configured port"));
  EXPECT_THAT(place("nowhere").error(), HasSubstr("does not exist"));
  EXPECT_THAT(place("eth1.2").error(), HasSubstr("does not exist"));
  for (const auto* const device : {"eth0.0", "eth0.4095", "eth0.", "eth0.2x", "eth0.99999"}) {
    EXPECT_THAT(place(device).error(), HasSubstr("is no VLAN ID")) << device;
  }
}

}  // namespace
}  // namespace agent::net
