// SPDX-License-Identifier: Apache-2.0
#include "lldp/evb_dialects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lldp/organizational.hpp"

namespace {

using lldp::Dialect;
using lldp::DialectChoice;
using lldp::Draft02EvbTlv;
using lldp::EvbDialects;
using lldp::EvbMode;
using lldp::EvbTlv;
using lldp::Neighbor;
using testing::SizeIs;

lldp::EvbProposal speaking(DialectChoice choice) { return {.dialect = choice}; }

lldp::OrganizationalTlv ratified(EvbMode mode = EvbMode::kEvbBridge) {
  EvbTlv tlv;
  tlv.mode = mode;
  return lldp::to_organizational(tlv);
}

lldp::OrganizationalTlv draft02(bool relay = false) {
  Draft02EvbTlv tlv;
  tlv.supported = {true, true, true, true, true};
  tlv.configured.reflective_relay = relay;
  return lldp::to_organizational(tlv);
}

std::vector<Neighbor> neighbors(std::vector<lldp::OrganizationalTlv> tlvs) {
  Neighbor neighbor;
  neighbor.information.organizational = std::move(tlvs);
  return {neighbor};
}

TEST(EvbDialects, AFixedDialectSendsOneTlvAndHearsOnlyItsOwn) {
  for (const auto dialect : {Dialect::kRatified, Dialect::kDraft02}) {
    const bool draft = dialect == Dialect::kDraft02;
    EvbDialects evb(speaking(draft ? DialectChoice::kDraft02 : DialectChoice::kRatified));
    EXPECT_EQ(evb.dialect(), dialect);
    ASSERT_THAT(evb.to_send(), SizeIs(1));
    EXPECT_EQ(is_draft02_evb_tlv(evb.to_send()[0]), draft);
    evb.set_neighbors(neighbors({draft ? ratified() : draft02()}));
    EXPECT_FALSE(evb.operational().on) << "the other dialect's TLV";
    evb.set_neighbors(neighbors({ratified(), draft02()}));
    EXPECT_TRUE(evb.operational().on);
    EXPECT_EQ(evb.operational().dialect, dialect);
    EXPECT_THAT(evb.to_send(), SizeIs(1));
  }
}

TEST(EvbDialects, AutoSendsBothUntilOneIsHeardAndThenThatOne) {
  for (const bool draft : {false, true}) {
    EvbDialects evb(speaking(DialectChoice::kAuto));
    EXPECT_THAT(evb.to_send(), SizeIs(2)) << "a peer that knows only one has to be found";
    EXPECT_FALSE(evb.operational().on);
    evb.set_neighbors(neighbors({draft ? draft02() : ratified()}));
    EXPECT_TRUE(evb.operational().on);
    EXPECT_EQ(evb.dialect() == Dialect::kDraft02, draft);
    ASSERT_THAT(evb.to_send(), SizeIs(1));
    EXPECT_EQ(is_draft02_evb_tlv(evb.to_send()[0]), draft);
    EXPECT_EQ(evb.draft02_remote().has_value(), draft);
    EXPECT_EQ(evb.remote().has_value(), !draft);
    evb.set_neighbors({});
    EXPECT_FALSE(evb.operational().on);
    EXPECT_THAT(evb.to_send(), SizeIs(2)) << "whoever comes next may speak the other";
  }
}

TEST(EvbDialects, AutoPrefersTheRatifiedOneOfTwo) {
  EvbDialects evb(speaking(DialectChoice::kAuto));
  evb.set_neighbors(neighbors({draft02(), ratified()}));
  EXPECT_EQ(evb.operational().dialect, Dialect::kRatified);
  evb.set_neighbors(neighbors({draft02()}));
  EXPECT_EQ(evb.operational().dialect, Dialect::kDraft02);
  EXPECT_TRUE(evb.operational().on);
  evb.set_neighbors(neighbors({draft02(), ratified()}));
  EXPECT_EQ(evb.operational().dialect, Dialect::kRatified);
}

TEST(EvbDialects, TwoThatChooseAgreeOnTheRatifiedOne) {
  EvbDialects station(speaking(DialectChoice::kAuto));
  auto proposal = speaking(DialectChoice::kAuto);
  proposal.role = lldp::EvbRole::kBridge;
  EvbDialects bridge(proposal);
  bridge.set_neighbors(neighbors(station.to_send()));
  station.set_neighbors(neighbors(bridge.to_send()));
  bridge.set_neighbors(neighbors(station.to_send()));
  for (const auto* const end : {&station, &bridge}) {
    EXPECT_TRUE(end->operational().on);
    EXPECT_EQ(end->operational().dialect, Dialect::kRatified);
    EXPECT_THAT(end->to_send(), SizeIs(1));
  }
}

/// Each has heard the other alone, and both LLDPDUs that follow from it cross on the wire.
TEST(EvbDialects, TwoThatFollowEachOtherAtTheSameMomentDoNotChangePlacesForEver) {
  EvbDialects station(speaking(DialectChoice::kAuto));
  auto proposal = speaking(DialectChoice::kAuto);
  proposal.role = lldp::EvbRole::kBridge;
  EvbDialects bridge(proposal);
  station.set_neighbors(neighbors({ratified()}));
  bridge.set_neighbors(neighbors({draft02()}));
  for (int crossings = 0; crossings < 4; ++crossings) {
    const auto from_station = station.to_send();
    station.set_neighbors(neighbors(bridge.to_send()));
    bridge.set_neighbors(neighbors(from_station));
  }
  for (const auto* const evb : {&station, &bridge}) {
    EXPECT_TRUE(evb->operational().on);
    EXPECT_EQ(evb->operational().dialect, Dialect::kRatified);
    EXPECT_THAT(evb->to_send(), SizeIs(1));
  }
}

TEST(EvbDialects, WhoIsDrawnToTheDraftSendsBothUntilTheNeighborSpeaksAgain) {
  EvbDialects evb(speaking(DialectChoice::kAuto));
  evb.set_neighbors(neighbors({ratified()}));
  for (int looks = 0; looks < 2; ++looks) {
    evb.set_neighbors(neighbors({draft02()}));
    EXPECT_EQ(evb.operational().dialect, Dialect::kDraft02);
    EXPECT_THAT(evb.to_send(), SizeIs(2));
  }
  evb.set_neighbors(neighbors({draft02(true)}));
  ASSERT_THAT(evb.to_send(), SizeIs(1));
  EXPECT_TRUE(is_draft02_evb_tlv(evb.to_send()[0]));
}

TEST(EvbDialects, TwoStationsThatChooseDoNotTakeEachOtherForBridges) {
  EvbDialects evb(speaking(DialectChoice::kAuto));
  evb.set_neighbors(neighbors({ratified(EvbMode::kEvbStation), draft02()}));
  EXPECT_FALSE(evb.operational().on) << "the ratified TLV says who it is";
  EXPECT_THAT(evb.to_send(), SizeIs(2));
}

TEST(EvbDialects, ABridgeOfTheDraftIsFoundBesideARatifiedStation) {
  EvbDialects evb(speaking(DialectChoice::kAuto));
  auto all = neighbors({ratified(EvbMode::kEvbStation)});
  all.push_back(neighbors({draft02()})[0]);
  evb.set_neighbors(all);
  EXPECT_TRUE(evb.operational().on);
  EXPECT_EQ(evb.dialect(), Dialect::kDraft02);
}

TEST(EvbDialects, AnotherChoiceTakesEffectWithTheNextLookAtTheNeighbors) {
  EvbDialects evb(speaking(DialectChoice::kRatified));
  evb.set_neighbors(neighbors({ratified(), draft02()}));
  evb.set_proposal(speaking(DialectChoice::kDraft02));
  evb.set_neighbors(neighbors({ratified(), draft02()}));
  EXPECT_EQ(evb.operational().dialect, Dialect::kDraft02);
  EXPECT_FALSE(evb.remote());
}

TEST(EvbDialects, WithoutTransmissionNothingIsSentInEither) {
  auto proposal = speaking(DialectChoice::kAuto);
  proposal.transmit = false;
  EvbDialects evb(proposal);
  EXPECT_THAT(evb.to_send(), SizeIs(0));
  evb.set_neighbors(neighbors({draft02()}));
  EXPECT_FALSE(evb.operational().on);
}

}  // namespace
