// SPDX-License-Identifier: Apache-2.0
#include "profiles/vsi_types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiles/instances.hpp"

namespace profiles {
namespace {

using vdp::FilterEntry;
using vdp::FilterFormat;
using vdp::FilterInfo;
using vdp::Reason;

constexpr lldp::MacAddress kMac{{0x52, 0x54, 0, 0, 0, 1}};
const vdp::ManagerId kManager{{11}};
const vdp::ManagerId kOther{{12}};
constexpr vdp::VsiType kType{1193047, 2};

FilterInfo mac_vid(std::uint16_t vid, lldp::MacAddress mac = kMac) {
  return {FilterFormat::kMacVid, {FilterEntry{.mac = mac, .vid = vid}}};
}
FilterInfo group_vid(std::uint32_t group, std::uint16_t vid) {
  return {FilterFormat::kGroupVid, {FilterEntry{.group = group, .vid = vid}}};
}

std::uint16_t vid_of(const Resolution& answer) {
  EXPECT_EQ(answer.reason, Reason::kSuccess);
  return answer.filters.entries.empty() ? std::uint16_t{0xFFFF} : answer.filters.entries[0].vid;
}
void expect_refused(const Resolution& answer, Reason reason, bool hard) {
  EXPECT_EQ(answer.reason, reason);
  EXPECT_EQ(answer.hard, hard);
}

TEST(Resolve, AcceptsAVlanOfTheType) {
  const NetworkParameters type{.untagged = 2, .tagged = {10, 11}, .default_vlan = 2};
  EXPECT_EQ(vid_of(resolve(type, mac_vid(2))), 2);
  EXPECT_EQ(vid_of(resolve(type, mac_vid(11))), 11);
}

TEST(Resolve, FillsTheDefaultVlanInForVidZero) {
  EXPECT_EQ(vid_of(resolve({.untagged = 2, .tagged = {10}, .default_vlan = 10}, mac_vid(0))), 10);
}

TEST(Resolve, HandsTheDefaultPriorityOutWithThePsBit) {
  const auto with = resolve({.any_vlan = true, .default_priority = 5}, mac_vid(7));
  EXPECT_TRUE(with.filters.entries[0].ps);
  EXPECT_EQ(with.filters.entries[0].pcp, 5);
  EXPECT_FALSE(resolve({.any_vlan = true}, mac_vid(7)).filters.entries[0].ps);
}

TEST(Resolve, RefusesAnotherVlanForGood) {
  expect_refused(resolve({.untagged = 2, .default_vlan = 2}, mac_vid(3)), Reason::kInvalidFilter,
                 true);
}

TEST(Resolve, RefusesTheReservedVidEvenWhereAnyVlanGoes) {
  expect_refused(resolve({.any_vlan = true}, mac_vid(4095)), Reason::kInvalidFilter, true);
}

TEST(Resolve, RefusesVidZeroWhereNoVlanCanBeChosen) {
  expect_refused(resolve({.any_vlan = true}, mac_vid(0)), Reason::kInvalidFilter, true);
}

TEST(Resolve, RefusesGroupAddressesAndTheZeroAddress) {
  const NetworkParameters type{.any_vlan = true};
  expect_refused(resolve(type, mac_vid(2, {{0x01, 0, 0x5E, 0, 0, 1}})), Reason::kInvalidFilter,
                 true);
  expect_refused(resolve(type, mac_vid(2, {})), Reason::kInvalidFilter, true);
}

TEST(Resolve, RefusesAddressesThatTheTypeDoesNotList) {
  const NetworkParameters type{.any_vlan = true, .macs = {kMac}};
  EXPECT_EQ(vid_of(resolve(type, mac_vid(2))), 2);
  expect_refused(resolve(type, mac_vid(2, {{0x52, 0x54, 0, 0, 0, 2}})), Reason::kInvalidFilter,
                 true);
}

TEST(Resolve, OneBadEntryRefusesAll) {
  auto wanted = mac_vid(2);
  wanted.entries.push_back(FilterEntry{.mac = kMac, .vid = 3});
  expect_refused(resolve({.untagged = 2, .default_vlan = 2}, wanted), Reason::kInvalidFilter, true);
}

TEST(Resolve, TurnsAGroupIntoItsVlan) {
  const NetworkParameters type{.untagged = 2, .default_vlan = 2, .groups = {{4097, 30}}};
  EXPECT_EQ(vid_of(resolve(type, group_vid(4097, 0))), 30);
  EXPECT_EQ(vid_of(resolve(type, group_vid(4097, 30))), 30);
  expect_refused(resolve(type, group_vid(4097, 2)), Reason::kInvalidFilter, true);
  expect_refused(resolve(type, group_vid(4098, 0)), Reason::kInvalidFilter, true);
}

TEST(Resolve, AGroupMeansTheDefaultVlanWhereTheTypeListsNone) {
  EXPECT_EQ(vid_of(resolve({.untagged = 2, .default_vlan = 2}, group_vid(4097, 0))), 2);
}

std::string name_of(const TypeBody& body) { return body == nullptr ? "" : body->name; }

TEST(VsiTypes, AManagersOwnTypeWinsThenTheFilesThenAnyManagers) {
  VsiTypes file, database;
  const auto found = [&](const vdp::ManagerId& manager) {
    return name_of(find_type(file, database, manager, kType));
  };
  EXPECT_EQ(found(kManager), "");
  EXPECT_TRUE(database.add(std::nullopt, kType, {.name = "database any"}));
  EXPECT_EQ(found(kManager), "database any");
  EXPECT_TRUE(file.add(std::nullopt, kType, {.name = "file any"}));
  EXPECT_EQ(found(kManager), "file any");
  EXPECT_TRUE(database.add(kManager, kType, {.name = "database own"}));
  EXPECT_EQ(found(kManager), "database own");
  EXPECT_TRUE(file.add(kManager, kType, {.name = "file own"}));
  EXPECT_EQ(found(kManager), "file own");
  EXPECT_EQ(found(kOther), "file any");
  EXPECT_FALSE(file.add(kManager, kType, {.name = "again"}));
  EXPECT_EQ(found(kManager), "file own");
}

TEST(VsiTypes, WhatIsHeldStaysWhenItsTypeChangesOrGoes) {
  VsiTypes types;
  types.put({kManager, kType}, {.name = "first"});
  const auto first = types.find({kManager, kType});
  types.put({kManager, kType}, {.name = "second"});
  EXPECT_EQ(name_of(types.find({kManager, kType})), "second");
  types.remove({kManager, kType});
  types.remove({kManager, kType});
  EXPECT_EQ(types.find({kManager, kType}), nullptr);
  EXPECT_EQ(types.size(), 0U);
  EXPECT_EQ(name_of(first), "first");
}

TEST(VsiTypes, KnowsAManagerAsLongAsItHasATypeOrAnyManagerHas) {
  VsiTypes types;
  types.put({kManager, kType}, {});
  types.put({kManager, {7, 2}}, {});
  types.remove({kManager, kType});
  EXPECT_TRUE(types.knows(kManager));
  EXPECT_FALSE(types.knows(kOther));
  types.remove({kManager, {7, 2}});
  EXPECT_FALSE(types.knows(kManager));
  types.put({std::nullopt, kType}, {});
  EXPECT_TRUE(types.knows(kOther));
}

TEST(VsiTypes, AnUnknownManagerCannotBeReachedAndAnUnknownTypeMayPass) {
  expect_refused(unknown_type(false), Reason::kUnreachableManager, false);
  expect_refused(unknown_type(true), Reason::kOtherFailure, false);
}

TEST(Instances, AreCountedPerTypeAndLimited) {
  Instances instances;
  const Instances::Grant type{{kManager, kType}, nullptr, false};
  vdp::VsiId one, two;
  two.octets[15] = 2;
  EXPECT_TRUE(instances.hold(1, one, type, 1));
  EXPECT_TRUE(instances.hold(1, one, type, 1)) << "what holds one already needs no second";
  EXPECT_FALSE(instances.hold(1, two, type, 1));
  EXPECT_FALSE(instances.held(1, two));
  instances.release(1, one);
  instances.release(1, one);
  EXPECT_TRUE(instances.hold(1, two, type, 1));
  EXPECT_EQ(instances.count(type.type), 1U);
}

TEST(Instances, AVsiThatChangesItsTypeFreesTheOldOne) {
  Instances instances;
  const Instances::Grant old{{kManager, kType}, nullptr, false};
  const Instances::Grant next{{kManager, {7, 1}}, nullptr, false};
  EXPECT_TRUE(instances.hold(1, {}, old, std::nullopt));
  EXPECT_TRUE(instances.hold(1, {}, next, std::nullopt));
  EXPECT_EQ(instances.count(old.type), 0U);
  EXPECT_EQ(instances.held(1, {})->type, next.type);
}

TEST(Instances, WhatWasGrantedIsRememberedAndToldPortByPort) {
  Instances instances;
  const auto body = std::make_shared<const NetworkParameters>();
  const auto next = std::make_shared<const NetworkParameters>();
  EXPECT_TRUE(instances.hold(1, {}, {{kManager, kType}, body, true}, std::nullopt));
  EXPECT_EQ(instances.held(1, {})->body, body);
  EXPECT_TRUE(instances.held(1, {})->vlan_chosen);
  EXPECT_TRUE(instances.hold(1, {}, {{kManager, kType}, next, false}, 1))
      << "the limit is not asked";
  EXPECT_EQ(instances.count({kManager, kType}), 1U);
  std::vector<TypeBody> told;
  const auto tell = [&](const vdp::VsiId&, const Instances::Grant& grant) {
    told.push_back(grant.body);
  };
  instances.for_each(2, tell);
  EXPECT_TRUE(told.empty());
  instances.for_each(1, tell);
  EXPECT_EQ(told, std::vector<TypeBody>{next});
}

TEST(Instances, TheSameVsiAtTwoPortsIsCountedTwice) {
  Instances instances;
  const Instances::Grant type{{kManager, kType}, nullptr, false};
  EXPECT_TRUE(instances.hold(1, {}, type, 2));
  EXPECT_TRUE(instances.hold(2, {}, type, 2));
  EXPECT_EQ(instances.count(type.type), 2U);
  EXPECT_FALSE(instances.hold(3, {}, type, 2));
}

}  // namespace
}  // namespace profiles
