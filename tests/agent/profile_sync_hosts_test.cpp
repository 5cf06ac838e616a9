// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/profile_sync/host_report.hpp"

namespace agent::profile_sync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Optional;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

pb::Event event(const std::string& id, std::uint32_t type = 7) {
  pb::Event event;
  event.set_port("eth0");
  event.mutable_vsi()->set_id(id);
  auto& vsi = *event.mutable_vsi()->mutable_vsi();
  vsi.set_id(id);
  vsi.set_port("eth0");
  vsi.set_type_id(type);
  vsi.set_state(pb::ASSOCIATED);
  return event;
}
pb::Event gone(const std::string& id) {
  pb::Event event;
  event.set_port("eth0");
  event.mutable_vsi()->set_id(id);
  event.mutable_vsi()->set_gone(true);
  return event;
}
pb::Event snapshot_end() {
  pb::Event event;
  event.mutable_snapshot_end();
  return event;
}

class HostReportTest : public testing::Test {
 protected:
  void tell(std::initializer_list<pb::Event> events) {
    for (const auto& event : events) report.take(event);
  }
  HostReport report{"/t/", "alpha"};
};

TEST_F(HostReportTest, TellsWhatIsThereAndThenOnlyWhatChanges) {
  report.connected();
  tell({event("one"), event("two"), snapshot_end()});
  EXPECT_THAT(report.changes(),
              ElementsAre(Pair("/t/hosts/alpha", Optional(std::string("connected"))),
                          Key("/t/hosts/alpha/vsi/eth0/one"), Key("/t/hosts/alpha/vsi/eth0/two")));
  report.made();
  EXPECT_THAT(report.changes(), IsEmpty());
  tell({event("one"), gone("two")});
  EXPECT_THAT(report.changes(),
              ElementsAre(Pair("/t/hosts/alpha/vsi/eth0/two", testing::Eq(std::nullopt))));
}

TEST_F(HostReportTest, TimersAndTriesAreNoChange) {
  report.connected();
  tell({event("one"), snapshot_end()});
  report.made();
  auto later = event("one");
  auto& vsi = *later.mutable_vsi()->mutable_vsi();
  vsi.mutable_timer()->set_remaining_us(5);
  vsi.set_tries(3);
  vsi.set_next_try_in_us(7);
  tell({later});
  EXPECT_THAT(report.changes(), IsEmpty());
  tell({event("one", 8)});
  EXPECT_THAT(report.changes(), ElementsAre(Key("/t/hosts/alpha/vsi/eth0/one")));
}

TEST_F(HostReportTest, WithoutEvbdTheVsisStayAndTheReasonIsTold) {
  report.connected();
  tell({event("one"), event("two"), snapshot_end()});
  report.made();
  report.disconnected("evbd ended");
  EXPECT_THAT(report.changes(),
              ElementsAre(Pair("/t/hosts/alpha", Optional(std::string("evbd ended")))));
  report.made();
  report.connected();
  tell({event("two"), snapshot_end()});
  EXPECT_THAT(report.changes(),
              UnorderedElementsAre(Pair("/t/hosts/alpha", Optional(std::string("connected"))),
                                   Pair("/t/hosts/alpha/vsi/eth0/one", testing::Eq(std::nullopt))));
}

TEST_F(HostReportTest, AfterALostLeaseEverythingIsToldAgain) {
  report.connected();
  tell({event("one"), snapshot_end()});
  report.made();
  report.lost();
  EXPECT_THAT(report.changes(), SizeIs(2));
}

TEST_F(HostReportTest, WhatOneHostTellsIsReadAsTheSame) {
  report.connected();
  tell({event("one", 1193047), snapshot_end()});
  std::vector<KeyValue> entries{{"/t/db/profile/x", "no host", 1}, {"/t/hosts/beta", "gone", 1}};
  for (const auto& [key, value] : report.changes()) entries.push_back({key, *value, 1});
  entries.push_back({"/t/hosts/alpha/vsi/eth0/bad", "{nonsense", 1});
  const auto hosts = read_hosts("/t/", entries);
  ASSERT_THAT(hosts, SizeIs(2));
  EXPECT_EQ(hosts[0].host, "alpha");
  EXPECT_EQ(hosts[0].status, "connected");
  ASSERT_EQ(hosts[0].vsis.vsis_size(), 1);
  EXPECT_EQ(hosts[0].vsis.vsis(0).type_id(), 1193047U);
  EXPECT_EQ(hosts[0].vsis.vsis(0).state(), pb::ASSOCIATED);
  EXPECT_THAT(hosts[0].unreadable, ElementsAre(HasSubstr("/bad")));
  EXPECT_EQ(hosts[1].status, "gone");
}

}  // namespace
}  // namespace agent::profile_sync
