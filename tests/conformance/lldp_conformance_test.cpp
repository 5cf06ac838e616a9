// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "lldp/organizational.hpp"
#include "tests/support/pcap_reader.hpp"
#include "tests/support/scripted_bridge.hpp"

// The statements on LLDP (802.1AB-2016) that a station has to fulfil, one test each. Where the name
// ends in Assumption, the statement rests on one source or on an interpretation.

namespace {

using namespace std::chrono_literals;
using lldp::AdminStatus;
using support::from_hex;
using support::ScriptedBridge;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kMandatory = "0207 04 02000000b001  0405 05 73777031  0602 0079";
constexpr auto kEvb = "fe09 0080c20d 0200 6e54 14";

base::Octets lldpdu(const std::string& optional, const std::string& end = "0000") {
  return from_hex(kMandatory + optional + end);
}

std::vector<base::Duration> times(const ScriptedBridge& bridge) {
  std::vector<base::Duration> at;
  for (const auto& sent : bridge.lldpdus()) at.push_back(sent.at.time_since_epoch());
  return at;
}

void set_admin(ScriptedBridge& bridge, AdminStatus status) {
  bridge.feed(vdp::AdminStatusChanged{status});
}

TEST(Conformance, L01_GoesToTheNearestCustomerBridge) {
  // LLDPDUs for EVB go to 01-80-C2-00-00-00, Ethertype 88CC, untagged, source = the port's MAC.
  ScriptedBridge bridge;
  bridge.link(true);
  ASSERT_THAT(bridge.frames(), SizeIs(1));
  EXPECT_EQ(support::to_hex(base::Bytes(bridge.frames()[0].octets).first(14)),
            "0180c2000000"
            "02000000a001"
            "88cc");
}

TEST(Conformance, L02_BeginsWithTheMandatoryTlvsAndEndsWithEnd) {
  // TLVs 1, 2, 3 come first in that order, once each; the last TLV is 0000.
  auto config = ScriptedBridge::station_config();
  config.lldp.local.system_name = "host";
  ScriptedBridge bridge(config);
  bridge.link(true);
  const auto payload = bridge.frames().at(0).payload;
  std::vector<unsigned> types;
  for (std::size_t at = 0; at + 1 < payload.size();) {
    types.push_back(payload[at] >> 1U);
    if (types.back() == 0) {
      EXPECT_EQ(payload[at + 1], 0);
      EXPECT_TRUE(std::all_of(payload.begin() + static_cast<std::ptrdiff_t>(at), payload.end(),
                              [](auto octet) { return octet == 0; }));
      break;
    }
    at += 2U + ((payload[at] & 1U) << 8U) + payload[at + 1];
  }
  EXPECT_THAT(types, ElementsAre(1U, 2U, 3U, 5U, 127U, 0U));
}

TEST(Conformance, L03_TtlIsIntervalTimesHoldPlusOne) {
  // TTL = min(65535, interval x hold + 1): 121 by default, follows the configuration.
  const auto ttl = [](unsigned interval, unsigned hold) {
    auto config = ScriptedBridge::station_config();
    config.lldp.timers.msg_tx_interval = interval;
    config.lldp.timers.msg_tx_hold = hold;
    ScriptedBridge bridge(config);
    bridge.link(true);
    return bridge.lldpdus().at(0).what.ttl;
  };
  EXPECT_EQ(ttl(30, 4), 121);
  EXPECT_EQ(ttl(5, 2), 11);
  EXPECT_EQ(ttl(32768, 10), 65535);
}

TEST(Conformance, L04_SendsOneLldpduEveryInterval) {
  // Steady state: one LLDPDU every msgTxInterval.
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.advance(100s);
  EXPECT_THAT(times(bridge), ElementsAre(0s, 30s, 60s, 90s));
}

TEST(Conformance, L05_StartsFastForANewNeighbor) {
  // A new neighbour triggers a fast start: 4 LLDPDUs about 1 s apart, then 30 s again.
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.advance(10s);
  bridge.clear();
  bridge.send_lldpdu(lldpdu(""));
  bridge.advance(50s);
  EXPECT_THAT(times(bridge), ElementsAre(10s, 11s, 12s, 13s, 43s));
}

TEST(Conformance, L06_DoesNotStartFastForTheSameNeighborAgain) {
  // The same neighbour again does not trigger a fast start.
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.send_lldpdu(lldpdu(""));
  bridge.advance(20s);
  bridge.clear();
  bridge.send_lldpdu(lldpdu(""));
  bridge.advance(5s);
  EXPECT_THAT(times(bridge), IsEmpty());
}

TEST(Conformance, L07_SendsAtMostTheCreditInABurstAndThenOneEachSecond) {
  // Never more than txCreditMax (5) LLDPDUs in a burst, then at most 1/s.
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.advance(10s);
  bridge.clear();
  auto config = ScriptedBridge::station_config();
  for (int i = 0; i < 20; ++i) {
    config.evb.reflective_relay = !config.evb.reflective_relay;
    bridge.reconfigure(config);
    bridge.advance(50ms);
  }
  bridge.advance(10s);
  const auto at = times(bridge);
  EXPECT_LE(at.size(), 6U);
  for (std::size_t i = 5; i < at.size(); ++i) {
    EXPECT_GE(at[i] - at[i - 5], 950ms);
    EXPECT_GE(at[i] - at[i - 1], 750ms);
  }
  EXPECT_EQ(bridge.last_evb_tlv()->relay_request, config.evb.reflective_relay);
}

TEST(Conformance, L08_SendsALocalChangeAtOnce) {
  // A local change is sent at once, not at the next interval.
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.advance(10s);
  bridge.clear();
  auto config = ScriptedBridge::station_config();
  config.evb.reflective_relay = false;
  bridge.reconfigure(config);
  EXPECT_THAT(times(bridge), ElementsAre(10s));
  EXPECT_FALSE(bridge.last_evb_tlv()->relay_request);
}

TEST(Conformance, L09_SendsOneShutdownLldpduWhenDisabled_Assumption) {
  // adminStatus disabled / daemon stop: one shutdown LLDPDU: TLVs 1, 2, 3 (TTL 0), End only.
  ScriptedBridge bridge;
  bridge.bring_up();
  set_admin(bridge, AdminStatus::kDisabled);
  bridge.advance(60s);
  const auto sent = bridge.frames();
  ASSERT_THAT(sent, SizeIs(1));
  auto expected = from_hex("0207 04 02000000a001 0405 05 65746830 0602 0000 0000");
  expected.resize(sent[0].payload.size());  // padding
  EXPECT_EQ(sent[0].payload, expected);
}

TEST(Conformance, L10_WaitsReinitDelayAfterADisable) {
  // After a disable, no re-initialisation before reinitDelay (2 s).
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.advance(10s);
  set_admin(bridge, AdminStatus::kDisabled);
  set_admin(bridge, AdminStatus::kTxAndRx);
  bridge.clear();
  bridge.advance(10s);
  EXPECT_THAT(times(bridge), ElementsAre(12s));
}

TEST(Conformance, L11_DoesWhatItsAdminStatusAllows) {
  // rxOnly sends nothing; txOnly stores nothing; disabled does neither and forgets.
  const auto run = [](AdminStatus status) {
    auto config = ScriptedBridge::station_config();
    config.lldp.admin_status = status;
    ScriptedBridge bridge(config);
    bridge.link(true);
    bridge.send_lldp(ScriptedBridge::bridge_tlv());
    bridge.advance(40s);
    return std::pair(!bridge.frames().empty(), !bridge.port.neighbors().empty());
  };
  EXPECT_EQ(run(AdminStatus::kRxOnly), std::pair(false, true));
  EXPECT_EQ(run(AdminStatus::kTxOnly), std::pair(true, false));
  EXPECT_EQ(run(AdminStatus::kDisabled), std::pair(false, false));
  EXPECT_EQ(run(AdminStatus::kTxAndRx), std::pair(true, true));

  ScriptedBridge bridge;
  bridge.bring_up();
  set_admin(bridge, AdminStatus::kDisabled);
  EXPECT_THAT(bridge.port.neighbors(), IsEmpty());
  EXPECT_FALSE(bridge.port.evb().operational().on);
}

/// Injects an LLDPDU that has to be dropped whole: stored data stays, the error counters count.
void expect_dropped(const std::string& hex) {
  ScriptedBridge bridge;
  bridge.bring_up();
  const auto before = bridge.port.lldp_counters();
  bridge.send_lldpdu(from_hex(hex));
  const auto& after = bridge.port.lldp_counters();
  EXPECT_THAT(bridge.port.neighbors(), SizeIs(1)) << hex;
  EXPECT_TRUE(bridge.port.evb().operational().on) << hex;
  EXPECT_EQ(after.frames_discarded, before.frames_discarded + 1) << hex;
  EXPECT_EQ(after.frames_in_errors, before.frames_in_errors + 1) << hex;
  EXPECT_THAT(bridge.outputs_of<vdp::FrameRefused>(), SizeIs(1)) << hex;
}

TEST(Conformance, L12_DropsAFrameWithoutItsMandatoryTlvs) {
  // A frame with TLV 1/2/3 missing, swapped or duplicated is dropped whole, stored data untouched,
  // error counters +1.
  const std::string chassis = "0207 04 02000000b001";
  const std::string port = "0405 05 73777031";
  const std::string ttl = "0602 0079";
  for (const auto& hex :
       {port + ttl, chassis + ttl, chassis + port, port + chassis + ttl, chassis + ttl + port,
        chassis + chassis + port + ttl, chassis + port + ttl + chassis, chassis + port + ttl + port,
        chassis + port + ttl + ttl}) {
    expect_dropped(hex + "0000");
  }
}

TEST(Conformance, L13_DropsIdentifiersOfImpossibleLength_Assumption) {
  // Chassis or port ID information of 0, 1 or 257+ octets -> dropped whole.
  const std::string rest = "0602 0079 0000";
  const std::string too_long(257 * 2, '7');
  for (const auto& id : {std::string("00"), std::string("01 04")}) {
    expect_dropped("02" + id + "0405 05 73777031" + rest);
    expect_dropped("0207 04 02000000b001 04" + id + rest);
  }
  expect_dropped("0301" + too_long + "0405 05 73777031" + rest);
  expect_dropped("0207 04 02000000b001 0501" + too_long + rest);
}

TEST(Conformance, L14_DropsATtlOfOneOctet_Assumption) {
  // TTL information of 1 octet -> dropped; 3 octets -> accepted or dropped, no crash.
  expect_dropped("0207 04 02000000b001 0405 05 73777031 0601 79 0000");
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.send_lldpdu(from_hex("0207 04 02000000b001 0405 05 73777031 0603 007900 0000"));
  ASSERT_THAT(bridge.port.neighbors(), SizeIs(1));
  EXPECT_EQ(bridge.port.neighbors()[0].ttl, 121);
}

TEST(Conformance, L15_SkipsWhatItDoesNotKnow) {
  // Reserved types 9-126 and unknown organisational TLVs are skipped, the rest of the PDU is used.
  for (unsigned type = 9; type <= 126; ++type) {
    ScriptedBridge bridge;
    bridge.link(true);
    auto octets = from_hex(kMandatory);
    base::append_u16(octets, static_cast<std::uint16_t>(type << 9U | 2U));
    base::append(octets, from_hex("aabb fe06 001b3f00 0102" + std::string(kEvb) + "0000"));
    bridge.send_lldpdu(octets);
    EXPECT_TRUE(bridge.port.evb().operational().on) << type;
    EXPECT_EQ(bridge.port.lldp_counters().tlvs_unrecognized, 1U) << type;
  }
}

TEST(Conformance, L16_NeverReadsPastTheFrame_Assumption) {
  // A TLV running past the frame never causes reads beyond it; the EVB TLV before it may still
  // count. (The sanitizers watch the reads.)
  const auto whole = lldp::encode_ethernet({lldp::kNearestCustomerBridge, support::kBridgeAddress,
                                            lldp::kLldpEthertype,
                                            lldpdu(std::string(kEvb) + "0a04 61626364", "")});
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    ScriptedBridge bridge;
    bridge.link(true);
    bridge.inject(base::Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_EQ(bridge.port.evb().operational().on, size >= 14U + 20 + 11) << size;
  }
}

TEST(Conformance, L17_NeedsNoEndTlvAndIgnoresWhatFollowsIt_Assumption) {
  // An LLDPDU without End TLV is accepted; octets after End are ignored.
  for (const auto* end : {"", "0000", "0000ffffffff", "0000 0405 05 73777031"}) {
    ScriptedBridge bridge;
    bridge.link(true);
    auto frame = from_hex("0180c2000000 02000000b001 88cc");
    base::append(frame, lldpdu("0a14" + std::string(40, '6') + kEvb, end));
    bridge.inject(frame);  // longer than the minimum: no padding stands in for the End TLV
    EXPECT_TRUE(bridge.port.evb().operational().on) << end;
  }
}

TEST(Conformance, L18_ForgetsTheSenderOfATtlOfZeroAtOnce) {
  // TTL 0 deletes that MSAP at once; other neighbours stay. RRSTAT is unknown in the next LLDPDU.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.send_lldpdu(lldp::encode_lldpdu(ScriptedBridge::system_information(2), 121).octets);
  ASSERT_THAT(bridge.port.neighbors(), SizeIs(2));
  bridge.advance(5s);
  bridge.clear();
  bridge.send_shutdown_lldpdu();
  ASSERT_THAT(bridge.port.neighbors(), SizeIs(1));
  EXPECT_EQ(bridge.port.neighbors()[0].information, ScriptedBridge::system_information(2));
  ASSERT_TRUE(bridge.last_evb_tlv());
  EXPECT_EQ(bridge.last_evb_tlv()->relay_status, lldp::RelayStatus::kUnknown);
}

TEST(Conformance, L19_ForgetsASilentNeighborWhenItsTtlRunsOut) {
  // Data of a silent neighbour goes when its TTL runs out (+-1 s).
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.send_lldp(ScriptedBridge::bridge_tlv(), 3);
  bridge.advance(2900ms);
  EXPECT_TRUE(bridge.port.evb().operational().on);
  bridge.advance(200ms);
  EXPECT_FALSE(bridge.port.evb().operational().on);
  EXPECT_EQ(bridge.last_evb_tlv()->relay_status, lldp::RelayStatus::kUnknown);
}

TEST(Conformance, L20_ALaterLldpduWithoutTheEvbTlvRemovesIt_Assumption) {
  // A later LLDPDU without the EVB TLV removes EVB information.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.advance(5s);
  bridge.clear();
  bridge.send_lldp(std::vector<lldp::OrganizationalTlv>{});
  EXPECT_THAT(bridge.port.neighbors(), SizeIs(1));
  EXPECT_FALSE(bridge.port.evb().operational().on);
  EXPECT_EQ(bridge.last_evb_tlv()->relay_status, lldp::RelayStatus::kUnknown);
}

TEST(Conformance, L21_HearsItsOwnDestinationAddressOnly) {
  // LLDPDUs for 00-0E or 00-03 do not change the agent of 00-00 and the reverse.
  for (const auto& own :
       {lldp::kNearestBridge, lldp::kNearestNonTpmrBridge, lldp::kNearestCustomerBridge}) {
    auto config = ScriptedBridge::station_config();
    config.lldp_destination = own;
    ScriptedBridge bridge(config);
    bridge.link(true);
    for (const auto& destination :
         {lldp::kNearestBridge, lldp::kNearestNonTpmrBridge, lldp::kNearestCustomerBridge}) {
      if (destination == own) continue;
      bridge.send_lldpdu(lldpdu(kEvb), destination);
      EXPECT_THAT(bridge.port.neighbors(), IsEmpty());
    }
    bridge.send_lldpdu(lldpdu(kEvb), own);
    EXPECT_THAT(bridge.port.neighbors(), SizeIs(1));
    EXPECT_EQ(bridge.frames().at(0).destination, own);
  }
}

TEST(Conformance, L22_CountsNeighborsForWhichThereIsNoRoom) {
  // More neighbours than room: counted as drops, tooManyNeighbors set until the longest refused TTL
  // ends.
  ScriptedBridge bridge;
  bridge.link(true);
  const auto room = ScriptedBridge::station_config().lldp.max_neighbors;
  for (unsigned i = 1; i <= room + 2; ++i) {
    const auto ttl = static_cast<std::uint16_t>(i == room + 1 ? 50 : 20);
    bridge.send_lldpdu(lldp::encode_lldpdu(ScriptedBridge::system_information(i), ttl).octets);
  }
  EXPECT_THAT(bridge.port.neighbors(), SizeIs(room));
  EXPECT_EQ(bridge.port.lldp_counters().drops, 2U);
  EXPECT_TRUE(bridge.port.too_many_neighbors());
  bridge.advance(49s);
  EXPECT_TRUE(bridge.port.too_many_neighbors());
  bridge.advance(1s);
  EXPECT_FALSE(bridge.port.too_many_neighbors());
}

TEST(Conformance, L23_TellsPortsOfOneChassisApart) {
  // Two neighbours with the same chassis ID and another port ID are two MSAPs.
  ScriptedBridge bridge;
  bridge.link(true);
  for (const unsigned port : {1U, 2U, 1U}) {
    bridge.send_lldpdu(lldp::encode_lldpdu(ScriptedBridge::system_information(port), 121).octets);
  }
  EXPECT_THAT(bridge.port.neighbors(), SizeIs(2));
}

TEST(Conformance, L24_StartsAfreshWithTheLink) {
  // Port down stops sending; port up starts again with a fresh machine.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.link(false);
  bridge.clear();
  bridge.advance(100s);
  EXPECT_THAT(bridge.frames(), IsEmpty());
  bridge.link(true);
  ASSERT_THAT(times(bridge), ElementsAre(100s));
  EXPECT_EQ(bridge.last_evb_tlv()->relay_status, lldp::RelayStatus::kUnknown);
  bridge.advance(31s);
  EXPECT_THAT(times(bridge), ElementsAre(100s, 130s));
}

}  // namespace
