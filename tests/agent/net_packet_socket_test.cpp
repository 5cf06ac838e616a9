// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>

#include "agent/net/packet_socket.hpp"
#include "lldp/ethernet.hpp"
#include "tests/support/net_namespace.hpp"

namespace agent::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr lldp::MacAddress kStation{{0x02, 0, 0, 0, 0, 1}};
constexpr FrameMatch kEcp{lldp::kEcpEthertype, lldp::kNearestCustomerBridge};

base::Octets frame(const lldp::MacAddress& to, std::uint16_t ethertype, std::uint8_t mark) {
  return lldp::encode_ethernet({to, kStation, ethertype, base::Bytes(&mark, 1)});
}

/// The frame with a VLAN tag, as the wire has it.
base::Octets tagged(base::Octets octets, std::uint16_t tag, std::uint16_t tpid = 0x8100) {
  const std::uint8_t bytes[] = {
      static_cast<std::uint8_t>(tpid >> 8U), static_cast<std::uint8_t>(tpid),
      static_cast<std::uint8_t>(tag >> 8U), static_cast<std::uint8_t>(tag)};
  octets.insert(octets.begin() + 12, std::begin(bytes), std::end(bytes));
  return octets;
}

/// Two ends of a veth pair; `far` sends, `near` receives.
class PacketSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    if (ns.error()) GTEST_SKIP() << *ns.error();
    ASSERT_TRUE(shell("ip link add near type veth peer name far"));
    ASSERT_TRUE(shell("ip link set near up && ip link set far up"));
    wait_for("ip -o link show dev near", "state UP");
    wait_for("ip -o link show dev far", "state UP");
  }

  static int index(const char* name) { return static_cast<int>(::if_nametoindex(name)); }

  /// The marks (first payload octet) of the frames up to the one marked `last`, which the test
  /// knows to arrive; the kernel may deliver a moment after the sender has returned.
  std::vector<int> marks_until(int last, PacketSocket& socket) {
    std::vector<int> found;
    while (found.empty() || found.back() != last) {
      const auto done = socket.drain([&](base::Bytes octets) { found.push_back(octets[14]); });
      EXPECT_TRUE(done) << done.error();
    }
    return found;
  }
  std::vector<int> marks_now(PacketSocket& socket) {
    std::vector<int> found;
    EXPECT_TRUE(socket.drain([&](base::Bytes octets) { found.push_back(octets[14]); }));
    return found;
  }
  /// The kernel takes links and bridge ports up in the background.
  static void wait_for(const std::string& command, std::string_view words) {
    while (test::shell_output(command).find(words) == std::string::npos) {
    }
  }

  static bool shell(const std::string& command) { return test::shell(command); }

  test::NetNamespace ns;
  boost::asio::io_context loop;
  PacketSocket near{loop};
  PacketSocket far{loop};
};

TEST_F(PacketSocketTest, PassesItsEthertypeToItsGroupAddressAndNothingElse) {
  for (const auto tap : {Tap::kEthertype, Tap::kAll}) {
    ASSERT_TRUE(near.open(index("near"), kEcp, tap));
    ASSERT_TRUE(far.open(index("far"), kEcp, tap));
    const auto ecp = frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, 1);
    for (const auto& each :
         {frame(lldp::kNearestCustomerBridge, lldp::kLldpEthertype, 2),
          frame(lldp::kNearestBridge, lldp::kEcpEthertype, 3),
          frame({{0x01, 0x80, 0xC2, 0x00, 0x01, 0x00}}, lldp::kEcpEthertype, 4),
          frame({{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}}, lldp::kEcpEthertype, 5),
          tagged(frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, 6), 2), ecp,
          tagged(frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, 7), 0xE000)}) {
      ASSERT_TRUE(far.send(each));
    }
    EXPECT_THAT(marks_until(7, near), ElementsAre(1, 7)) << "VID 0 is a priority tag, not a VLAN";
  }
}

/// The kernel serves the Ethertype's sockets of the lower interface, too, once the VLAN device has
/// taken the tag off: a station heard the LLDP of its S-channels as its own.
TEST_F(PacketSocketTest, SeesNothingThatBelongsToVlanDevicesAbove) {
  if (!shell("ip link add link near name near.s2 type vlan protocol 802.1ad id 100")) {
    GTEST_SKIP() << "this kernel has no VLAN devices";
  }
  ASSERT_TRUE(shell("ip link add link near name near.5 type vlan id 5"));
  ASSERT_TRUE(shell("ip link set near.s2 up && ip link set near.5 up"));
  wait_for("ip -o link show dev near.s2", "state UP");
  wait_for("ip -o link show dev near.5", "state UP");
  PacketSocket s_vlan{loop};
  PacketSocket c_vlan{loop};
  for (const auto tap : {Tap::kEthertype, Tap::kAll}) {
    ASSERT_TRUE(near.open(index("near"), kEcp, tap));
    ASSERT_TRUE(s_vlan.open(index("near.s2"), kEcp, tap));
    ASSERT_TRUE(c_vlan.open(index("near.5"), kEcp, tap));
    ASSERT_TRUE(far.open(index("far"), kEcp, tap));
    const auto ecp = [](std::uint8_t mark) {
      return frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, mark);
    };
    for (const auto& each : {tagged(ecp(1), 100, 0x88A8), tagged(ecp(2), 5), ecp(3),
                             tagged(ecp(4), 5), tagged(ecp(5), 100, 0x88A8), ecp(6)}) {
      ASSERT_TRUE(far.send(each));
    }
    EXPECT_THAT(marks_until(6, near), ElementsAre(3, 6));
    EXPECT_THAT(marks_until(5, s_vlan), ElementsAre(1, 5)) << "each VLAN device has its own";
    EXPECT_THAT(marks_until(4, c_vlan), ElementsAre(2, 4));
  }
}

TEST_F(PacketSocketTest, DoesNotSeeWhatTheDeviceSends) {
  ASSERT_TRUE(far.open(index("far"), kEcp, Tap::kAll));
  ASSERT_TRUE(far.send(frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, 1)));
  EXPECT_THAT(marks_now(far), IsEmpty());
}

TEST_F(PacketSocketTest, HandsOverMoreFramesThanOneBatchHolds) {
  ASSERT_TRUE(near.open(index("near"), kEcp, Tap::kEthertype));
  ASSERT_TRUE(far.open(index("far"), kEcp, Tap::kEthertype));
  for (std::uint8_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(far.send(frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, i)));
  }
  const auto found = marks_until(99, near);
  ASSERT_EQ(found.size(), 100U);
  EXPECT_EQ(found.back(), 99);
}

/// Why the bridge role listens to every Ethertype: a bridge without STP forwards frames to
/// 01-80-C2-00-00-00, and what it takes never reaches a socket bound to their Ethertype.
TEST_F(PacketSocketTest, SeesWhatABridgeTakesOnlyWhenItTapsEverything) {
  ASSERT_TRUE(shell("ip link add br0 type bridge && ip link set near master br0"));
  ASSERT_TRUE(shell("ip link set br0 up"));
  PacketSocket all{loop};
  ASSERT_TRUE(near.open(index("near"), kEcp, Tap::kEthertype));
  ASSERT_TRUE(all.open(index("near"), kEcp, Tap::kAll));
  ASSERT_TRUE(far.open(index("far"), kEcp, Tap::kEthertype));
  for (std::uint8_t mark = 1; mark <= 2; ++mark) {
    ASSERT_TRUE(far.send(frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, mark)));
  }
  EXPECT_THAT(marks_until(2, all), ElementsAre(1, 2));
  EXPECT_THAT(marks_now(near), IsEmpty());
}

/// A port that admits nobody does not let them through to the bridge's other ports either.
TEST_F(PacketSocketTest, ALockedBridgePortKeepsLinkLocalFramesToItself) {
  ASSERT_TRUE(shell("ip link add br0 type bridge && ip link set near master br0"));
  ASSERT_TRUE(shell("ip link add other type veth peer name beyond"));
  ASSERT_TRUE(shell("ip link set other master br0"));
  ASSERT_TRUE(shell("for i in br0 other beyond; do ip link set $i up; done"));
  wait_for("bridge link show dev near", "state forwarding");
  wait_for("bridge link show dev other", "state forwarding");
  PacketSocket beyond{loop};
  PacketSocket other{loop};
  ASSERT_TRUE(beyond.open(index("beyond"), kEcp, Tap::kAll));
  ASSERT_TRUE(other.open(index("other"), kEcp, Tap::kAll));
  ASSERT_TRUE(near.open(index("near"), kEcp, Tap::kAll));
  ASSERT_TRUE(far.open(index("far"), kEcp, Tap::kEthertype));
  ASSERT_TRUE(far.send(frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, 1)));
  EXPECT_THAT(marks_until(1, beyond), ElementsAre(1)) << "a bridge without STP forwards them";

  ASSERT_TRUE(shell("ip link set dev near type bridge_slave locked on learning off fdb_flush"));
  for (std::uint8_t mark = 2; mark <= 3; ++mark) {
    ASSERT_TRUE(far.send(frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, mark)));
  }
  EXPECT_THAT(marks_until(3, near), ElementsAre(1, 2, 3));
  ASSERT_TRUE(other.send(frame(lldp::kNearestCustomerBridge, lldp::kEcpEthertype, 4)));
  EXPECT_THAT(marks_until(4, beyond), ElementsAre(4))
      << "what came in by the locked port is not there";
}

TEST_F(PacketSocketTest, SaysWhyItCannotOpen) {
  const auto done = near.open(4711, kEcp, Tap::kAll);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), testing::HasSubstr("No such device"));
  EXPECT_FALSE(near.is_open());
}

}  // namespace
}  // namespace agent::net
