// SPDX-License-Identifier: Apache-2.0
// A station and a bridge port of one daemon face each other over a veth pair, on a real Linux
// bridge, in a network namespace of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <utility>

#include "agent/evbd/daemon.hpp"
#include "tests/support/net_namespace.hpp"

namespace agent {
namespace {

using test::shell;
using test::shell_output;
using testing::HasSubstr;
using testing::Not;

constexpr vdp::ManagerId kManager{{11}};
constexpr vdp::VsiType kType{1193047, 2};

vdp::VsiId vsi(unsigned number) {
  vdp::VsiId id;
  id.octets[14] = static_cast<std::uint8_t>(number >> 8U);
  id.octets[15] = static_cast<std::uint8_t>(number);
  return id;
}

vdp::AssociateRequested associate(unsigned number, std::uint16_t vid = 2) {
  vdp::VsiRequest request;
  request.id = vsi(number);
  request.manager = kManager;
  request.vsi_type = kType;
  request.filters.format = vdp::FilterFormat::kMacVid;
  vdp::FilterEntry entry;
  entry.mac = {{0x52, 0x54, 0, 0, static_cast<std::uint8_t>(number >> 8U),
                static_cast<std::uint8_t>(number)}};
  entry.vid = vid;
  request.filters.entries.push_back(entry);
  return {request};
}

/// Keeps what the station tells of its VSIs.
class Listener : public PortObserver {
 public:
  void port_output(std::string_view port, const vdp::Output& output) override {
    const auto* const change = std::get_if<vdp::VsiChanged>(&output);
    if (port == "uplink" && change != nullptr) told[change->id].push_back(change->cause);
  }
  std::map<vdp::VsiId, std::vector<vdp::VsiCause>> told;
};

class DaemonTest : public testing::Test {
 protected:
  void SetUp() override {
    if (ns.error()) GTEST_SKIP() << *ns.error();
    run_dir = testing::TempDir() + "evbd-daemon-test-" + std::to_string(::getpid());
    std::filesystem::remove_all(run_dir);
    ASSERT_TRUE(shell("ip link add uplink type veth peer name port0"));
    ASSERT_TRUE(shell("ip link add br0 type bridge && ip link set port0 master br0"));
    ASSERT_TRUE(shell("for i in br0 port0 uplink; do ip link set $i up; done"));
    bridge_before = bridge_flags();
    start(kBothPorts);
  }
  void TearDown() override {
    daemon.reset();
    std::filesystem::remove_all(run_dir);
  }

  Config config_of(std::string_view text) {
    auto config = parse_config(text, "test.toml");
    EXPECT_TRUE(config) << to_string(config.error().front());
    config->agent.run_dir = run_dir;
    return *config;
  }
  void start(std::string_view text) {
    auto bridges = net::BridgeControl::open(run_dir);
    ASSERT_TRUE(bridges);
    daemon.emplace(loop, log, config_of(text), std::move(*bridges));
    daemon->add_observer(listener);
    const auto started = daemon->start();
    ASSERT_TRUE(started) << started.error();
  }
  /// Runs the loop until the condition holds: a test that waits for ever is stopped by its runner.
  template <class Condition>
  void run_until(Condition condition) {
    while (!condition()) {
      if (loop.stopped()) loop.restart();
      loop.run_one();
    }
  }
  /// Flags only: the carrier comes and goes by itself.
  static std::string bridge_flags() {
    const auto text = shell_output("bridge -d link show dev port0");
    return text.substr(text.find("hairpin"));
  }
  bool evb_on(std::string_view port = "uplink") {
    return daemon->core(port)->evb().operational().on;
  }
  vdp::VsiState state(unsigned number, std::string_view port = "uplink") {
    const auto report = daemon->core(port)->vsi(vsi(number));
    return report ? report->state : vdp::VsiState::kDeassociated;
  }
  std::string trouble(std::string_view port) {
    for (const auto& info : daemon->list()) {
      if (info.name == port) return info.trouble;
    }
    return "not configured";
  }

  static constexpr std::string_view kTypes = R"(
[[vsi_type]]
manager = 11
id = 1193047
version = 2
untagged = 2
max_instances = 4000
)";
  static constexpr std::string_view kBothPorts = R"(
[[port]]
name = "uplink"
[[port]]
name = "port0"
role = "bridge"
[[vsi_type]]
manager = 11
id = 1193047
version = 2
untagged = 2
max_instances = 4000
)";

  test::NetNamespace ns;
  std::string run_dir;
  std::string bridge_before;
  boost::asio::io_context loop;
  Log log{LogLevel::kError, Log::Format::kPlain};
  Listener listener;
  std::optional<Daemon> daemon;
};

TEST_F(DaemonTest, AssociatesAndTheBridgeAdmitsExactlyThatAddress) {
  run_until([&] { return evb_on() && evb_on("port0"); });
  ASSERT_TRUE(daemon->feed("uplink", associate(1)));
  run_until([&] { return state(1) == vdp::VsiState::kAssociated; });
  EXPECT_EQ(state(1, "port0"), vdp::VsiState::kAssociated);
  EXPECT_THAT(shell_output("bridge fdb show dev port0"), HasSubstr("52:54:00:00:00:01"));
  EXPECT_THAT(shell_output("bridge -d link show dev port0"),
              testing::AllOf(HasSubstr("hairpin on"), HasSubstr("locked on")));

  daemon->feed("uplink", vdp::DeassociateRequested{vsi(1), {}});
  run_until([&] { return !daemon->core("port0")->vsi(vsi(1)); });
  EXPECT_THAT(shell_output("bridge fdb show dev port0"), Not(HasSubstr("52:54:00:00:00:01")));
}

TEST_F(DaemonTest, AnUnknownTypeIsRefusedWithTheStandardsReason) {
  run_until([&] { return evb_on() && evb_on("port0"); });
  auto wrong = associate(1);
  wrong.request.vsi_type.version = 9;
  daemon->feed("uplink", wrong);
  run_until([&] { return daemon->core("uplink")->vsi(vsi(1))->last_failure.has_value(); });
  EXPECT_EQ(daemon->core("uplink")->vsi(vsi(1))->last_failure->reason, vdp::Reason::kOtherFailure);
}

TEST_F(DaemonTest, AThousandAssociationsShareFramesAndReachTheKernelTogether) {
  run_until([&] { return evb_on() && evb_on("port0"); });
  const auto frames = [&] {
    const auto counters = daemon->core("uplink")->ecp().counters;
    return counters.requests_sent + counters.requests_received;  // and as many acknowledgements
  };
  const auto before = frames();
  for (unsigned i = 0; i < 1000; ++i) daemon->feed("uplink", associate(i));
  run_until([&] {
    for (unsigned i = 0; i < 1000; ++i) {
      if (state(i) != vdp::VsiState::kAssociated) return false;
    }
    return true;
  });
  EXPECT_LE(frames() - before, 2 * (1000 / 41 + 1) + 8);
}

/// More than may wait to be told, so that the facts of one VSI are told at different times.
TEST_F(DaemonTest, EverythingIsToldInItsOrderAndOnceHoweverMuchThereIs) {
  constexpr unsigned kVsis = 3000;
  run_until([&] { return evb_on() && evb_on("port0"); });
  std::vector<vdp::Input> begin;
  std::vector<vdp::Input> end;
  for (unsigned i = 0; i < kVsis; ++i) {
    begin.emplace_back(associate(i));
    end.emplace_back(vdp::DeassociateRequested{vsi(i), {}});
  }
  for (int storms = 0; storms < 2; ++storms) {
    daemon->feed_all("uplink", begin);
    run_until([&] { return state(kVsis - 1) == vdp::VsiState::kAssociated; });
    daemon->feed_all("uplink", end);
    run_until([&] { return daemon->core("port0")->vsi_count() == 0; });
    run_until([&] { return daemon->core("uplink")->vsi_count() == 0; });
    ASSERT_EQ(listener.told.size(), kVsis);
    for (const auto& [id, causes] : std::exchange(listener.told, {})) {
      EXPECT_THAT(causes, testing::ElementsAre(vdp::VsiCause::kRequested, vdp::VsiCause::kConfirmed,
                                               vdp::VsiCause::kDeassociatedByClient))
          << to_string(id);
    }
  }
}

TEST_F(DaemonTest, SaysGoodbyeAndGivesTheBridgePortBack) {
  run_until([&] { return evb_on() && evb_on("port0"); });
  daemon->feed("uplink", associate(1));
  run_until([&] { return state(1) == vdp::VsiState::kAssociated; });
  daemon->shut_down();
  EXPECT_EQ(bridge_flags(), bridge_before);
  EXPECT_THAT(shell_output("bridge fdb show dev port0"), Not(HasSubstr("52:54:00:00:00:01")));
  EXPECT_TRUE(std::filesystem::is_empty(run_dir));
}

TEST_F(DaemonTest, AReloadLeavesUnchangedPortsAlone) {
  run_until([&] { return evb_on() && evb_on("port0"); });
  daemon->feed("uplink", associate(1));
  run_until([&] { return state(1) == vdp::VsiState::kAssociated; });
  const auto* const core = daemon->core("uplink");
  auto config = config_of(kBothPorts);
  config.ports[1].protocol.evb.retransmit_exponent = 15;
  daemon->apply(config);
  EXPECT_EQ(daemon->core("uplink"), core);
  EXPECT_EQ(state(1), vdp::VsiState::kAssociated);
  EXPECT_EQ(state(1, "port0"), vdp::VsiState::kAssociated);
  run_until([&] { return daemon->core("uplink")->evb().operational().retransmit_exponent == 15; });
}

TEST_F(DaemonTest, APortThatIsNoLongerConfiguredIsGivenBack) {
  run_until([&] { return evb_on(); });
  daemon->apply(config_of("[[port]]\nname = \"uplink\"\n"));
  EXPECT_EQ(daemon->core("port0"), nullptr);
  EXPECT_FALSE(daemon->feed("port0", vdp::TimePassed{}));
  EXPECT_EQ(bridge_flags(), bridge_before);
  run_until([&] { return !evb_on(); });  // the shutdown LLDPDU ends EVB at once
}

TEST_F(DaemonTest, AnInterfaceMayVanishAndComeBack) {
  run_until([&] { return evb_on() && evb_on("port0"); });
  ASSERT_TRUE(shell("ip link del uplink"));
  run_until([&] { return !daemon->core("uplink")->link_up(); });
  EXPECT_THAT(trouble("uplink"), HasSubstr("does not exist"));
  ASSERT_TRUE(shell("ip link add uplink type veth peer name port0"));
  ASSERT_TRUE(shell("ip link set port0 master br0"));
  ASSERT_TRUE(shell("ip link set port0 up && ip link set uplink up"));
  run_until([&] { return evb_on() && evb_on("port0"); });
  EXPECT_EQ(trouble("uplink"), "");
}

TEST_F(DaemonTest, AnEnforcingPortWorksOnlyAsABridgePort) {
  run_until([&] { return evb_on("port0"); });
  ASSERT_TRUE(shell("ip link set port0 nomaster"));
  run_until([&] { return !daemon->core("port0")->link_up(); });
  EXPECT_THAT(trouble("port0"), HasSubstr("not a port of a Linux bridge"));
  ASSERT_TRUE(shell("ip link set port0 master br0"));
  run_until([&] { return evb_on("port0"); });
  EXPECT_THAT(shell_output("bridge -d link show dev port0"), HasSubstr("locked on"));
}

TEST_F(DaemonTest, APortThatDoesNotEnforceLeavesTheBridgeAlone) {
  daemon->shut_down();
  daemon.reset();
  start(std::string("[[port]]\nname = \"uplink\"\n[[port]]\nname = \"port0\"\nrole = \"bridge\"\n"
                    "enforce = false\n") +
        std::string(kTypes));
  run_until([&] { return evb_on() && evb_on("port0"); });
  daemon->feed("uplink", associate(1));
  run_until([&] { return state(1) == vdp::VsiState::kAssociated; });
  EXPECT_FALSE(daemon->core("port0")->evb().local()->relay_capable) << "nobody would turn it on";
  EXPECT_EQ(bridge_flags(), bridge_before);
}

TEST_F(DaemonTest, SomebodyElsesHandOnTheBridgePortIsNoticed) {
  run_until([&] { return evb_on() && evb_on("port0"); });
  run_until([&] { return daemon->core("port0")->evb().local()->relay_control; });
  ASSERT_TRUE(shell("bridge link set dev port0 hairpin off"));
  run_until([&] { return !daemon->core("port0")->evb().local()->relay_control; });
  ASSERT_TRUE(shell("bridge link set dev port0 locked off"));
  run_until([&] {
    return shell_output("bridge -d link show dev port0").find("locked on") != std::string::npos;
  });
}

TEST_F(DaemonTest, PlacesDevicesAndKnowsManagers) {
  ASSERT_TRUE(shell("ip link add link uplink name tap0 type macvtap mode vepa"));
  EXPECT_EQ(daemon->place("tap0")->port, "uplink");
  EXPECT_EQ(daemon->place("uplink.2")->vid, 2);
  EXPECT_THAT(daemon->place("br0").error(), HasSubstr("no configured port"));
  EXPECT_EQ(daemon->manager("uplink", 11), kManager);
  const auto shift = daemon->wall_clock(daemon->now()) - std::chrono::system_clock::now();
  EXPECT_LT(std::chrono::abs(shift), std::chrono::seconds(1));
}

}  // namespace
}  // namespace agent
