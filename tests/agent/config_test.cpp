// SPDX-License-Identifier: Apache-2.0
#include "agent/config/config.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace agent {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

profiles::Problems problems_of(std::string_view text) {
  const auto config = parse_config(text, "evbd.toml");
  if (config) return {};
  for (const auto& problem : config.error()) {
    EXPECT_FALSE(problem.todo.empty()) << to_string(problem);
    EXPECT_EQ(problem.file, "evbd.toml");
  }
  return config.error();
}

Config config_of(std::string_view text) {
  auto config = parse_config(text, "evbd.toml");
  EXPECT_TRUE(config) << to_string(config.error().front());
  return config.value_or(Config{});
}

TEST(Config, AnEmptyFileMeansTheDefaultsAndNoPort) {
  const auto config = config_of("");
  EXPECT_EQ(config.api, ApiConfig{});
  EXPECT_EQ(config.agent, AgentConfig{});
  EXPECT_THAT(config.ports, SizeIs(0));
}

TEST(Config, TheExampleFileHasNoProblems) {
  const auto config = load_config(EVB_SOURCE_DIR "/agent/evbd.toml");
  ASSERT_TRUE(config) << to_string(config.error().front());
  EXPECT_THAT(config->ports, SizeIs(2));
  EXPECT_EQ(config->types.size(), 1U);
}

/// What stands behind the '#' of the example is what holds without it.
TEST(Config, TheExamplesCommentedValuesAreTheDefaultsOrAllowed) {
  std::ifstream file(EVB_SOURCE_DIR "/agent/evbd.toml");
  std::string all;
  for (std::string line; std::getline(file, line);) {
    const bool is_key = line.starts_with("# ") && line.find(" = ") != std::string::npos &&
                        line.find("types_file") == std::string::npos;
    all += (is_key ? line.substr(2) : line) + '\n';
  }
  const auto opened = config_of(all);
  const auto plain = config_of("[[port]]\nname = \"eth0\"\n");
  EXPECT_EQ(opened.agent, plain.agent);
  EXPECT_EQ(opened.api, plain.api);
  ASSERT_THAT(opened.ports, SizeIs(2));
  auto station = opened.ports[0];
  EXPECT_TRUE(station.managers[11]);
  station.managers = {};
  EXPECT_TRUE(same_settings(station, plain.ports[0]));
}

TEST(Config, ReadsEveryKeyOfAPort) {
  const auto config = config_of(R"(
[managers]
11 = "192.0.2.20"
[[port]]
name = "eth0"
lldp_destination = "nearest-non-tpmr-bridge"
ecp_destination = "01:00:0d:0f:00:00"
dialect = "auto"
max_vsis = 7
[port.evb]
transmit = false
manual = true
reflective_relay = false
group_ids = true
retries = 7
rte = 31
rwd = 0
rka = 22
[port.lldp]
admin_status = "rx-only"
msg_tx_interval = 5
msg_tx_hold = 2
reinit_delay = 1
tx_credit_max = 9
msg_fast_tx = 3
tx_fast_init = 8
max_neighbors = 1
system_name = false
[port.retry]
first = 1
longest = 3
[port.managers]
12 = "2001:db8::1"
)");
  ASSERT_THAT(config.ports, SizeIs(1));
  const auto& port = config.ports[0];
  const auto& core = port.protocol;
  EXPECT_EQ(core.evb, (lldp::EvbProposal{lldp::EvbRole::kStation, false, true, false, true, 7, 31,
                                         0, 22, lldp::DialectChoice::kAuto}));
  EXPECT_EQ(core.lldp.admin_status, lldp::AdminStatus::kRxOnly);
  EXPECT_EQ(core.lldp.timers, (lldp::LldpTimers{5, 2, 1, 9, 3, 8}));
  EXPECT_EQ(core.lldp.max_neighbors, 1U);
  EXPECT_EQ(core.lldp_destination, lldp::kNearestNonTpmrBridge);
  EXPECT_EQ(lldp::to_string(core.ecp_destination), "01:00:0d:0f:00:00");
  EXPECT_EQ(core.retry, (vdp::RetryBackoff{1s, 3s}));
  EXPECT_EQ(core.max_vsis, 7U);
  EXPECT_FALSE(port.tlvs.system_name);
  EXPECT_TRUE(port.tlvs.capabilities);
  EXPECT_FALSE(port.enforce) << "a station has nothing to enforce";
  EXPECT_EQ(vdp::to_string(*port.managers[11]), "192.0.2.20");
  EXPECT_EQ(vdp::to_string(*port.managers[12]), "2001:db8::1");
}

TEST(Config, OffersReflectiveRelayOnlyWhereItCanBeTurnedOn) {
  const auto offered = [](std::string_view port, std::string_view evb) {
    return config_of(fmt::format("[[port]]\nname = \"a\"\n{}\n[port.evb]\n{}\n", port, evb))
        .ports.front()
        .protocol.evb.reflective_relay;
  };
  EXPECT_TRUE(offered("", ""));
  EXPECT_TRUE(offered("role = \"bridge\"", "rte = 14"));
  EXPECT_FALSE(offered("role = \"bridge\"", "reflective_relay = false"));
  EXPECT_FALSE(offered("role = \"bridge\"\nenforce = false", "rte = 14"));
  EXPECT_FALSE(offered("role = \"bridge\"\nenforce = false", "reflective_relay = false"));
  EXPECT_FALSE(config_of("[[port]]\nname = \"a\"\nrole = \"bridge\"\nenforce = false\n")
                   .ports.front()
                   .protocol.evb.reflective_relay);
}

TEST(Config, ReadsSChannelsOfBothRoles) {
  const auto config = config_of(R"(
[[port]]
name = "eth0"
[port.cdcp]
enable = true
channels = [7, 3]
capacity = 3
destination = "nearest-bridge"
device_prefix = "up"
[[port]]
name = "swp1"
role = "bridge"
[port.cdcp]
enable = true
svid_pool = [100, 199]
)");
  ASSERT_THAT(config.ports, SizeIs(2));
  const auto& station = config.ports[0];
  EXPECT_EQ(station.protocol.cdcp, (lldp::CdcpConfig{.capacity = 3, .wants = {7, 3}}));
  EXPECT_EQ(station.protocol.cdcp_destination, lldp::kNearestBridge);
  EXPECT_EQ(config.ports[1].protocol.cdcp, (lldp::CdcpConfig{.pool_low = 100, .pool_high = 199}));
  const auto channel = s_channel_port(station, 7);
  EXPECT_EQ(channel.name, "up.s7");
  EXPECT_EQ(channel.uplink, "eth0");
  EXPECT_EQ(channel.protocol.cdcp, std::nullopt);
  EXPECT_EQ(s_channel_device(config.ports[1], 2), "swp1.s2");
}

TEST(Config, SChannelsAreOffUnlessTheyAreEnabledAndDoNotTakeOtherNames) {
  const auto config = config_of(R"(
[[port]]
name = "eth0"
[port.cdcp]
enable = true
channels = [2]
[[port]]
name = "eth0.storage"
[[port]]
name = "eth1"
[port.cdcp]
channels = [2]
)");
  EXPECT_TRUE(config.ports[0].protocol.cdcp);
  EXPECT_EQ(config.ports[2].protocol.cdcp, std::nullopt);
}

TEST(Config, ReadsApiAndAgent) {
  const auto config = config_of(R"(
[agent]
log_level = "debug"
system_name = "host-7"
run_dir = "/tmp/evbd"
[api]
socket = "/tmp/evbd.sock"
mode = 0o600
group = "kvm"
admin_group = "adm"
max_message_octets = 4096
max_connections = 3
max_pending_octets = 65536
)");
  EXPECT_EQ(config.agent, (AgentConfig{LogLevel::kDebug, "host-7", "", "/tmp/evbd"}));
  EXPECT_EQ(config.api, (ApiConfig{"/tmp/evbd.sock", 0600, "kvm", "adm", 4096, 3, 65536}));
}

struct Wrong {
  std::string_view text;
  unsigned line;
  std::string_view what;
};

class ConfigProblem : public testing::TestWithParam<Wrong> {};

TEST_P(ConfigProblem, IsToldWithItsLineAndWhatToDo) {
  const auto& [text, line, what] = GetParam();
  EXPECT_THAT(problems_of(text),
              ElementsAre(AllOf(Field(&profiles::Problem::line, line),
                                Field(&profiles::Problem::what, HasSubstr(std::string(what))))));
}

INSTANTIATE_TEST_SUITE_P(
    Each, ConfigProblem,
    testing::Values(
        Wrong{"[[port]\n", 1, ""}, Wrong{"colour = 3\n", 1, "unknown key colour"},
        Wrong{"agent = 3\n", 1, "agent is not a table"},
        Wrong{"port = 3\n", 1, "port is not a list of tables"},
        Wrong{"[agent]\nlog_level = \"loud\"\n", 2, "log_level is not one of the words"},
        Wrong{"[agent]\nsystem_name = 3\n", 2, "system_name is not text"},
        Wrong{"[agent]\nrun_dir = \"run\"\n", 2, "not an absolute path"},
        Wrong{"[api]\nsocket = \"evbd.sock\"\n", 2, "not an absolute path"},
        Wrong{"[api]\nmode = 660\n", 2, "mode is not an octal number"},
        Wrong{"[api]\nmode = 0o7777\n", 2, "mode is not an octal number"},
        Wrong{"[api]\nmax_connections = 0\n", 2, "max_connections = 0 is out of range"},
        Wrong{"[api]\nmax_message_octets = 1.5\n", 2, "not a whole number"},
        Wrong{"\n[[port]]\nrole = \"station\"\n", 2, "name is missing"},
        Wrong{"[[port]]\nname = \"a/b\"\n", 2, "name cannot be that of a network interface"},
        Wrong{"[[port]]\nname = \"sixteen-octets-x\"\n", 2, "name cannot be"},
        Wrong{"[[port]]\nname = \"a\"\n[[port]]\nname = \"a\"\n", 3, "port a stands twice"},
        Wrong{"[[port]]\nname = \"a\"\nrole = \"switch\"\n", 3, "role is not one of the words"},
        Wrong{"[[port]]\nname = \"a\"\ndialect = \"dutch\"\n", 3,
              "dialect is not one of the words"},
        Wrong{"[[port]]\nname = \"a\"\necp_destination = \"52:54:00:00:00:01\"\n", 3,
              "ecp_destination is no group address"},
        Wrong{"[[port]]\nname = \"a\"\nenforce = true\n", 3, "enforce means nothing in role"},
        Wrong{"[[port]]\nname = \"a\"\ndefault_manager = 11\n", 3, "default_manager means nothing"},
        Wrong{"[[port]]\nname = \"a\"\nrole = \"bridge\"\n[port.retry]\nfirst = 1\n", 4,
              "retry means nothing in role bridge"},
        Wrong{"[[port]]\nname = \"a\"\nrole = \"bridge\"\nenforce = \"yes\"\n", 4,
              "enforce is not a truth value"},
        Wrong{"[[port]]\nname = \"a\"\nrole = \"bridge\"\nenforce = false\n[port.evb]\n"
              "reflective_relay = true\n",
              6, "reflective_relay needs enforce = true"},
        Wrong{"[[port]]\nname = \"a\"\ncolour = 3\n", 3, "unknown key colour"},
        Wrong{"[[port]]\nname = \"a\"\n[port.evb]\nrte = 32\n", 4, "rte = 32 is out of range"},
        Wrong{"[[port]]\nname = \"a\"\n[port.evb]\nretries = -1\n", 4, "retries = -1"},
        Wrong{"[[port]]\nname = \"a\"\n[port.lldp]\nmsg_tx_hold = 101\n", 4, "msg_tx_hold = 101"},
        Wrong{"[[port]]\nname = \"a\"\n[port.retry]\nfirst = 90\n", 3, "first is longer"},
        Wrong{"[managers]\n256 = \"192.0.2.1\"\n", 2, "manager id 256"},
        Wrong{"[managers]\n11 = \"192.0.2.300\"\n", 2, "looks like an address and is none"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\nchannels = [1]\n", 4, "out of range"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\nchannels = [2, 2]\n", 4, "stands twice"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\nchannels = [2]\ncapacity = 1\n", 5,
              "more than capacity"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\nchannels = 2\n", 4, "channels"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\nchannels = [168]\n", 4, "out of range"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\ncapacity = 168\n", 4, "out of range"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\nenable = 1\n", 4, "is not a truth value"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\ncolour = 3\n", 4, "unknown key colour"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\ndestination = \"02:00:00:00:00:01\"\n", 4,
              "destination is no group address"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\ndevice_prefix = \"a b\"\n", 4,
              "cannot be the name"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\nenable = true\n[[port]]\nname = \"a.s7\"\n", 5,
              "a.s7 is the name of an S-channel of a"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\nenable = true\n[[port]]\nname = \"b\"\n"
              "[port.cdcp]\nenable = true\ndevice_prefix = \"a\"\n",
              5, "S-channels of a and b would have the same devices"},
        Wrong{"[[port]]\nname = \"a\"\nrole = \"bridge\"\n[port.cdcp]\nsvid_pool = [2]\n", 5,
              "is not a range"},
        Wrong{"[[port]]\nname = \"a\"\n[port.cdcp]\nsvid_pool = [2, 9]\n", 4,
              "means nothing in role station"},
        Wrong{"[[port]]\nname = \"a\"\nrole = \"bridge\"\n[port.cdcp]\nsvid_pool = [9, 2]\n", 5,
              "is not a range"},
        Wrong{"[[port]]\nname = \"a\"\nrole = \"bridge\"\n[port.cdcp]\nchannels = [2]\n", 5,
              "means nothing in role bridge"},
        Wrong{"[[port]]\nname = \"enp101s0f1np1\"\n[port.cdcp]\nchannels = [2]\n", 3,
              "cannot be the name"},
        Wrong{"[managers]\n11 = true\n", 2, "neither text nor a number"}),
    [](const auto& each) { return "Number" + std::to_string(each.index); });

TEST(Config, EveryProblemIsToldAtOnce) {
  EXPECT_THAT(problems_of("colour = 1\n[agent]\nlog_level = \"loud\"\n[[port]]\nname = \"a/b\"\n"
                          "[port.evb]\nrte = 99\nrwd = 99\n"),
              SizeIs(5));
}

TEST(Config, AProblemIsPrintedAsFileLineColumnReasonAndRemedy) {
  EXPECT_EQ(to_string(problems_of("[[port]]\nname = \"a\"\n[port.evb]\nrte = 32\n").front()),
            "evbd.toml:4:7: port a evb: rte = 32 is out of range; write a whole number from 0 to "
            "31");
}

TEST(Config, AMissingFileIsAProblemOfItsOwn) {
  const auto config = load_config("/nowhere/evbd.toml");
  ASSERT_FALSE(config);
  EXPECT_THAT(to_string(config.error().front()),
              AllOf(HasSubstr("/nowhere/evbd.toml: cannot be read"), HasSubstr("No such file")));
}

TEST(Config, ReadsTypesFromAFileBesideItAndNamesThatFileInProblems) {
  const auto dir = testing::TempDir() + "evbd-config-test-" + std::to_string(::getpid());
  std::filesystem::create_directories(dir);
  std::ofstream(dir + "/types.toml") << "[[vsi_type]]\nid = 1\nversion = 0\nuntagged = 2\n";
  EXPECT_EQ(parse_config("types_file = \"types.toml\"\n", dir + "/evbd.toml")->types.size(), 1U);
  std::ofstream(dir + "/types.toml") << "[[vsi_type]]\nid = 1\nversion = 0\n";
  const auto config = parse_config("types_file = \"types.toml\"\n", dir + "/evbd.toml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().front().file, dir + "/types.toml");
  EXPECT_EQ(config.error().front().line, 1U);
  std::filesystem::remove_all(dir);
  EXPECT_THAT(
      parse_config("types_file = \"types.toml\"\n", dir + "/evbd.toml").error().front().what,
      HasSubstr("cannot be read"));
}

TEST(Config, SettingsDifferInWhateverAPortCanBeTold) {
  const std::string_view base = "[[port]]\nname = \"a\"\n";
  const auto plain = config_of(base).ports[0];
  EXPECT_TRUE(same_settings(plain, config_of(base).ports[0]));
  for (const auto* const more :
       {"max_vsis = 1\n", "lldp_destination = \"nearest-bridge\"\n", "[port.evb]\nrte = 3\n",
        "[port.lldp]\nmsg_tx_hold = 3\n", "[port.lldp]\ncapabilities = false\n",
        "[port.retry]\nfirst = 3\n", "[port.managers]\n1 = \"x\"\n"}) {
    EXPECT_FALSE(same_settings(plain, config_of(std::string(base) + more).ports[0])) << more;
  }
}

}  // namespace
}  // namespace agent
