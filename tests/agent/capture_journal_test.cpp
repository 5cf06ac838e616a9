// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "agent/capture/journal.hpp"
#include "agent/capture/stimulus_text.hpp"
#include "agent/replay/offline.hpp"

namespace agent::capture {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kHead =
    "evbd journal 1\nport eth0\nconfig role=station address=02:00:00:00:00:01\n";

std::string seed(const std::string& name) {
  std::ifstream file(std::string(EVB_SOURCE_DIR) + "/tests/fuzz/corpus/journal_fuzz/" + name);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A configuration in which no field has its default.
vdp::PortConfig strange_config() {
  vdp::PortConfig config;
  config.evb = {lldp::EvbRole::kBridge,    false, true, false, true, 7, 31, 1, 2,
                lldp::DialectChoice::kAuto};
  config.lldp.timers = {5, 2, 3, 4, 6, 7};
  config.lldp.admin_status = lldp::AdminStatus::kRxOnly;
  config.lldp.max_neighbors = 3;
  auto& local = config.lldp.local;
  local.chassis_id = {4, {1, 2, 3}};
  local.port_id = {5, {'e', ' ', '0'}};
  local.port_description = "100% \"Ärger\"=#,";
  local.system_name = "";
  local.system_description = "a\nb";
  local.capabilities = lldp::Capabilities{4, 0x80};
  local.management_addresses = {{1, {192, 0, 2, 1}, 2, 77, {}}, {6, {}, 3, 1, {1, 2}}};
  local.organizational = {{{0, 0x80, 0xC2}, 13, {}}, {{1, 2, 3}, 0, {9}}};
  config.address = {{2, 0, 0, 0, 0, 9}};
  config.lldp_destination = lldp::kNearestBridge;
  config.ecp_destination = {{1, 2, 3, 4, 5, 6}};
  config.mtu = 9000;
  config.retry = {std::chrono::microseconds(1), std::chrono::hours(1)};
  config.first_ecp_sequence = 65535;
  config.max_vsis = 0;
  config.cdcp = lldp::CdcpConfig{5, {7, 2, 167}, 3, 4093};
  config.cdcp_destination = {{1, 2, 3, 4, 5, 7}};
  return config;
}

vdp::FilterInfo all_parts() {
  vdp::FilterInfo filters;
  filters.format = vdp::FilterFormat::kGroupMacVid;
  filters.entries = {{7, {{2, 0, 0, 0, 0, 1}}, true, 5, 4094}, {0, {}, false, 3, 0}};
  return filters;
}

std::vector<vdp::Input> every_input() {
  vdp::VsiRequest request;
  request.id = {vdp::VsiIdFormat::kIpv4, {1, 2, 3}};
  request.type = vdp::AssociationType::kPreAssociateWithReservation;
  request.manager.octets[15] = 9;
  request.vsi_type = {0xFFFFFF, 255};
  request.filters = all_parts();
  request.migration = {true, true};
  request.organizational = {{{1, 2, 3}, {}}, {{4, 5, 6}, {7}}};
  static const base::Octets frame{1, 2, 0xFE};
  return {vdp::FrameReceived{frame},
          vdp::LinkChanged{true},
          vdp::LinkChanged{false},
          vdp::PortReconfigured{strange_config()},
          vdp::AdminStatusChanged{lldp::AdminStatus::kTxOnly},
          vdp::AssociateRequested{request},
          vdp::DeassociateRequested{{vdp::VsiIdFormat::kMac, {4}}, {false, true}},
          vdp::VsiTypeResolved{{request.id, 77}, vdp::Reason::kInvalidFilter, true, all_parts()},
          vdp::VsiAdmitted{{request.id, ~std::uint64_t{0}}, static_cast<vdp::Reason>(15)},
          vdp::BridgeDeassociated{{vdp::VsiIdFormat::kLocal, {5}}, vdp::Reason::kSuccess},
          vdp::ReflectiveRelayChanged{true},
          vdp::ReflectiveRelayChanged{false},
          vdp::TimePassed{}};
}

TEST(Journal, ConfigurationComesBackExactly) {
  const auto text = config_text(strange_config());
  const auto words = [&] {
    std::vector<std::string_view> pieces;
    std::string_view rest = text;
    while (!rest.empty()) {
      rest.remove_prefix(1);
      pieces.push_back(rest.substr(0, rest.find(' ')));
      rest.remove_prefix(pieces.back().size());
    }
    return pieces;
  }();
  const auto read = read_config(words);
  ASSERT_TRUE(read) << read.error();
  const auto strange = strange_config();
  EXPECT_EQ(read->evb, strange.evb);
  EXPECT_EQ(read->lldp, strange.lldp);
  EXPECT_EQ(read->address, strange.address);
  EXPECT_EQ(read->lldp_destination, strange.lldp_destination);
  EXPECT_EQ(read->ecp_destination, strange.ecp_destination);
  EXPECT_EQ(read->mtu, strange.mtu);
  EXPECT_EQ(read->retry, strange.retry);
  EXPECT_EQ(read->first_ecp_sequence, strange.first_ecp_sequence);
  EXPECT_EQ(read->max_vsis, strange.max_vsis);
  EXPECT_EQ(read->cdcp, strange.cdcp);
  EXPECT_EQ(read->cdcp_destination, strange.cdcp_destination);
}

TEST(Journal, EveryInputComesBack) {
  PortJournal port;
  port.port = "eth 0";
  port.from_start = false;
  port.began = -5;
  port.config = strange_config();
  base::Instant at{};
  for (const auto& input : every_input()) {
    port.stimuli.push_back({at, input, nullptr, false});
    at += std::chrono::microseconds(1'234'567);
  }
  port.stimuli.push_back({port.stimuli.back().at, vdp::LinkChanged{true}, nullptr, true});
  port.length = at.time_since_epoch();
  const auto text = print(Journal{{port, port}});
  const auto read = parse_journal(text);
  ASSERT_TRUE(read) << read.error().line << ": " << read.error().reason;
  ASSERT_EQ(read->ports.size(), 2U);
  ASSERT_EQ(read->ports[1].stimuli.size(), std::variant_size_v<vdp::Input> + 3);
  EXPECT_EQ(print(*read), text);
  EXPECT_EQ(read->ports[0].port, "eth 0");
  const auto& request = std::get<vdp::AssociateRequested>(read->ports[0].stimuli[5].input).request;
  EXPECT_EQ(request.filters, all_parts());
  EXPECT_EQ(request.id.format, vdp::VsiIdFormat::kIpv4);
  EXPECT_EQ(request.organizational.size(), 2U);
  const auto& frame = std::get<vdp::FrameReceived>(read->ports[1].stimuli[0].input).frame;
  EXPECT_THAT(frame, testing::ElementsAre(1, 2, 0xFE));
}

TEST(Journal, SeedsOfTheFuzzTargetAreRead) {
  for (const auto* const name : {"station", "bridge", "s-channels"}) {
    const auto read = parse_journal(seed(name));
    ASSERT_TRUE(read) << name << ", line " << read.error().line << ": " << read.error().reason;
  }
  EXPECT_THAT(replay::replay(*parse_journal(seed("bridge"))),
              StartsWith("port sw%201 begins=midway\n"));
}

struct Wrong {
  std::string text;  // behind kHead, unless it begins with "evbd"
  unsigned line;
  std::string reason;
};

TEST(Journal, RefusalsNameLineAndReason) {
  const std::string head(kHead);
  const Wrong wrongs[] = {
      {"evbd journal 2\n", 1, "does not begin with 'evbd journal 1'"},
      {"evbd journal 1\n", 1, "there is no port"},
      {"evbd journal 1\nconfig role=station\n", 2, "second line begins with 'port'"},
      {"evbd journal 1\nport\n", 2, "its name is missing"},
      {"evbd journal 1\nport a timers=late\n", 2, "recorded or deadlines"},
      {"evbd journal 1\nport a begins=never\n", 2, "at-start or midway"},
      {"evbd journal 1\nport a\n0.0 link up\n", 3, "'config' line has to come first"},
      {"evbd journal 1\nport a\nport b\n", 3, "has no 'config' line"},
      {"evbd journal 1\nport a\nconfig role=station\n", 3, "address= is missing"},
      {"evbd journal 1\nport a\nconfig role=king address=02:00:00:00:00:01\n", 3,
       "role: 'king' is no role"},
      {head + "config role=station address=02:00:00:00:00:01\n", 4, "has one already"},
      {head + "1.0 reconfigured role=bridge address=02:00:00:00:00:02 cdcp=168/2-9\n", 4,
       "cdcp: '168/2-9' is no CAPACITY/POOL_LOW-POOL_HIGH"},
      {head + "1.0 reconfigured role=bridge address=02:00:00:00:00:02 cdcp=9/2\n", 4,
       "cdcp: '9/2'"},
      {head + "1.0 reconfigured role=station address=02:00:00:00:00:02 cdcp=9/2-9/3/3\n", 4,
       "cdcp: '9/2-9/3/3'"},
      {head + "soon link up\n", 4, "'soon' is no time"},
      {head + "0.1234567 link up\n", 4, "is no time"},
      {head + "2.0 link up\n1.0 link down\n", 5, "before that of the line above"},
      {head + "1.0 end\n2.0 link up\n", 5, "has ended"},
      {head + "1.0\n", 4, "nothing follows the time"},
      {head + "1.0 dance\n", 4, "'dance' is no stimulus; known are frame"},
      {head + "1.0 frame 123\n", 4, "frame: it takes the frame's octets"},
      {head + "1.0 link sideways\n", 4, "link: it takes one word, up or down"},
      {head + "1.0 associate type=associate\n", 4, "associate: vsi= is missing"},
      {head + "1.0 deassociate vsi=5\n", 4, "vsi: '5' is no VSI id"},
      {head + "1.0 deassociate vsi=mac:00 mac=1\n", 4, "vsi: 'mac:00' is no VSI id"},
      {head + "1.0 admitted vsi=00000000000000000000000000000001 reason=16\n", 4,
       "reason: '16' is no reason"},
      {head + "1.0 admitted vsi=00000000000000000000000000000001 colour=red\n", 4,
       "'colour' is not known here"},
      {head + "1.0 admitted vsi=00000000000000000000000000000001 question=1 question=2\n", 4,
       "'question' stands twice"},
      {head + "1.0 + link up\n", 4, "+: no stimulus of the same instant"},
      {head + "1.0 link up\n1.1 + time\n", 5, "+: no stimulus of the same instant"},
      {head + "1.0 time now\n", 4, "time: it takes nothing"},
      {"evbd journal 1\nport a timers=deadlines\nconfig role=station address=02:00:00:00:00:01\n"
       "1.0 time\n",
       4, "timers=recorded only"},
  };
  for (const auto& wrong : wrongs) {
    const auto read = parse_journal(wrong.text);
    ASSERT_FALSE(read) << wrong.text;
    EXPECT_EQ(read.error().line, wrong.line) << wrong.text;
    EXPECT_THAT(read.error().reason, HasSubstr(wrong.reason)) << wrong.text;
  }
}

TEST(Journal, CommentsAndEmptyLinesCountForNothing) {
  const auto read = parse_journal(std::string(kHead) + "\n# a remark\n0.5 link up # now\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->ports[0].stimuli.size(), 1U);
  EXPECT_EQ(read->ports[0].length, std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace agent::capture
