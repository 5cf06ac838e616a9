// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "agent/evbd/log.hpp"
#include "agent/evbd/rate_limit.hpp"
#include "agent/evbd/system_information.hpp"
#include "agent/evbd/vsi_policy.hpp"

namespace agent {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using namespace std::chrono_literals;

constexpr vdp::ManagerId kManager{{11}};

vdp::VsiId vsi(std::uint8_t number) {
  vdp::VsiId id;
  id.octets[15] = number;
  return id;
}

class VsiPolicyTest : public testing::Test {
 protected:
  VsiPolicyTest() {
    profiles::VsiTypes types;
    types.add(kManager, {1, 0}, {.untagged = 2, .tagged = {7}, .max_instances = 1});
    types.add(kManager, {2, 0}, {.any_vlan = true});
    policy.set_types(types);
  }

  static vdp::FilterInfo filters(std::uint16_t vid) {
    vdp::FilterEntry entry;
    entry.mac = {{0x52, 0x54, 0, 0, 0, 1}};
    entry.vid = vid;
    return {vdp::FilterFormat::kMacVid, {entry}};
  }
  vdp::Reason ask(std::uint8_t id, std::uint32_t type,
                  vdp::AssociationType command = vdp::AssociationType::kAssociate,
                  vdp::ManagerId manager = kManager) {
    vdp::ResolveVsiType question;
    question.id = vsi(id);
    question.type = command;
    question.manager = manager;
    question.vsi_type = {type, 0};
    question.filters = filters(2);
    return policy.resolve({1, kManager}, question).resolved.reason;
  }

  VsiPolicy policy;
};

TEST_F(VsiPolicyTest, TheLimitOfInstancesIsInsufficientResources) {
  EXPECT_EQ(ask(1, 1), vdp::Reason::kSuccess);
  EXPECT_EQ(ask(2, 1), vdp::Reason::kInsufficientResources);
  policy.release(1, vsi(1));
  EXPECT_EQ(ask(2, 1), vdp::Reason::kSuccess);
}

TEST_F(VsiPolicyTest, APreAssociateReservesOnlyWhenItSaysSo) {
  EXPECT_EQ(ask(1, 1, vdp::AssociationType::kPreAssociate), vdp::Reason::kSuccess);
  EXPECT_EQ(ask(2, 1, vdp::AssociationType::kPreAssociateWithReservation), vdp::Reason::kSuccess);
  EXPECT_EQ(ask(1, 1), vdp::Reason::kInsufficientResources);
  EXPECT_EQ(ask(2, 1), vdp::Reason::kSuccess);
}

TEST_F(VsiPolicyTest, AVsiThatCouldNotBeAdmittedCountsForWhatItHadBefore) {
  EXPECT_EQ(ask(1, 1), vdp::Reason::kSuccess);
  policy.admitted(1, vsi(1));
  EXPECT_EQ(ask(1, 2), vdp::Reason::kSuccess);
  policy.not_admitted(1, vsi(1));
  EXPECT_EQ(ask(2, 1), vdp::Reason::kInsufficientResources) << "VSI 1 still holds type 1";
  EXPECT_EQ(ask(3, 2), vdp::Reason::kSuccess);
  policy.not_admitted(1, vsi(3));
}

TEST_F(VsiPolicyTest, NoManagerMeansTheBridgesOwn) {
  EXPECT_EQ(ask(1, 2, vdp::AssociationType::kAssociate, {}), vdp::Reason::kSuccess);
  EXPECT_EQ(ask(1, 2, vdp::AssociationType::kAssociate, {{12}}), vdp::Reason::kUnreachableManager);
}

TEST_F(VsiPolicyTest, TellsWhichVlanIsUntagged) {
  vdp::AdmitVsi order;
  order.manager = kManager;
  order.vsi_type = {1, 0};
  order.filters = filters(2);
  EXPECT_TRUE(policy.admission({1, kManager}, order).macs.at(0).untagged);
  order.filters = filters(7);
  EXPECT_FALSE(policy.admission({1, kManager}, order).macs.at(0).untagged);
}

TEST_F(VsiPolicyTest, TheDatabaseIsAskedForWhatTheFileDoesNotHave) {
  auto database = std::make_shared<profiles::VsiTypes>();
  database->put({kManager, {1, 0}}, {.untagged = 9});
  database->put({kManager, {3, 0}}, {.any_vlan = true, .receive = profiles::Rate{1'000'000, 0}});
  EXPECT_EQ(ask(1, 3), vdp::Reason::kOtherFailure);
  policy.set_database(database, "");
  EXPECT_EQ(ask(1, 3), vdp::Reason::kSuccess);
  EXPECT_EQ(ask(2, 1), vdp::Reason::kSuccess) << "the file's VLAN 2, not the database's";
  vdp::AdmitVsi order;
  order.manager = kManager;
  order.vsi_type = {3, 0};
  order.filters = filters(2);
  EXPECT_EQ(policy.admission({1, kManager}, order).limits.receive->bits_per_second, 1'000'000U);
  EXPECT_EQ(policy.admission({1, kManager}, order).limits.transmit, std::nullopt);
}

TEST_F(VsiPolicyTest, ATypeThatNeedsAGreaterMtuThanThePortsIsRefusedByName) {
  auto database = std::make_shared<profiles::VsiTypes>();
  database->put({kManager, {4, 0}}, {.any_vlan = true, .mtu = 9000});
  policy.set_database(database, "");
  vdp::ResolveVsiType question;
  question.id = vsi(1);
  question.manager = kManager;
  question.vsi_type = {4, 0};
  question.filters = filters(2);
  const auto small = policy.resolve({1, kManager, 1500}, question);
  EXPECT_EQ(small.resolved.reason, vdp::Reason::kOtherFailure);
  EXPECT_FALSE(small.resolved.hard);
  EXPECT_THAT(small.trouble, HasSubstr("mtu"));
  EXPECT_EQ(policy.resolve({1, kManager, 9000}, question).resolved.reason, vdp::Reason::kSuccess);
}

TEST_F(VsiPolicyTest, WhatADatabaseThatCannotBeReadMayHaveIsUnreachable) {
  policy.set_database(std::make_shared<profiles::VsiTypes>(), "profiles.db is damaged");
  EXPECT_EQ(ask(1, 3), vdp::Reason::kUnreachableManager);
  EXPECT_EQ(ask(1, 2), vdp::Reason::kSuccess) << "the file's own types stay";
}

/// A VSI with type 5 of the database, which changes under it.
class ChangedTypeTest : public VsiPolicyTest {
 protected:
  void database(profiles::NetworkParameters type) {
    auto types = std::make_shared<profiles::VsiTypes>();
    types->put({kManager, {5, 0}}, std::move(type));
    policy.set_database(types, "");
  }
  /// Asks for type 5 with this VID, and gets what it says.
  vdp::FilterInfo granted(std::uint16_t vid, vdp::FilterInfo wanted) {
    wanted.entries[0].vid = vid;
    vdp::ResolveVsiType question{{},     vsi(1), vdp::AssociationType::kAssociate, kManager, {5, 0},
                                 wanted, {}};
    auto answer = policy.resolve(asker, question).resolved;
    EXPECT_EQ(answer.reason, vdp::Reason::kSuccess);
    policy.admitted(1, vsi(1));
    return answer.filters;
  }
  vdp::Reason judged(const vdp::FilterInfo& filters) {
    return policy.judge(asker, vsi(1), filters).reason;
  }
  const VsiPolicy::Asker asker{1, kManager, 1500};
};

TEST_F(ChangedTypeTest, IsToldUntilItIsGrantedAnew) {
  database({.name = "old", .any_vlan = true});
  granted(2, filters(2));
  EXPECT_FALSE(policy.change(asker, vsi(1)));
  EXPECT_FALSE(policy.change(asker, vsi(9))) << "holds nothing";
  database({.name = "new",
            .any_vlan = true,
            .modes = {profiles::DeliveryMode::kVepa},
            .max_instances = 3});
  EXPECT_FALSE(policy.change(asker, vsi(1))) << "nothing that it has on its port is another one";
  database({.any_vlan = true, .receive = profiles::Rate{1'000'000, 0}});
  const auto change = policy.change(asker, vsi(1));
  ASSERT_TRUE(change);
  EXPECT_FALSE(change->in_force->receive);
  EXPECT_TRUE(change->now->receive);
  EXPECT_EQ(policy.changes(asker).size(), 1U);
  EXPECT_TRUE(policy.changes({2, kManager}).empty()) << "another port's";
  EXPECT_EQ(judged(filters(2)), vdp::Reason::kSuccess);
  policy.grant_anew(asker, vsi(1));
  EXPECT_FALSE(policy.change(asker, vsi(1)));
}

TEST_F(ChangedTypeTest, WhatIsRefusedNowHasTheStandardsReason) {
  database({.any_vlan = true});
  auto filters = granted(2, VsiPolicyTest::filters(2));
  database({.tagged = {3}, .default_vlan = 3});
  EXPECT_EQ(judged(filters), vdp::Reason::kInvalidFilter);
  database({.any_vlan = true, .mtu = 9000});
  EXPECT_EQ(judged(filters), vdp::Reason::kOtherFailure);
  EXPECT_THAT(policy.judge(asker, vsi(1), filters).trouble, HasSubstr("mtu"));
  database({.any_vlan = true, .default_priority = 5});
  EXPECT_EQ(judged(filters), vdp::Reason::kOtherFailure) << "the station would not hear of it";
  policy.set_database(std::make_shared<profiles::VsiTypes>(), "");
  EXPECT_TRUE(policy.change(asker, vsi(1))->is_gone());
  EXPECT_EQ(judged(filters), vdp::Reason::kOtherFailure) << "the file's types have that manager";
  policy.set_database(std::make_shared<profiles::VsiTypes>(), "profiles.db is damaged");
  EXPECT_EQ(judged(filters), vdp::Reason::kUnreachableManager);
}

TEST_F(ChangedTypeTest, AVlanThatTheBridgeChoseFollowsTheTypeAnywayNotOneThatTheStationNamed) {
  for (const auto asked : {std::uint16_t{0}, std::uint16_t{2}}) {
    database({.tagged = {2, 3}, .default_vlan = 2});
    const auto filters = granted(asked, VsiPolicyTest::filters(asked));
    EXPECT_EQ(filters.entries[0].vid, 2);
    database({.tagged = {2, 3}, .default_vlan = 3});
    EXPECT_EQ(judged(filters), asked == 0 ? vdp::Reason::kOtherFailure : vdp::Reason::kSuccess);
    policy.release(1, vsi(1));
  }
}

TEST_F(ChangedTypeTest, ALimitOfInstancesTakesNothingFromThoseThatAreThere) {
  database({.any_vlan = true});
  const auto filters = granted(2, VsiPolicyTest::filters(2));
  database({.any_vlan = true, .mtu = 1400, .max_instances = 0});
  EXPECT_EQ(judged(filters), vdp::Reason::kSuccess);
  policy.grant_anew(asker, vsi(1));
  EXPECT_FALSE(policy.change(asker, vsi(1)));
}

TEST_F(ChangedTypeTest, AVsiThatCouldNotBeAdmittedHasWhatItHadBefore) {
  database({.any_vlan = true});
  granted(2, filters(2));
  database({.any_vlan = true, .mtu = 1400});
  vdp::ResolveVsiType question{
      {}, vsi(1), vdp::AssociationType::kAssociate, kManager, {5, 0}, filters(2), {}};
  EXPECT_EQ(policy.resolve(asker, question).resolved.reason, vdp::Reason::kSuccess);
  policy.not_admitted(1, vsi(1));
  ASSERT_TRUE(policy.change(asker, vsi(1)));
  EXPECT_FALSE(policy.change(asker, vsi(1))->in_force->mtu);
}

TEST(RateLimit, LetsABurstThroughAndCountsTheRest) {
  RateLimit limit;
  const base::Instant start(1h);
  for (unsigned i = 0; i < RateLimit::kBurst; ++i) EXPECT_EQ(limit.pass(start), 0U);
  EXPECT_EQ(limit.pass(start), std::nullopt);
  EXPECT_EQ(limit.pass(start + RateLimit::kPeriod - 1us), std::nullopt);
  EXPECT_EQ(limit.pass(start + RateLimit::kPeriod), 2U);
  EXPECT_EQ(limit.pass(start + RateLimit::kPeriod), 0U);
}

/// What a log with this format writes for one event of each level.
std::string logged(LogLevel level, Log::Format format) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  Log log(level, format, file.get());
  log.error("one {}", 1);
  log.info("two\n<0>three");
  log.debug("four");
  std::string text(1000, '\0');
  std::rewind(file.get());
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  return text;
}

TEST(Log, WritesSystemdsLevelsAndNothingBelowItsOwn) {
  EXPECT_EQ(logged(LogLevel::kInfo, Log::Format::kPrefixed), "<3>one 1\n<6>two <0>three\n");
  EXPECT_EQ(logged(LogLevel::kError, Log::Format::kPrefixed), "<3>one 1\n");
}

TEST(Log, WritesTimeAndLevelForPeople) {
  EXPECT_THAT(logged(LogLevel::kError, Log::Format::kPlain),
              MatchesRegex("....-..-..T..:..:..\\.... error: one 1\n"));
}

TEST(SystemInformation, SaysOnlyWhatIsChosen) {
  SystemIdentity system;
  system.chassis = {{2, 0, 0, 0, 0, 1}};
  system.name = "host-7";
  system.description = std::string(300, 'd');
  net::Link link;
  link.name = "eth0";
  link.index = 3;
  PortSettings settings;
  auto say = describe(system, settings, link);
  EXPECT_EQ(say.port_id.octets, (base::Octets{'e', 't', 'h', '0'}));
  EXPECT_EQ(say.port_description, "eth0");
  EXPECT_EQ(say.system_name, "host-7");
  EXPECT_EQ(say.system_description->size(), 255U) << "the longest that LLDP can carry";
  EXPECT_EQ(say.capabilities->enabled, 0x0080) << "station only";
  ASSERT_EQ(say.management_addresses.size(), 1U);
  EXPECT_EQ(say.management_addresses[0].family, 6) << "the port's own, where the host has none";
  settings.tlvs = {false, false, false, false, false};
  settings.protocol.evb.role = lldp::EvbRole::kBridge;
  link.alias = "to rack 7";
  say = describe(system, settings, link);
  EXPECT_FALSE(say.port_description || say.system_name || say.system_description ||
               say.capabilities);
  EXPECT_TRUE(say.management_addresses.empty());
  settings.tlvs = {};
  say = describe(system, settings, link);
  EXPECT_EQ(say.port_description, "to rack 7");
  EXPECT_EQ(say.capabilities->enabled, 0x0004) << "bridge";
}

}  // namespace
}  // namespace agent
