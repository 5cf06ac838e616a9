// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/pcap_reader.hpp"
#include "tests/support/scripted_bridge.hpp"

// The statements on VDP (clause 41) that a station has to fulfil, one test each. Where the name
// ends in Assumption, the statement rests on one source or on an interpretation. That an
// association ended shows in VsiChanged; what its clients still want is asked for again after a
// back-off, which the standard leaves open.

namespace {

using namespace std::chrono_literals;
using support::from_hex;
using support::ScriptedBridge;
using testing::IsEmpty;
using testing::SizeIs;
using vdp::AssociationTlv;
using vdp::AssociationType;
using vdp::FilterFormat;
using vdp::Reason;
using vdp::VsiCause;
using vdp::VsiState;

constexpr auto kRespWaitDelay = 17'448'960us;
constexpr auto kReinitKeepAlive = 10'485'760us;

class Scene : public ScriptedBridge {
 public:
  explicit Scene(const vdp::PortConfig& config = station_config(), lldp::EvbTlv tlv = bridge_tlv())
      : ScriptedBridge(config) {
    bring_up(tlv);
    send_lldp(tlv, 65535);  // it need not be repeated
    clear();
  }

  void associated(const vdp::VsiRequest& what = request()) {
    associate(what);
    answer_last();
    ASSERT_NE(report(what.id).state, VsiState::kDeassociated);
    clear();
  }
  vdp::VsiReport report(const vdp::VsiId& id = request().id) const {
    const auto found = port.vsi(id);
    EXPECT_TRUE(found) << "the VSI is gone";
    return found.value_or(vdp::VsiReport{});
  }
  /// The ULPDU of the last request.
  base::Octets ulpdu() const { return ecp_requests().back().ulpdu; }
  AssociationTlv asked() const { return vdpdu(ecp_requests().back()).associations.at(0); }
  /// What the bridge would answer to the last request, to be changed.
  AssociationTlv answer(Reason reason = Reason::kSuccess) const {
    auto tlv = asked();
    tlv.response = true;
    tlv.reason = reason;
    return tlv;
  }
  void send(const AssociationTlv& tlv) { send_vdp(request().manager, {tlv}); }
  void send_pdu(std::string_view hex) {
    const auto octets = from_hex(hex);
    send_ecpdu({lldp::EcpOperation::kRequest, lldp::kEcpSubtypeVdp, ++sequence_, octets});
  }
  std::vector<vdp::VsiChanged> told(VsiCause cause) const {
    std::vector<vdp::VsiChanged> found;
    for (const auto& change : outputs_of<vdp::VsiChanged>()) {
      if (change.what.cause == cause) found.push_back(change.what);
    }
    return found;
  }

 private:
  std::uint16_t sequence_ = 0x4000;
};

vdp::VsiRequest request_of(AssociationType type) {
  auto request = ScriptedBridge::request();
  request.type = type;
  return request;
}

vdp::VsiRequest request_with(FilterFormat format, std::size_t entries) {
  auto request = ScriptedBridge::request();
  request.filters.format = format;
  request.filters.entries.resize(entries);
  return request;
}

vdp::PortConfig with_group_ids() {
  auto config = ScriptedBridge::station_config();
  config.evb.group_ids = true;
  return config;
}

lldp::EvbTlv wanting_group_ids() {
  auto tlv = ScriptedBridge::bridge_tlv();
  tlv.bridge_group_ids = true;
  return tlv;
}

TEST(Conformance, V01_BeginsWithOneManagerTlv) {
  // The ULPDU begins with one manager TLV 0A 10 + 16 octets, exactly one.
  Scene bridge;
  bridge.associate(ScriptedBridge::request());
  EXPECT_EQ(support::to_hex(base::Bytes(bridge.ulpdu()).first(18)),
            "0a100b000000000000000000000000000000");
  EXPECT_TRUE(vdp::decode_vdpdu(bridge.ulpdu())) << "a second one would be refused";
}

TEST(Conformance, V02_ManagersDoNotShareAnEcpdu) {
  // VSIs with different managers never share an ECPDU.
  Scene bridge;
  for (std::uint8_t i = 1; i <= 20; ++i) {
    auto request = ScriptedBridge::request(i);
    request.manager.octets[0] = i % 2;
    bridge.associate(request);
  }
  std::size_t tlvs = 0;
  for (; tlvs < 20; bridge.answer_last(), bridge.advance(10ms)) {
    const auto vdpdu = ScriptedBridge::vdpdu(bridge.ecp_requests().back());
    tlvs += vdpdu.associations.size();
    for (const auto& tlv : vdpdu.associations) {
      EXPECT_EQ(tlv.id.octets[15] % 2, vdpdu.manager.octets[0]);
    }
  }
  EXPECT_EQ(tlvs, 20U);
}

TEST(Conformance, V03_LengthAndCountFitEveryFormat) {
  // Association TLV length = 25 + n x entry size; the count is right for formats 1 to 4.
  const std::size_t sizes[] = {2, 8, 6, 12};
  for (unsigned format = 1; format <= 4; ++format) {
    Scene bridge(with_group_ids(), wanting_group_ids());
    bridge.associate(request_with(static_cast<FilterFormat>(format), 3));
    const auto ulpdu = bridge.ulpdu();
    const auto header = base::u16_at(ulpdu, 18);
    EXPECT_EQ(header >> 9U, 3U);
    EXPECT_EQ(header & 0x1FFU, 25U + 3 * sizes[format - 1]);
    EXPECT_EQ(ulpdu[20 + 22], format);
    EXPECT_EQ(base::u16_at(ulpdu, 20 + 23), 3U);
  }
}

TEST(Conformance, V04_RequestStatusIsClear) {
  // Request status has 0x40 and 0x80 clear, reason 0.
  for (const unsigned type : {1U, 2U, 3U, 4U}) {
    Scene bridge;
    if (type == 4) {
      bridge.associated();
      bridge.deassociate(ScriptedBridge::request().id);
    } else {
      bridge.associate(request_of(static_cast<AssociationType>(type)));
    }
    EXPECT_EQ(bridge.ulpdu()[20], 0x00) << type;
  }
}

TEST(Conformance, V05_CarriesTheManagerAsItIs_Assumption) {
  // An IPv4 manager is sent as ::ffff:a.b.c.d, none as zeroes.
  Scene bridge;
  auto request = ScriptedBridge::request();
  request.manager.octets = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 20};
  bridge.associate(request);
  EXPECT_EQ(support::to_hex(base::Bytes(bridge.ulpdu()).subspan(2, 16)),
            "00000000000000000000ffffc0000214");
  Scene other;
  request.manager = {};
  other.associate(request);
  EXPECT_EQ(other.ulpdu()[2], 0);
  EXPECT_EQ(ScriptedBridge::vdpdu(other.ecp_requests().back()).manager, vdp::ManagerId{});
}

TEST(Conformance, V06_TypesAreThoseOfTheStandard) {
  // Types 1, 2, 3, 4 for pre-associate, with reservation, associate, de-associate.
  Scene bridge;
  for (const unsigned type : {1U, 2U, 3U}) {
    bridge.associate(request_of(static_cast<AssociationType>(type)));
    EXPECT_EQ(bridge.ulpdu()[18] >> 1U, type);
    bridge.answer_last();
  }
  bridge.deassociate(ScriptedBridge::request().id);
  EXPECT_EQ(bridge.ulpdu()[18] >> 1U, 4U);
}

TEST(Conformance, V07_MigrationHintsAreBitsOfTheRequest) {
  // M-bit and S-bit are 0x10 and 0x20 of a request only.
  for (const unsigned hint : {0U, 1U, 2U, 3U}) {
    Scene bridge;
    auto request = ScriptedBridge::request();
    request.migration = {.to_here = (hint & 1U) != 0, .from_here = (hint & 2U) != 0};
    bridge.associate(request);
    EXPECT_EQ(bridge.ulpdu()[20], hint << 4U);
  }
}

TEST(Conformance, V08_GroupIdsNeedBothSides) {
  // GroupID formats only when BGID and SGID are both 1; otherwise refused locally.
  const auto refused = [](const vdp::PortConfig& config, const lldp::EvbTlv& tlv) {
    Scene bridge(config, tlv);
    bridge.associate(request_with(FilterFormat::kGroupVid, 1));
    bridge.associate(request_with(FilterFormat::kGroupMacVid, 1));
    const auto refusals = bridge.outputs_of<vdp::RequestRefused>();
    for (const auto& refusal : refusals) {
      EXPECT_EQ(refusal.what.refusal, vdp::LocalRefusal::kGroupIdNotNegotiated);
    }
    EXPECT_EQ(bridge.ecp_requests().empty(), !refusals.empty());
    return refusals.size() == 2;
  };
  EXPECT_TRUE(refused(ScriptedBridge::station_config(), ScriptedBridge::bridge_tlv()));
  EXPECT_TRUE(refused(with_group_ids(), ScriptedBridge::bridge_tlv()));
  EXPECT_TRUE(refused(ScriptedBridge::station_config(), wanting_group_ids()));
  EXPECT_FALSE(refused(with_group_ids(), wanting_group_ids()));
}

TEST(Conformance, V09_UsesTheVidThatTheBridgeChose) {
  // VID 0 request: the VID of the response is reported and used; keep-alives carry 0 or that VID.
  Scene bridge;
  auto request = ScriptedBridge::request();
  request.filters.entries.front().vid = 0;
  bridge.associate(request);
  EXPECT_EQ(bridge.asked().filters.entries[0].vid, 0);
  auto answer = bridge.answer();
  answer.filters.entries[0].vid = 42;
  bridge.ack_last();
  bridge.send(answer);
  EXPECT_EQ(bridge.report().filters.entries[0].vid, 42);
  bridge.clear();
  bridge.advance(kReinitKeepAlive);
  EXPECT_THAT(bridge.asked().filters.entries[0].vid, testing::AnyOf(0, 42));
  bridge.answer_last();
  EXPECT_EQ(bridge.report().state, VsiState::kAssociated);
}

TEST(Conformance, V10_ReportsThePriorityOnlyWithPs) {
  // PS=1 in the response: PCP is reported to the client; PS=0: it is ignored.
  for (const bool ps : {true, false}) {
    Scene bridge;
    bridge.associate(ScriptedBridge::request());
    auto answer = bridge.answer();
    answer.filters.entries[0].ps = ps;
    answer.filters.entries[0].pcp = 5;
    bridge.send(answer);
    EXPECT_EQ(bridge.report().state, VsiState::kAssociated);
    EXPECT_EQ(bridge.report().filters.entries[0].pcp, ps ? 5 : 0);
  }
}

TEST(Conformance, V11_SuccessIsToldOnce) {
  // Success moves to associated; the client is told once.
  Scene bridge;
  bridge.associate(ScriptedBridge::request());
  bridge.answer_last();
  EXPECT_EQ(bridge.report().state, VsiState::kAssociated);
  bridge.send(bridge.answer());
  bridge.advance(kReinitKeepAlive);
  bridge.answer_last();
  EXPECT_THAT(bridge.told(VsiCause::kConfirmed), SizeIs(1));
}

TEST(Conformance, V12_IgnoresWhatIsNoResponseOfItsVsi) {
  // With the request bit, for an unknown VSI id or another id format: ignored.
  Scene bridge;
  bridge.associate(ScriptedBridge::request());
  bridge.ack_last();
  auto tlv = bridge.answer();
  tlv.response = false;
  bridge.send(tlv);
  tlv = bridge.answer();
  tlv.id.octets[0] ^= 1U;
  bridge.send(tlv);
  tlv = bridge.answer();
  tlv.id.format = vdp::VsiIdFormat::kLocal;
  bridge.send(tlv);
  EXPECT_EQ(bridge.report().machine_state, "STATION_PROCESSING");
  EXPECT_EQ(bridge.port.vdp_counters().tlvs_refused, 3U);
  bridge.send(bridge.answer());
  EXPECT_EQ(bridge.report().state, VsiState::kAssociated);
}

TEST(Conformance, V13_AnotherTypeOrFilterDoesNotConfirm) {
  // A response for another type or other filter than asked does not confirm.
  Scene bridge;
  bridge.associate(ScriptedBridge::request());
  bridge.ack_last();
  auto tlv = bridge.answer();
  tlv.type = AssociationType::kPreAssociate;
  bridge.send(tlv);
  tlv = bridge.answer();
  tlv.filters.entries[0].vid = 43;
  bridge.send(tlv);
  tlv = bridge.answer();
  tlv.filters.entries[0].mac.octets[5] ^= 1U;
  bridge.send(tlv);
  EXPECT_EQ(bridge.report().state, VsiState::kDeassociated);
  EXPECT_THAT(bridge.told(VsiCause::kConfirmed), IsEmpty());
}

TEST(Conformance, V14_ARefusalEndsTheVsi) {
  // Response with reason, no KEEP: the VSI ends, the client is told; no keep-alives follow.
  Scene bridge;
  bridge.associate(ScriptedBridge::request());
  bridge.answer_last(Reason::kInsufficientResources);
  EXPECT_EQ(bridge.report().machine_state, "INIT");
  ASSERT_THAT(bridge.told(VsiCause::kRefusedByBridge), SizeIs(1));
  EXPECT_EQ(bridge.told(VsiCause::kRefusedByBridge)[0].failure->reason,
            Reason::kInsufficientResources);
  EXPECT_FALSE(bridge.report().timer_ends) << "what comes next is a new try, not a keep-alive";
  EXPECT_EQ(bridge.report().next_try, bridge.now + 2s);
}

TEST(Conformance, V15_KeepLeavesTheOldAssociation) {
  // KEEP to an Associate while associated: the old association stays and is kept alive; the client
  // is told that the new one failed.
  auto config = ScriptedBridge::station_config();
  config.retry = {100s, 100s};
  Scene bridge(config);
  bridge.associated();
  auto changed = ScriptedBridge::request();
  changed.filters.entries[0].vid = 43;
  bridge.associate(changed);
  bridge.answer_last(Reason::kInsufficientResources, true);
  EXPECT_EQ(bridge.report().state, VsiState::kAssociated);
  EXPECT_EQ(bridge.report().filters, ScriptedBridge::request().filters);
  ASSERT_THAT(bridge.told(VsiCause::kRefusedByBridge), SizeIs(1));
  EXPECT_TRUE(bridge.told(VsiCause::kRefusedByBridge)[0].failure->keep);
  EXPECT_EQ(bridge.asked().filters, ScriptedBridge::request().filters) << "confirmed at once";
  bridge.answer_last();
  bridge.clear();
  bridge.advance(kReinitKeepAlive);
  EXPECT_EQ(bridge.asked().type, AssociationType::kAssociate);
  EXPECT_EQ(bridge.asked().filters, ScriptedBridge::request().filters);
}

TEST(Conformance, V16_KeepToAKeepAliveEndsWithADeAssociate) {
  // KEEP to a keep-alive of an Associate: the station sends De-Associate and ends.
  Scene bridge;
  bridge.associated();
  bridge.advance(kReinitKeepAlive);
  bridge.answer_last(Reason::kInsufficientResources, true);
  EXPECT_EQ(bridge.asked().type, AssociationType::kDeAssociate);
  EXPECT_EQ(bridge.report().state, VsiState::kDeassociated);
  bridge.answer_last();
  EXPECT_EQ(bridge.report().machine_state, "INIT");
}

TEST(Conformance, V17_AHardErrorIsNotRetried_Assumption) {
  // HARD error is not retried by itself.
  Scene bridge;
  bridge.associate(ScriptedBridge::request());
  bridge.answer_last(Reason::kInvalidFormat, false, true);
  bridge.clear();
  bridge.advance(1000s);
  EXPECT_THAT(bridge.ecp_requests(), IsEmpty());
  EXPECT_TRUE(bridge.report().last_failure->hard);
}

TEST(Conformance, V18_EndsAfterRespWaitDelay) {
  // No response (ECP acknowledged): ends after respWaitDelay (17.449 s).
  Scene bridge;
  bridge.associate(ScriptedBridge::request());
  bridge.ack_last();
  bridge.advance(kRespWaitDelay - 1us);
  EXPECT_THAT(bridge.told(VsiCause::kNoResponse), IsEmpty());
  bridge.advance(1us);
  EXPECT_THAT(bridge.told(VsiCause::kNoResponse), SizeIs(1));
  EXPECT_EQ(bridge.report().machine_state, "INIT");
}

TEST(Conformance, V19_RespWaitDelayFollowsTheExponents) {
  // respWaitDelay = 1.5 x (10us x 2^RWD + (2R+1) x 10us x 2^RTE).
  auto config = ScriptedBridge::station_config();
  config.evb.max_retries = 1;
  config.evb.retransmit_exponent = 10;
  config.evb.resource_wait_delay = 14;
  auto tlv = ScriptedBridge::bridge_tlv();
  tlv.max_retries = 1;
  tlv.retransmit_exponent = 10;
  tlv.resource_wait_delay = 14;
  Scene bridge(config, tlv);
  bridge.associate(ScriptedBridge::request());
  bridge.ack_last();
  bridge.advance(291'840us - 1us);
  EXPECT_THAT(bridge.told(VsiCause::kNoResponse), IsEmpty());
  bridge.advance(1us);
  EXPECT_THAT(bridge.told(VsiCause::kNoResponse), SizeIs(1));
}

TEST(Conformance, V20_KeepAliveAfterReinitKeepAlive) {
  // Keep-alive reinitKeepAlive after the last success (10.486 s), same content, status 0.
  Scene bridge;
  auto request = ScriptedBridge::request();
  request.migration.to_here = true;
  bridge.associate(request);
  auto expected = bridge.asked();
  expected.hard_or_m = false;
  bridge.answer_last();
  for (int i = 0; i < 3; ++i) {
    bridge.clear();
    bridge.advance(kReinitKeepAlive - 1us);
    EXPECT_THAT(bridge.ecp_requests(), IsEmpty());
    bridge.advance(1us);
    ASSERT_THAT(bridge.ecp_requests(), SizeIs(1));
    EXPECT_EQ(bridge.asked(), expected);
    bridge.answer_last();
  }
}

TEST(Conformance, V21_PreAssociationsAreKeptAliveToo) {
  // Keep-alive also for pre-associate and pre-associate with reservation.
  for (const unsigned type : {1U, 2U}) {
    Scene bridge;
    bridge.associated(request_of(static_cast<AssociationType>(type)));
    bridge.advance(kReinitKeepAlive);
    ASSERT_THAT(bridge.ecp_requests(), SizeIs(1));
    EXPECT_EQ(bridge.asked().type, static_cast<AssociationType>(type));
  }
}

TEST(Conformance, V22_AnUnansweredKeepAliveEndsTheVsi) {
  // Keep-alive unanswered: ends after respWaitDelay.
  Scene bridge;
  bridge.associated();
  bridge.advance(kReinitKeepAlive);
  bridge.ack_last();
  bridge.advance(kRespWaitDelay - 1us);
  EXPECT_EQ(bridge.report().state, VsiState::kAssociated);
  bridge.advance(1us);
  EXPECT_EQ(bridge.report().state, VsiState::kDeassociated);
  EXPECT_THAT(bridge.told(VsiCause::kNoResponse), SizeIs(1));
}

TEST(Conformance, V23_EndsWhenTheBridgeDeAssociates) {
  // De-Associate from the bridge, 0x40 set or clear, full filters, 0 entries or 23 octets: ends,
  // ECP acknowledgement sent, no VDP answer, client told.
  const std::string head = "00123457 02 05 09b11c538b5c4eeb8f00d84eaa0aaa01 02";
  for (const auto* const status : {"00", "40"}) {
    const auto information = status + head.substr(2);
    for (const auto& tlv : {"0821" + information + "0001 525400aa0001 002a",
                            "0819" + information + "0000", "0817" + information}) {
      Scene bridge;
      bridge.associated();
      bridge.send_pdu("0a10 0b000000000000000000000000000000" + tlv);
      EXPECT_EQ(bridge.report().state, VsiState::kDeassociated) << tlv;
      EXPECT_THAT(bridge.ecp_acks(), SizeIs(1));
      EXPECT_THAT(bridge.told(VsiCause::kDeassociatedByBridge), SizeIs(1));
      bridge.advance(2s - 1us);
      EXPECT_THAT(bridge.ecp_requests(), IsEmpty());
    }
  }
}

TEST(Conformance, V24_ADeAssociateInsteadOfAResponseEndsToo) {
  // De-Associate during the wait for a response ends too.
  Scene bridge;
  bridge.associate(ScriptedBridge::request());
  bridge.ack_last();
  auto tlv = bridge.answer();
  tlv.type = AssociationType::kDeAssociate;
  bridge.send(tlv);
  EXPECT_EQ(bridge.report().machine_state, "INIT");
  EXPECT_THAT(bridge.told(VsiCause::kDeassociatedByBridge), SizeIs(1));
}

TEST(Conformance, V25_AClientDeAssociateEndsWithOrWithoutAResponse) {
  // Client de-associate: type 4 sent, ends on response or after respWaitDelay.
  Scene bridge;
  bridge.associated();
  bridge.deassociate(ScriptedBridge::request().id);
  EXPECT_EQ(bridge.asked().type, AssociationType::kDeAssociate);
  bridge.answer_last();
  EXPECT_EQ(bridge.port.vsi_count(), 0U);

  bridge.associated();
  bridge.deassociate(ScriptedBridge::request().id);
  bridge.ack_last();
  bridge.advance(kRespWaitDelay - 1us);
  EXPECT_EQ(bridge.port.vsi_count(), 1U);
  bridge.advance(1us);
  EXPECT_EQ(bridge.port.vsi_count(), 0U);
}

TEST(Conformance, V26_ANewCommandIsSentAtOnce) {
  // New command in pre-associated state: associate is sent at once, the keep-alive clock restarts
  // after success.
  Scene bridge;
  bridge.associated(request_of(AssociationType::kPreAssociate));
  bridge.advance(5s);
  bridge.associate(ScriptedBridge::request());
  ASSERT_THAT(bridge.ecp_requests(), SizeIs(1));
  EXPECT_EQ(bridge.ecp_requests()[0].at, bridge.now);
  bridge.answer_last();
  EXPECT_EQ(bridge.report().timer_ends, bridge.now + kReinitKeepAlive);
}

TEST(Conformance, V27_VsisAreIndependent) {
  // Two VSIs are independent: one timing out leaves the other.
  Scene bridge;
  bridge.associated(ScriptedBridge::request(1));
  bridge.associate(ScriptedBridge::request(2));
  bridge.ack_last();
  bridge.advance(kReinitKeepAlive);
  bridge.answer_last();  // the first one's keep-alive
  bridge.advance(kRespWaitDelay - kReinitKeepAlive);
  EXPECT_EQ(bridge.report(ScriptedBridge::request(1).id).state, VsiState::kAssociated);
  EXPECT_EQ(bridge.report(ScriptedBridge::request(2).id).machine_state, "INIT");
}

TEST(Conformance, V28_TlvsOfOneResponseAreAllUsed) {
  // Two association TLVs in one response ECPDU are both used, in either order.
  for (const bool swapped : {false, true}) {
    Scene bridge;
    std::vector<AssociationTlv> answers;
    for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}}) {
      bridge.associate(ScriptedBridge::request(number));
      answers.push_back(bridge.answer());
      bridge.ack_last();
      bridge.advance(10ms);
    }
    answers[1] = bridge.answer();
    if (swapped) std::swap(answers[0], answers[1]);
    bridge.send_vdp(ScriptedBridge::request().manager, answers);
    for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}}) {
      EXPECT_EQ(bridge.report(ScriptedBridge::request(number).id).state, VsiState::kAssociated);
    }
  }
}

constexpr auto kManager = "0a10 0b000000000000000000000000000000";
constexpr auto kConfirmation =
    "0621 40123457 02 05 09b11c538b5c4eeb8f00d84eaa0aaa01 02 0001 525400aa0001 002a";

/// Whether this PDU of the bridge confirms the association that is asked for.
bool confirms(const std::string& pdu) {
  Scene bridge;
  bridge.associate(ScriptedBridge::request());
  bridge.ack_last();
  bridge.send_pdu(pdu);
  EXPECT_THAT(bridge.ecp_acks(), SizeIs(1)) << "ECP acknowledges it in any case";
  return bridge.report().state == VsiState::kAssociated;
}

TEST(Conformance, V29_SkipsUnknownTlvs) {
  // Unknown TLV type 0x40 or a foreign organisational TLV between them is skipped.
  EXPECT_TRUE(confirms(std::string(kManager) + "8003 010203" + kConfirmation));
  EXPECT_TRUE(confirms(std::string(kManager) + "fe05 00000c 0102" + kConfirmation));
  EXPECT_TRUE(confirms(std::string(kManager) + kConfirmation + "8000 fe03 00000c"));
}

TEST(Conformance, V30_NeedsTheManagerFirst) {
  // First TLV not the manager, or manager length != 16: the PDU is acknowledged by ECP, VDP ignores
  // all of it.
  EXPECT_FALSE(confirms(kConfirmation));
  EXPECT_FALSE(confirms(std::string(kConfirmation) + kManager));
  EXPECT_FALSE(confirms(std::string("0a0f 0b0000000000000000000000000000") + kConfirmation));
  EXPECT_FALSE(confirms(std::string("0a11 0b00000000000000000000000000000000") + kConfirmation));
}

TEST(Conformance, V31_IgnoresMalformedTlvs) {
  // Truncated TLV, count larger than the TLV holds, unknown format: ignored, no crash.
  const auto whole = support::to_hex(from_hex(std::string(kManager) + kConfirmation));
  EXPECT_TRUE(confirms(whole));
  for (std::size_t octets = 0; octets < whole.size() / 2; ++octets) {
    EXPECT_FALSE(confirms(whole.substr(0, octets * 2))) << octets;
  }
  const auto with = [&](std::size_t octet, std::string_view hex) {
    auto changed = whole;
    changed.replace((20 + octet) * 2, hex.size(), hex);
    return changed;
  };
  EXPECT_FALSE(confirms(with(23, "0002")));
  EXPECT_FALSE(confirms(with(23, "ffff")));
  EXPECT_FALSE(confirms(with(22, "05")));
  EXPECT_FALSE(confirms(with(5, "06")));
}

TEST(Conformance, V32_PaddingIsNoError) {
  // Zero padding after the last TLV is no error.
  EXPECT_TRUE(confirms(std::string(kManager) + kConfirmation + std::string(20, '0')));
  EXPECT_TRUE(confirms(std::string(kManager) + kConfirmation + "00"));
}

TEST(Conformance, V33_RefusesTooManyFiltersLocally) {
  // A filter list too long for one TLV (243/60/81/40) or for one frame is refused locally.
  const std::size_t most[] = {243, 60, 81, 40};
  for (unsigned format = 1; format <= 4; ++format) {
    Scene bridge(with_group_ids(), wanting_group_ids());
    const auto entries = most[format - 1];
    bridge.associate(request_with(static_cast<FilterFormat>(format), entries + 1));
    ASSERT_THAT(bridge.outputs_of<vdp::RequestRefused>(), SizeIs(1));
    EXPECT_EQ(bridge.outputs_of<vdp::RequestRefused>()[0].what.refusal,
              vdp::LocalRefusal::kTooManyFilters);
    bridge.associate(request_with(static_cast<FilterFormat>(format), entries));
    EXPECT_EQ(bridge.asked().filters.entries.size(), entries);
  }
  auto config = ScriptedBridge::station_config();
  config.mtu = 256;
  Scene narrow(config);
  narrow.associate(request_with(FilterFormat::kMacVid, 60));
  EXPECT_THAT(narrow.outputs_of<vdp::RequestRefused>(), SizeIs(1));
}

TEST(Conformance, V34_TheLongestTimersDoNotOverflow) {
  // Timers with exponent 31 do not overflow (21474.8 s): nothing expires early.
  auto tlv = ScriptedBridge::bridge_tlv();
  tlv.resource_wait_delay = 31;
  tlv.reinit_keep_alive = 31;
  tlv.retransmit_exponent = 31;
  tlv.max_retries = 7;
  Scene bridge(ScriptedBridge::station_config(), tlv);
  bridge.associate(ScriptedBridge::request());
  // 1.5 x (1 + 15) x 21474.83648 s
  EXPECT_EQ(*bridge.report().timer_ends - bridge.now, 515'396'075'520us);
  bridge.ack_last();
  bridge.advance(20'000s);
  EXPECT_EQ(bridge.report().machine_state, "STATION_PROCESSING");
  bridge.send_lldp(tlv, 65535);
  bridge.answer_last();
  EXPECT_EQ(*bridge.report().timer_ends - bridge.now, 21'474'836'480us);
  bridge.clear();
  bridge.advance(21'474s);
  EXPECT_THAT(bridge.ecp_requests(), IsEmpty());
  bridge.advance(1s);
  EXPECT_THAT(bridge.ecp_requests(), SizeIs(1));
}

}  // namespace
