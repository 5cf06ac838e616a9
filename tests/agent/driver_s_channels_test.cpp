// SPDX-License-Identifier: Apache-2.0
// The devices of S-channels, in a network namespace of the test's own. Most of it needs a kernel
// with VLAN devices: tests/lab/test_units.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "agent/evbd/s_channels.hpp"
#include "tests/support/net_namespace.hpp"

namespace agent {
namespace {

using test::shell;
using test::shell_output;
using testing::HasSubstr;
using testing::Not;
using Channels = std::vector<lldp::SChannel>;

/// What a Log writes, as text.
class LogText {
 public:
  LogText() : file_(::open_memstream(&text_, &size_)), log(LogLevel::kInfo, kFormat, file_) {}
  ~LogText() {
    std::fclose(file_);
    std::free(text_);  // NOLINT(cppcoreguidelines-no-malloc): open_memstream's
  }
  LogText(const LogText&) = delete;
  LogText& operator=(const LogText&) = delete;
  std::string text() {
    std::fflush(file_);
    return {text_, size_};
  }

 private:
  static constexpr auto kFormat = Log::Format::kPlain;
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;

 public:
  Log log;
};

class SChannelsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (ns.error()) GTEST_SKIP() << *ns.error();
    ASSERT_TRUE(shell("ip link add eth0 type veth peer eth1 && ip link set eth0 up"));
    ASSERT_TRUE(shell("ip link set eth1 up"));
    ASSERT_TRUE(links.start());
    ASSERT_TRUE(channels.open(false));
    if (needs_vlan_devices() && !channels.supported()) {
      GTEST_SKIP() << "this kernel has no VLAN devices";
    }
    station.name = bridge.name = "eth0";
    station.protocol.cdcp = lldp::CdcpConfig{.wants = {2, 3}};
    bridge.protocol.evb.role = lldp::EvbRole::kBridge;
    bridge.protocol.cdcp = lldp::CdcpConfig{};
  }
  virtual bool needs_vlan_devices() const { return true; }

  void follow(const PortSettings& uplink, Channels svids) {
    svids.insert(svids.begin(), lldp::kDefaultSChannel);
    channels.follow(uplink, svids);
    links.catch_up();
  }
  /// "DEVICE SVID up|down" of each VLAN device of 802.1ad.
  std::set<std::string> devices() {
    links.catch_up();
    std::set<std::string> found;
    for (const auto& entry : links.links()) {
      const auto& link = entry.second;
      if (!link.service_vlan) continue;
      found.insert(fmt::format("{} {} {}", link.name, link.vid, link.admin_up ? "up" : "down"));
    }
    return found;
  }
  int index(std::string_view name) {
    links.catch_up();
    const auto* const link = links.find(name);
    return link == nullptr ? 0 : link->index;
  }

  using Devices = std::set<std::string>;

  test::NetNamespace ns;
  boost::asio::io_context loop;
  LogText told;
  net::LinkMonitor links{loop, [](const std::string&) {},
                         [](const std::string& sentence) { ADD_FAILURE() << sentence; }};
  std::set<std::string, std::less<>> holding;  ///< ports with VSIs
  SChannels channels{told.log, links, "/run/one",
                     [this](std::string_view port) { return holding.contains(port); }};
  PortSettings station;
  PortSettings bridge;
};

TEST_F(SChannelsTest, EachChannelButTheDefaultOneHasADevice) {
  follow(station, {{2, 100}, {3, 101}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 up", "eth0.s3 101 up"}));
  EXPECT_EQ(links.find("eth0.s2")->alias, "evbd S-channel, run_dir /run/one");
  const auto kept = index("eth0.s3");
  follow(station, {{3, 101}});
  EXPECT_EQ(devices(), (Devices{"eth0.s3 101 up"}));
  EXPECT_EQ(index("eth0.s3"), kept) << "it is not disturbed";
  follow(station, {{3, 102}});
  EXPECT_EQ(devices(), (Devices{"eth0.s3 102 up"}));
  ASSERT_TRUE(shell("ip link del eth0.s3"));
  follow(station, {{3, 102}});
  EXPECT_EQ(devices(), (Devices{"eth0.s3 102 up"})) << "somebody took it away";
  EXPECT_FALSE(channels.give_back(station));
  EXPECT_EQ(devices(), Devices{});
}

TEST_F(SChannelsTest, ADeviceInUseIsSetDownWhileItsChannelIsWanted) {
  follow(station, {{2, 100}, {3, 101}});
  ASSERT_TRUE(shell("ip link add guest link eth0.s2 type macvlan mode vepa"));
  holding = {"eth0.s3"};
  const auto stood_on = index("eth0.s2");
  follow(station, {});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 down", "eth0.s3 101 down"}));
  follow(station, {{2, 100}, {3, 101}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 up", "eth0.s3 101 up"}));
  EXPECT_EQ(index("eth0.s2"), stood_on);
  EXPECT_TRUE(channels.give_back(station)) << "they stay for the next run";
  EXPECT_EQ(devices().size(), 2U);
  station.protocol.cdcp->wants = {3};
  holding = {};
  follow(station, {});
  EXPECT_EQ(devices(), Devices{}) << "one is not wanted any more, the other not in use";
  EXPECT_NE(told.text().find("and with it the interfaces on it"), std::string::npos);
}

TEST_F(SChannelsTest, ANewSvidIsANewDeviceOnceNobodyUsesTheOldOne) {
  follow(station, {{2, 100}, {3, 101}});
  ASSERT_TRUE(shell("ip link add guest link eth0.s2 type macvlan mode vepa"));
  const auto old = index("eth0.s2");
  for (int times = 0; times < 2; ++times) follow(station, {{2, 200}, {3, 201}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 down", "eth0.s3 201 up"}));
  EXPECT_EQ(index("eth0.s2"), old);
  EXPECT_THAT(channels.trouble("eth0.s2"),
              testing::AllOf(HasSubstr("SVID 200 now"), HasSubstr("has SVID 100"),
                             HasSubstr("in use (guest)")));
  EXPECT_TRUE(channels.waits("eth0.s2") && !channels.waits("eth0.s3"));
  EXPECT_EQ(channels.waiting(), (std::set<std::string>{"eth0"}));
  const auto text = told.text();
  EXPECT_EQ(text.find("SVID 200 now"), text.rfind("SVID 200 now")) << "said once";

  follow(station, {{2, 100}, {3, 201}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 up", "eth0.s3 201 up"})) << "the old one is back";
  EXPECT_EQ(index("eth0.s2"), old);
  EXPECT_TRUE(channels.trouble("eth0.s2").empty() && channels.waiting().empty());

  holding = {"eth0.s2"};
  follow(station, {{2, 200}, {3, 201}});
  ASSERT_TRUE(shell("ip link del guest"));
  follow(station, {{2, 200}, {3, 201}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 down", "eth0.s3 201 up"})) << "it holds VSIs";
  EXPECT_THAT(channels.trouble("eth0.s2"), HasSubstr("in use (its VSIs)"));
  holding = {};
  follow(station, {{2, 200}, {3, 201}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 200 up", "eth0.s3 201 up"}));
  EXPECT_TRUE(channels.trouble("eth0.s2").empty() && channels.waiting().empty());
}

TEST_F(SChannelsTest, AnSvidThatADeviceInUseHasStillIsWaitedFor) {
  follow(station, {{2, 100}, {3, 101}});
  ASSERT_TRUE(shell("ip link add guest link eth0.s2 type macvlan mode vepa"));
  follow(station, {{2, 101}, {3, 100}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 down"}));
  EXPECT_THAT(channels.trouble("eth0.s3"), HasSubstr("SVID 100 is still that of eth0.s2"));
  ASSERT_TRUE(shell("ip link del guest"));
  follow(station, {{2, 101}, {3, 100}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 101 up", "eth0.s3 100 up"}));
  EXPECT_TRUE(channels.trouble("eth0.s3").empty());
}

TEST_F(SChannelsTest, WhatIsNotConfiguredAnyMoreGoesThoughItIsInUse) {
  follow(station, {{2, 100}});
  ASSERT_TRUE(shell("ip link add guest link eth0.s2 type macvlan mode vepa"));
  follow(station, {{2, 200}});
  station.protocol.cdcp->wants = {3};
  follow(station, {});
  EXPECT_EQ(devices(), Devices{});
  EXPECT_EQ(index("guest"), 0);
  EXPECT_TRUE(channels.trouble("eth0.s2").empty() && channels.waiting().empty());
}

TEST_F(SChannelsTest, TwoChannelsMayChangeTheirSvids) {
  follow(station, {{2, 100}, {3, 101}});
  follow(station, {{2, 101}, {3, 100}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 101 up", "eth0.s3 100 up"}));
}

TEST_F(SChannelsTest, ABridgesDeviceIsALockedPortOfTheUplinksBridge) {
  ASSERT_TRUE(shell("ip link add br0 type bridge && ip link set eth0 master br0"));
  follow(bridge, {{2, 100}});
  EXPECT_THAT(shell_output("ip -d link show dev eth0.s2"),
              testing::AllOf(HasSubstr("master br0"), HasSubstr("locked on")));
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 up"}));
  ASSERT_TRUE(shell("ip link add br1 type bridge && ip link set eth0 nomaster"));
  ASSERT_TRUE(shell("ip link set eth0 master br1"));
  follow(bridge, {{2, 100}});
  EXPECT_THAT(shell_output("ip -d link show dev eth0.s2"), HasSubstr("master br1"));
  bridge.enforce = false;
  follow(bridge, {{2, 100}});
  EXPECT_THAT(shell_output("ip -d link show dev eth0.s2"), Not(HasSubstr("master")));
  follow(bridge, {});
  EXPECT_EQ(devices(), Devices{});
}

TEST_F(SChannelsTest, WhatSomebodyElseMadeIsNotTouched) {
  ASSERT_TRUE(shell("ip link add eth0.s2 link eth0 type vlan protocol 802.1ad id 7"));
  ASSERT_TRUE(
      shell("ip link add eth0.s9 link eth0 type vlan protocol 802.1ad id 9 && "
            "ip link set eth0.s9 alias 'evbd S-channel, run_dir /run/two'"));
  const Devices theirs{"eth0.s2 7 down", "eth0.s9 9 down"};
  for (int times = 0; times < 2; ++times) follow(station, {{2, 100}});
  const auto text = told.text();
  const auto first = text.find("eth0.s2: there is such a device already");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(text.find("such a device", first + 40), std::string::npos) << "said once";
  channels.remove_leftovers({});
  channels.remove_all(station);
  EXPECT_EQ(devices(), theirs);
  ASSERT_TRUE(shell("ip link del eth0.s2"));
  follow(station, {{2, 100}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 up", "eth0.s9 9 down"}));
}

TEST_F(SChannelsTest, WhatAnEarlierRunLeftIsRemovedUnlessItsChannelIsWanted) {
  follow(station, {{2, 100}, {3, 101}});
  station.protocol.cdcp->wants = {3};
  channels.remove_leftovers({station});
  EXPECT_EQ(devices(), (Devices{"eth0.s3 101 up"}));
  channels.remove_leftovers({bridge});
  EXPECT_EQ(devices(), Devices{}) << "a bridge makes its channels anew";
}

TEST_F(SChannelsTest, WhatTheKernelRefusesIsSaidOnceAndTriedAgainWhenTheChannelComesAgain) {
  ASSERT_TRUE(shell("ip link add other link eth0 type vlan protocol 802.1ad id 100"));
  for (int times = 0; times < 3; ++times) follow(station, {{2, 100}});
  const auto text = told.text();
  const auto first = text.find("eth0.s2: cannot make the device of SVID 100");
  ASSERT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find("cannot make", first + 40), std::string::npos);
  ASSERT_TRUE(shell("ip link del other"));
  follow(station, {});
  follow(station, {{2, 100}});
  EXPECT_EQ(devices(), (Devices{"eth0.s2 100 up"}));
}

TEST_F(SChannelsTest, ANameThatIsTooLongIsToldInsteadOfCut) {
  bridge.device_prefix = "twelve-chars";
  follow(bridge, {{4000, 100}});
  EXPECT_EQ(devices(), Devices{});
  EXPECT_THAT(told.text(), HasSubstr("twelve-chars.s4000: no interface can have so long a name"));
}

class SChannelsAnywhereTest : public SChannelsTest {
  bool needs_vlan_devices() const override { return false; }
};

TEST_F(SChannelsAnywhereTest, AKernelWithoutVlanDevicesIsToldFromOneWithThem) {
  const auto known = shell("ip link add try0 link eth0 type vlan id 2");
  const auto supported = channels.supported();
  EXPECT_EQ(supported.has_value(), known);
  EXPECT_THAT(supported ? "8021q" : supported.error(), HasSubstr("8021q"));
  EXPECT_EQ(devices(), Devices{}) << "asking makes none";
}

}  // namespace
}  // namespace agent
