// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/agent/api_service.hpp"

namespace agent::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Type 11/1193047/2 has changed under the VSIs of the bridge port.
class ChangedType : public ApiService {
 protected:
  static TypeChange change() {
    const auto body = [](std::uint64_t rate) {
      return std::make_shared<const profiles::NetworkParameters>(profiles::NetworkParameters{
          .untagged = 2, .default_vlan = 2, .receive = profiles::Rate{rate, 0}});
    };
    return {vdp::ManagerId{{11}}, {1193047, 2}, body(10'000'000), body(20'000'000)};
  }
  static TypeApplied applied(std::uint8_t number, TypeApplied::Outcome outcome) {
    TypeApplied result{"sw1", {}, change(), outcome, vdp::Reason::kSuccess, {}};
    result.vsi.octets[15] = number;
    if (outcome == TypeApplied::Outcome::kApplied) return result;
    result.reason = vdp::Reason::kInvalidFilter;
    result.trouble = "VLAN 2 is no more";
    return result;
  }
  static pb::Request apply() {
    pb::Request request;
    request.set_id(3);
    request.mutable_type_apply();
    return request;
  }
};

TEST_F(ChangedType, IsReportedWithTheLinesThatDiffer) {
  ports.changed = change();
  ask(associate(1, pb::FIRST_ANSWER, {wanted()}));
  pb::Request request;
  request.set_id(2);
  request.mutable_vsi_list()->set_port("sw1");
  const auto list = ask(request);
  ASSERT_EQ(list.vsis().vsis_size(), 1);
  const auto& told = list.vsis().vsis(0).type_change();
  EXPECT_FALSE(told.gone());
  EXPECT_THAT(told.in_force(), ElementsAre("receive = \"10 Mbit/s\""));
  EXPECT_THAT(told.now(), ElementsAre("receive = \"20 Mbit/s\""));
  pb::Request why;
  why.set_id(3);
  why.mutable_vsi_why()->mutable_vsi()->set_id(kFirstId);
  why.mutable_vsi_why()->mutable_vsi()->set_port("sw1");
  EXPECT_THAT(
      ask(why).explanation().sentences(),
      testing::Contains(HasSubstr("\"10 Mbit/s\" in force, receive = \"20 Mbit/s\" in the")));
  ports.changed->now = nullptr;
  client->running.clear();
  EXPECT_TRUE(ask(request).vsis().vsis(0).type_change().gone());
  EXPECT_THAT(ask(why).explanation().sentences(),
              testing::Contains(HasSubstr("gone from the data")));
}

TEST_F(ChangedType, WatchersAreTold) {
  pb::Request request;
  request.set_id(4);
  request.mutable_watch();
  ask(request);
  client->sent.clear();
  service.type_changed("sw1", {vdp::ManagerId{{11}}, {1193047, 2}, true, 3});
  const auto events = client->events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].port(), "sw1");
  EXPECT_EQ(events[0].type_changed().type().manager(), "11");
  EXPECT_EQ(events[0].type_changed().type().id(), 1193047U);
  EXPECT_TRUE(events[0].type_changed().gone());
  EXPECT_EQ(events[0].type_changed().vsis(), 3U);
}

TEST_F(ChangedType, AnApplySaysOfEachVsiWhatBecameOfIt) {
  using Outcome = TypeApplied::Outcome;
  ports.applied = {applied(1, Outcome::kApplied), applied(2, Outcome::kKept),
                   applied(3, Outcome::kDeassociated)};
  auto request = apply();
  request.mutable_type_apply()->set_deassociate(true);
  auto& name = *request.mutable_type_apply()->add_types();
  name.set_manager("11");
  name.set_id(5);
  name.set_version(6);
  const auto answer = ask(request);
  ASSERT_EQ(answer.type_results().results_size(), 3);
  const auto& results = answer.type_results().results();
  EXPECT_EQ(results[0].status().code(), pb::OK);
  EXPECT_EQ(results[0].status().sentence(), "");
  EXPECT_EQ(results[1].status().code(), pb::REFUSED);
  EXPECT_THAT(results[1].status().sentence(), HasSubstr("(reason 5): VLAN 2 is no more"));
  EXPECT_EQ(results[2].status().code(), pb::OK);
  EXPECT_TRUE(results[2].deassociated());
  EXPECT_EQ(results[2].reason(), 5U);
  EXPECT_TRUE(ports.deassociated);
  ASSERT_EQ(ports.selected->types.size(), 1U);
  EXPECT_EQ(ports.selected->types[0], (profiles::TypeName{vdp::ManagerId{{11}}, {5, 6}}));
}

TEST_F(ChangedType, AnApplyOfTenThousandIsAnsweredInPieces) {
  for (int i = 0; i < 10'000; ++i) {
    ports.applied.push_back(applied(1, TypeApplied::Outcome::kApplied));
  }
  client->sent.clear();
  service.handle(client, apply());
  client->drain();
  int told = 0;
  for (const auto& message : client->sent) told += message.response().type_results().results_size();
  EXPECT_EQ(told, 10'000);
  EXPECT_GT(client->sent.size(), 50U);
  EXPECT_TRUE(client->sent.front().response().more());
  EXPECT_FALSE(client->sent.back().response().more());
}

TEST_F(ChangedType, AnApplyThatIsWrongChangesNothing) {
  const auto said = [&](auto spoil) {
    auto request = apply();
    spoil(*request.mutable_type_apply()->add_types());
    return ask(request).status().sentence();
  };
  EXPECT_EQ(said([](auto& type) { type.set_id(1U << 24U); }),
            "types[0].id: 16777216 is not 0..16777215");
  EXPECT_EQ(said([](auto& type) { type.set_version(256); }), "types[0].version: 256 is not 0..255");
  EXPECT_THAT(said([](auto& type) { type.set_manager("1.2.3.4.5"); }),
              HasSubstr("types[0].manager"));
  client->may_change = false;
  EXPECT_EQ(ask(apply()).status().code(), pb::PERMISSION_DENIED);
  EXPECT_FALSE(ports.selected);
}

TEST_F(ChangedType, ASelectionWithoutManagerMeansEveryManagers) {
  const auto selects = [](std::vector<profiles::TypeName> names) {
    return TypeSelection{std::move(names)}.matches(change());
  };
  EXPECT_TRUE(selects({}));
  EXPECT_TRUE(selects({{std::nullopt, {1193047, 2}}}));
  EXPECT_TRUE(selects({{std::nullopt, {1, 1}}, {vdp::ManagerId{{11}}, {1193047, 2}}}));
  EXPECT_FALSE(selects({{vdp::ManagerId{{12}}, {1193047, 2}}}));
  EXPECT_FALSE(selects({{std::nullopt, {1193047, 3}}}));
}

}  // namespace
}  // namespace agent::api
