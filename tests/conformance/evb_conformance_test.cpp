// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lldp/organizational.hpp"
#include "tests/support/pcap_reader.hpp"
#include "tests/support/scripted_bridge.hpp"

// The statements on the EVB TLV (802.1Q D.2.12) that a station has to fulfil, one test each. Where
// the name ends in Assumption, the statement rests on one source or on an interpretation.

namespace {

using namespace std::chrono_literals;
using lldp::EvbMode;
using lldp::EvbTlv;
using lldp::RelayStatus;
using support::from_hex;
using support::ScriptedBridge;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kMandatory = "0207 04 02000000b001  0405 05 73777031  0602 0079";

/// The EVB TLV of the last LLDPDU as it stood on the wire, header included.
std::string evb_octets(const ScriptedBridge& bridge) {
  const auto hex = support::to_hex(bridge.frames_of(lldp::kLldpEthertype).back().payload);
  const auto at = hex.find("0080c20d");
  return at == std::string::npos ? "" : hex.substr(at - 4, 22);
}

/// Gaps between the transmissions of an ECPDU that nobody acknowledges.
std::vector<base::Duration> ecp_gaps(ScriptedBridge& bridge) {
  bridge.clear();
  bridge.associate(ScriptedBridge::request());
  bridge.advance(10s);
  std::vector<base::Duration> gaps;
  const auto sent = bridge.ecp_requests();
  for (std::size_t i = 1; i < sent.size() && sent[i].sequence == sent[0].sequence; ++i) {
    gaps.push_back(sent[i].at - sent[i - 1].at);
  }
  return gaps;
}

/// The times of VDP as a client sees them: from a request that ECP acknowledges and VDP does not
/// answer to the failure.
base::Duration response_wait(ScriptedBridge& bridge) {
  bridge.clear();
  const auto begun = bridge.now;
  bridge.associate(ScriptedBridge::request());
  bridge.ack_last();
  while (bridge.now - begun < 1h) {
    for (const auto& change : bridge.outputs_of<vdp::VsiChanged>()) {
      if (change.what.cause == vdp::VsiCause::kNoResponse) return change.at - begun;
    }
    const auto deadline = bridge.port.deadline();
    if (!deadline) break;
    // A bridge that goes on saying that it is there.
    if (const auto remote = bridge.port.evb().remote()) bridge.send_lldp(*remote);
    bridge.advance(std::max(*deadline - bridge.now, base::Duration(1)));
  }
  ADD_FAILURE() << "the request did not fail";
  return {};
}

/// From the bridge's yes to the station's keep-alive.
base::Duration keep_alive_gap(ScriptedBridge& bridge) {
  bridge.associate(ScriptedBridge::request());
  bridge.answer_last();
  const auto answered = bridge.now;
  bridge.clear();
  for (int i = 0; i < 1000 && bridge.ecp_requests().empty(); ++i) {
    if (const auto remote = bridge.port.evb().remote()) bridge.send_lldp(*remote);
    bridge.advance(std::max(*bridge.port.deadline() - bridge.now, base::Duration(1)));
  }
  const auto sent = bridge.ecp_requests();
  EXPECT_THAT(sent, testing::Not(IsEmpty()));
  return sent.empty() ? base::Duration{} : sent.front().at - answered;
}

TEST(Conformance, E01_HasTheLayoutOfTheStandard) {
  // Information length 9, OUI 0080C2, subtype 0D, mode 2, reserved bits 0.
  ScriptedBridge bridge;
  bridge.link(true);
  const auto octets = from_hex(evb_octets(bridge));
  ASSERT_THAT(octets, SizeIs(11));
  EXPECT_EQ(support::to_hex(base::Bytes(octets).first(6)), "fe090080c20d");
  EXPECT_EQ(octets[6] & 0xF8U, 0U);
  EXPECT_EQ(octets[7] & 0xF0U, 0U);
  EXPECT_EQ(octets[9] >> 6U, 2U);
  EXPECT_EQ(octets[10] & 0xC0U, 0U);
}

TEST(Conformance, E02_ProposesTheDefaults) {
  // Defaults on the wire: R 3, RTE 14, RWD 20, RKA 20.
  ScriptedBridge bridge;
  bridge.link(true);
  const auto tlv = bridge.last_evb_tlv();
  ASSERT_TRUE(tlv);
  EXPECT_EQ(tlv->max_retries, 3);
  EXPECT_EQ(tlv->retransmit_exponent, 14);
  EXPECT_EQ(tlv->resource_wait_delay, 20);
  EXPECT_EQ(tlv->reinit_keep_alive, 20);
}

TEST(Conformance, E03_AsksForWhatIsConfigured) {
  // RRREQ follows the configuration; SGID follows the configuration.
  ScriptedBridge bridge;
  bridge.link(true);
  auto config = ScriptedBridge::station_config();
  for (const bool on : {false, true}) {
    config.evb.reflective_relay = on;
    config.evb.group_ids = !on;
    bridge.reconfigure(config);
    EXPECT_EQ(bridge.last_evb_tlv()->relay_request, on);
    EXPECT_EQ(bridge.last_evb_tlv()->station_group_ids, !on);
  }
}

TEST(Conformance, E04_KnowsNothingOfTheRelayBeforeABridgeIsHeard_Assumption) {
  // Before any bridge TLV: RRSTAT 2 or 3, bridge octet 0.
  ScriptedBridge bridge;
  bridge.link(true);
  const auto octets = from_hex(evb_octets(bridge));
  EXPECT_EQ(octets.at(6), 0);
  EXPECT_GE(octets.at(7) & 3U, 2U);
}

TEST(Conformance, E05_FollowsRrctrAtOnce) {
  // Bridge RRCTR=1 -> RRSTAT 1; RRCTR=0 -> RRSTAT 0, in the next LLDPDU, sent at once.
  ScriptedBridge bridge;
  bridge.bring_up();
  bridge.advance(20s);
  auto tlv = ScriptedBridge::bridge_tlv();
  for (const bool on : {true, false, true}) {
    bridge.clear();
    tlv.relay_control = on;
    bridge.send_lldp(tlv);
    ASSERT_THAT(bridge.lldpdus(), SizeIs(1));
    EXPECT_EQ(bridge.last_evb_tlv()->relay_status, on ? RelayStatus::kOn : RelayStatus::kOff);
  }
}

TEST(Conformance, E06_RepeatsTheBridgeStatus_Assumption) {
  // The bridge octet of what we send repeats what the bridge sent (BGID, RRCAP, RRCTR).
  for (unsigned status = 0; status < 8; ++status) {
    ScriptedBridge bridge;
    auto tlv = ScriptedBridge::bridge_tlv();
    tlv.bridge_group_ids = (status & 4U) != 0;
    tlv.relay_capable = (status & 2U) != 0;
    tlv.relay_control = (status & 1U) != 0;
    bridge.link(true);
    bridge.send_lldp(tlv);
    EXPECT_EQ(from_hex(evb_octets(bridge)).at(6), status);
  }
}

TEST(Conformance, E07_NeitherHeedsNorRepeatsReservedBits_Assumption) {
  // Reserved bits set by the bridge are ignored and not repeated as ours.
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.send_lldpdu(from_hex(std::string(kMandatory) + "fe09 0080c20d ff f0 6e 54 d4 0000"));
  EXPECT_TRUE(bridge.port.evb().operational().on);
  const auto octets = from_hex(evb_octets(bridge));
  EXPECT_EQ(octets.at(6), 0x07);
  EXPECT_EQ(octets.at(7) & 0xF0U, 0U);
  EXPECT_EQ(octets.at(10) & 0xC0U, 0U);
}

TEST(Conformance, E08_UsesTheLargerOfBothProposals) {
  // Operational R, RTE, RWD, RKA = max of both sides.
  auto larger = ScriptedBridge::bridge_tlv();
  larger.max_retries = 5;
  larger.retransmit_exponent = 16;
  larger.resource_wait_delay = 22;
  larger.reinit_keep_alive = 21;
  auto smaller = ScriptedBridge::bridge_tlv();
  smaller.max_retries = 0;
  smaller.retransmit_exponent = smaller.resource_wait_delay = smaller.reinit_keep_alive = 5;

  ScriptedBridge with_larger;
  with_larger.bring_up(larger);
  EXPECT_EQ(ecp_gaps(with_larger), std::vector<base::Duration>(5, 655360us));
  ScriptedBridge with_smaller;
  with_smaller.bring_up(smaller);
  EXPECT_EQ(ecp_gaps(with_smaller), std::vector<base::Duration>(3, 163840us));

  ScriptedBridge waits_longer;
  waits_longer.bring_up(larger);
  EXPECT_EQ(response_wait(waits_longer), (41943040us + 11 * 655360us) * 3 / 2);
  ScriptedBridge waits_as_proposed;
  waits_as_proposed.bring_up(smaller);
  EXPECT_EQ(response_wait(waits_as_proposed), 17448960us);

  ScriptedBridge keeps_alive_later;
  keeps_alive_later.bring_up(larger);
  EXPECT_EQ(keep_alive_gap(keeps_alive_later), 20971520us);
  ScriptedBridge keeps_alive_as_proposed;
  keeps_alive_as_proposed.bring_up(smaller);
  EXPECT_EQ(keep_alive_gap(keeps_alive_as_proposed), 10485760us);
}

TEST(Conformance, E09_ComesDownWhenThePeersValueShrinks_Assumption) {
  // The peer's value shrinking again brings the max down again (no latch).
  ScriptedBridge bridge;
  auto tlv = ScriptedBridge::bridge_tlv();
  tlv.retransmit_exponent = 16;
  tlv.reinit_keep_alive = 25;
  bridge.bring_up(tlv);
  EXPECT_EQ(bridge.port.evb().operational().reinit_keep_alive, 25);
  tlv.retransmit_exponent = 10;
  tlv.reinit_keep_alive = 10;
  bridge.send_lldp(tlv);
  EXPECT_EQ(bridge.port.evb().operational().reinit_keep_alive, 20);
  EXPECT_EQ(bridge.last_evb_tlv()->reinit_keep_alive, 20);
  EXPECT_EQ(ecp_gaps(bridge), std::vector<base::Duration>(3, 163840us));
}

TEST(Conformance, E10_MarksWhoseValueIsInUse) {
  // ROL bit = 1 when the remote's larger value is used, 0 when ours is.
  ScriptedBridge bridge;
  auto tlv = ScriptedBridge::bridge_tlv();
  tlv.resource_wait_delay = 25;
  tlv.reinit_keep_alive = 10;
  bridge.link(true);
  bridge.send_lldp(tlv);
  EXPECT_TRUE(bridge.last_evb_tlv()->remote_rwd);
  EXPECT_FALSE(bridge.last_evb_tlv()->remote_rka);
  tlv.resource_wait_delay = 10;
  tlv.reinit_keep_alive = 25;
  bridge.send_lldp(tlv);
  EXPECT_FALSE(bridge.last_evb_tlv()->remote_rwd);
  EXPECT_TRUE(bridge.last_evb_tlv()->remote_rka);
}

TEST(Conformance, E11_UsesLocalValuesInManualMode) {
  // Manual mode: local values only.
  auto config = ScriptedBridge::station_config();
  config.evb.manual = true;
  auto tlv = ScriptedBridge::bridge_tlv();
  tlv.max_retries = 7;
  tlv.retransmit_exponent = tlv.resource_wait_delay = tlv.reinit_keep_alive = 25;
  ScriptedBridge bridge(config);
  bridge.bring_up(tlv);
  EXPECT_EQ(ecp_gaps(bridge), std::vector<base::Duration>(3, 163840us));
  ScriptedBridge waiting(config);
  waiting.bring_up(tlv);
  EXPECT_EQ(response_wait(waiting), 17448960us);
}

/// Whether an association makes the station speak ECP with this neighbour.
bool speaks_ecp(ScriptedBridge& bridge) {
  bridge.associate(ScriptedBridge::request());
  bridge.advance(30s);
  return !bridge.frames_of(lldp::kEcpEthertype).empty();
}

TEST(Conformance, E12_DoesNotStartWithAnotherModeThanBridge) {
  // An EVB TLV with mode 2, 0 or 3 from the peer does not start EVB.
  for (unsigned mode = 0; mode < 4; ++mode) {
    ScriptedBridge bridge;
    bridge.link(true);
    auto octets = from_hex(std::string(kMandatory) + "fe09 0080c20d 02 00 6e 14 14 0000");
    octets[octets.size() - 4] = static_cast<std::uint8_t>(octets[octets.size() - 4] | mode << 6U);
    bridge.send_lldpdu(octets);
    EXPECT_EQ(speaks_ecp(bridge), mode == 1) << mode;
  }
}

TEST(Conformance, E13_IgnoresATlvThatIsTooShort_Assumption) {
  // An EVB TLV shorter than 9 octets is ignored, the rest of the PDU is used; longer: the first 9
  // are used or all ignored.
  for (const auto* short_tlv : {"fe08 0080c20d 02 00 6e 54", "fe04 0080c20d"}) {
    ScriptedBridge bridge;
    bridge.link(true);
    bridge.send_lldpdu(from_hex(std::string(kMandatory) + short_tlv + "0a01 61 0000"));
    ASSERT_THAT(bridge.port.neighbors(), SizeIs(1));
    EXPECT_EQ(bridge.port.neighbors()[0].information.system_name, "a");
    EXPECT_FALSE(speaks_ecp(bridge));
  }
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.send_lldpdu(from_hex(std::string(kMandatory) + "fe0b 0080c20d 03 00 ce 54 14 ffff 0000"));
  EXPECT_EQ(bridge.port.evb().operational().max_retries, 6);
  EXPECT_TRUE(speaks_ecp(bridge));
}

TEST(Conformance, E14_IsSilentAndDeafWithoutTransmission) {
  // Transmit disabled: no EVB TLV in what we send, a received one has no effect.
  auto config = ScriptedBridge::station_config();
  config.evb.transmit = false;
  ScriptedBridge bridge(config);
  bridge.link(true);
  bridge.send_lldp(ScriptedBridge::bridge_tlv());
  EXPECT_FALSE(speaks_ecp(bridge));
  for (const auto& sent : bridge.lldpdus()) {
    EXPECT_FALSE(lldp::find_evb_tlv(sent.what.information));
  }
}

/// The states that the client was told of, the last one first to look at.
vdp::VsiCause last_cause(const ScriptedBridge& bridge) {
  const auto changes = bridge.outputs_of<vdp::VsiChanged>();
  EXPECT_THAT(changes, testing::Not(IsEmpty()));
  return changes.empty() ? vdp::VsiCause::kRequested : changes.back().what.cause;
}

TEST(Conformance, E15_TakesBackEverythingWhenTheBridgeIsLostAndRetries_Assumption) {
  // Bridge lost (TTL, shutdown): RRSTAT unknown, no more ECP, clients told, associations retried
  // when it returns.
  for (const bool by_shutdown : {true, false}) {
    ScriptedBridge bridge;
    bridge.bring_up();
    bridge.associate(ScriptedBridge::request());
    bridge.answer_last();
    ASSERT_EQ(last_cause(bridge), vdp::VsiCause::kConfirmed);
    bridge.send_lldp(ScriptedBridge::bridge_tlv(), 5);
    bridge.clear();
    if (by_shutdown) bridge.send_shutdown_lldpdu();
    bridge.advance(5s);
    EXPECT_EQ(last_cause(bridge), vdp::VsiCause::kEvbLost);
    EXPECT_EQ(bridge.last_evb_tlv()->relay_status, RelayStatus::kUnknown);
    bridge.clear();
    bridge.advance(60s);
    EXPECT_THAT(bridge.frames_of(lldp::kEcpEthertype), IsEmpty());
    bridge.send_lldp(ScriptedBridge::bridge_tlv());
    bridge.advance(1s);
    ASSERT_THAT(bridge.ecp_requests(), testing::Not(IsEmpty()));
    bridge.answer_last();
    EXPECT_EQ(last_cause(bridge), vdp::VsiCause::kConfirmed);
  }
}

TEST(Conformance, E16_DoesNotStartWithTheDraftsTlv) {
  // The draft's TLV 00-1B-3F does not start ratified ECP/VDP.
  ScriptedBridge bridge;
  bridge.link(true);
  bridge.send_lldpdu(
      from_hex(std::string(kMandatory) + "fe0d 001b3f00 40 07 40 07 0cdf 0000 0f 0000"));
  ASSERT_THAT(bridge.port.neighbors(), SizeIs(1));
  EXPECT_FALSE(speaks_ecp(bridge));
}

}  // namespace
