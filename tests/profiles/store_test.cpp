// SPDX-License-Identifier: Apache-2.0
#include "profiles/store.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/support/temporary_folder.hpp"

namespace profiles {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = StoreError::Kind;
using namespace std::chrono_literals;

const vdp::ManagerId kManager{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 20}};
constexpr vdp::VsiType kType{1193047, 2};

NetworkParameters everything() {
  return {.name = "tenant",
          .untagged = 2,
          .tagged = {10, 11},
          .any_vlan = true,
          .default_vlan = 10,
          .groups = {{4097, 10}, {4294967295, 11}},
          .default_priority = 5,
          .mac_policy = MacPolicy::kListed,
          .macs = {lldp::MacAddress{{0x52, 0x54, 0, 0, 0, 1}}},
          .mtu = 9000,
          .transmit = Rate{100'000'000, 65'536},
          .receive = Rate{1'000'000'000, 0},
          .modes = {DeliveryMode::kVepa, DeliveryMode::kPassthrough},
          .max_instances = 100};
}

PortProfile profile(std::string name) {
  return {std::move(name), {.untagged = 2, .default_vlan = 2}, std::nullopt};
}
VsiTypeEntry type(std::uint16_t vlan) {
  return {{kManager, kType}, {.untagged = vlan, .default_vlan = vlan}};
}
MirrorState state(std::int64_t revision) {
  return {"a1b2", "etcd https://db1:2379 /evbd/", revision,
          std::chrono::system_clock::time_point(1'700'000'000'000ms), ""};
}

class StoreTest : public testing::Test {
 protected:
  Store open(Access access = Access::kWrite) {
    auto opened = Store::open(path, access, 0ms);
    EXPECT_TRUE(opened) << opened.error().text;
    return std::move(*opened);
  }
  static std::int64_t must(const StoreResult<std::int64_t>& result) {
    EXPECT_TRUE(result) << result.error().text;
    return result.value_or(-1);
  }

  const support::TemporaryFolder folder_;
  std::string path = folder_.path() + "/profiles.db";
};

// evbd reads all the time, so no writer is ever the last one to leave, who would clear the log.
TEST_F(StoreTest, AFileThatIsPutInItsPlaceIsReadAsItIs) {
  must(open().apply({{}, {}, {profile("old")}, {}}, Force::kNo));
  auto reader = std::make_optional(open(Access::kRead));
  EXPECT_TRUE(*reader->find_profile("old"));
  must(open().apply({{}, {}, {profile("older still")}, {}}, Force::kNo));
  const auto real = std::exchange(path, folder_.path() + "/backup.db");
  must(open().apply({{}, {}, {profile("new")}, {}}, Force::kNo));
  std::filesystem::rename(path, real);
  path = real;
  reader.reset();
  const auto found = open(Access::kRead).contents();
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_THAT(found->profiles, ElementsAre(profile("new")));
}

TEST_F(StoreTest, KeepsEveryParameter) {
  const Contents all{{{"finance", everything(), TypeName{kManager, kType}, true},
                      {"web", everything(), TypeName{std::nullopt, {0xFFFFFF, 255}}}},
                     {{{std::nullopt, {0xFFFFFF, 255}}, {}}, {{kManager, kType}, everything()}}};
  must(open().apply({{}, {}, all.profiles, all.types}, Force::kNo));
  auto store = open(Access::kRead);
  EXPECT_EQ(store.contents().value(), all);
  EXPECT_EQ(store.find_profile("finance").value(), all.profiles[0]);
  EXPECT_EQ(store.find_type(TypeName{kManager, kType}).value(), everything());
  EXPECT_TRUE(store.check());
}

TEST_F(StoreTest, ConvertsTheTablesOfAnEarlierVersionAtTheFirstChange) {
  must(open().apply({{}, {}, {profile("a")}, {}}, Force::kNo));
  SQLite::Database(path, SQLite::OPEN_READWRITE)
      .exec("ALTER TABLE port_profile DROP COLUMN require_relay; PRAGMA user_version = 1");
  const auto refused = Store::open(path, Access::kRead, 0ms);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreError::Kind::kVersion);
  EXPECT_THAT(refused.error().text, HasSubstr("earlier version"));
  EXPECT_EQ(open().find_profile("a").value(), profile("a"));
  EXPECT_EQ(open(Access::kRead).find_profile("a").value(), profile("a"));
}

TEST_F(StoreTest, FindsTheManagersOwnTypeBeforeThatOfAny) {
  auto store = open();
  auto any = type(3);
  any.name.manager.reset();
  must(store.apply({{}, {}, {}, {type(2), any}}, Force::kNo));
  EXPECT_EQ(store.find_type(kManager, kType).value()->untagged, 2);
  EXPECT_EQ(store.find_type(vdp::ManagerId{{12}}, kType).value()->untagged, 3);
  EXPECT_EQ(store.find_type(kManager, {1, 1}).value(), std::nullopt);
  EXPECT_EQ(store.find_profile("nobody").value(), std::nullopt);
}

TEST_F(StoreTest, CountsRevisionsOfWhatChangedOnly) {
  auto store = open();
  EXPECT_EQ(must(store.revision()), 0);
  EXPECT_EQ(must(store.apply({{}, {}, {profile("a")}, {}}, Force::kNo)), 1);
  EXPECT_EQ(must(store.apply({{}, {}, {profile("a")}, {}}, Force::kNo)), 1);
  EXPECT_EQ(must(store.apply({{"b"}, {}, {}, {}}, Force::kNo)), 1);
  EXPECT_EQ(must(store.apply({{"a"}, {}, {}, {}}, Force::kNo)), 2);
}

TEST_F(StoreTest, RefusesAnotherBodyUnderTheSameVersionUnlessForced) {
  auto store = open();
  must(store.apply({{}, {}, {}, {type(2)}}, Force::kNo));
  const auto refused = store.apply({{}, {}, {profile("a")}, {type(3)}}, Force::kNo);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::kRefused);
  EXPECT_THAT(refused.error().reasons,
              ElementsAre("VSI type 1193047 version 2 of 192.0.2.20 exists with another body, and "
                          "VSIs may use it; give the new one another version, or force it"));
  EXPECT_EQ(store.contents().value(), (Contents{{}, {type(2)}})) << "nothing of it was done";
  must(store.apply({{}, {}, {}, {type(3)}}, Force::kYes));
  EXPECT_EQ(store.contents().value(), (Contents{{}, {type(3)}}));
}

TEST_F(StoreTest, ATypeMayBeGivenAnotherNameForPeople) {
  auto store = open();
  must(store.apply({{}, {}, {}, {type(2)}}, Force::kNo));
  auto renamed = type(2);
  renamed.parameters.name = "tenant network";
  EXPECT_EQ(must(store.apply({{}, {}, {}, {renamed}}, Force::kNo)), 2);
}

TEST_F(StoreTest, RefusesAProfileThatStandsForNoType) {
  auto store = open();
  auto finance = profile("finance");
  finance.vsi_type = TypeName{kManager, kType};
  const auto refused = store.apply({{}, {}, {finance}, {}}, Force::kYes);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reasons,
              ElementsAre(HasSubstr("profile finance stands for VSI type 1193047 version 2 of "
                                    "192.0.2.20, which does not exist")));
  EXPECT_EQ(store.contents().value(), Contents{});

  must(store.apply({{}, {}, {finance}, {type(2)}}, Force::kNo));
  EXPECT_FALSE(store.apply({{}, {type(2).name}, {}, {}}, Force::kYes));
  EXPECT_THAT(store.contents()->types, SizeIs(1));
  must(store.apply({{"finance"}, {type(2).name}, {}, {}}, Force::kNo));
  EXPECT_EQ(store.contents().value(), Contents{});
}

TEST_F(StoreTest, AnyManagersTypeIsEnoughForAProfile) {
  auto store = open();
  auto any = type(2);
  any.name.manager.reset();
  auto finance = profile("finance");
  finance.vsi_type = TypeName{kManager, kType};
  must(store.apply({{}, {}, {finance}, {any}}, Force::kNo));
  auto web = profile("web");
  web.vsi_type = TypeName{std::nullopt, kType};
  must(store.apply({{}, {}, {web}, {type(2)}}, Force::kNo));
  must(store.apply({{}, {any.name}, {}, {}}, Force::kNo));
}

TEST_F(StoreTest, RefusesNamesThatNoProfileCanHave) {
  auto store = open();
  must(store.apply({{}, {}, {profile(std::string(39, 'x'))}, {}}, Force::kNo));
  for (const auto& name :
       {std::string(40, 'x'), std::string(), std::string("a\nb"), std::string("a\0b", 3),
        std::string("\xC0\xAF"), std::string("\xE2\x82")}) {
    const auto refused = store.apply({{}, {}, {profile(name)}, {}}, Force::kYes);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().kind, Kind::kRefused);
  }
  EXPECT_THAT(store.contents()->profiles, SizeIs(1));
}

TEST_F(StoreTest, AReaderReadsWhileAnotherWrites) {
  auto writer = open();
  must(writer.apply({{}, {}, {profile("a")}, {}}, Force::kNo));
  auto reader = open(Access::kRead);
  const auto seen = must(reader.data_version());
  EXPECT_EQ(must(reader.data_version()), seen);
  auto changes = reader.read_changes(0);
  ASSERT_TRUE(changes);
  must(writer.apply({{"a"}, {}, {profile("b")}, {}}, Force::kNo));
  const auto first = changes->next(10);
  ASSERT_TRUE(first);
  EXPECT_THAT(first->put_profiles, ElementsAre(profile("a"))) << "one state, whatever is written";
  changes = tl::unexpected(StoreError{});
  EXPECT_NE(must(reader.data_version()), seen);
  EXPECT_THAT(reader.contents()->profiles, ElementsAre(profile("b")));
}

TEST_F(StoreTest, ReadsWhatChangedSinceARevisionInPortions) {
  auto store = open();
  must(store.apply({{}, {}, {profile("a"), profile("b"), profile("c")}, {type(2)}}, Force::kNo));
  must(store.apply({{"b"}, {}, {profile("d"), profile("e")}, {}}, Force::kNo));
  must(store.apply({{}, {type(2).name}, {}, {}}, Force::kNo));
  auto reader = store.read_changes(1);
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->from_nothing());
  EXPECT_EQ(reader->revision(), 3);
  Changes all;
  for (auto portion = reader->next(2); !portion->empty(); portion = reader->next(2)) {
    for (auto& each : portion->remove_profiles) all.remove_profiles.push_back(each);
    for (auto& each : portion->remove_types) all.remove_types.push_back(each);
    for (auto& each : portion->put_profiles) all.put_profiles.push_back(each);
    EXPECT_THAT(portion->put_types, IsEmpty());
  }
  EXPECT_THAT(all.remove_profiles, ElementsAre("b"));
  EXPECT_THAT(all.remove_types, ElementsAre(type(2).name));
  EXPECT_THAT(all.put_profiles, ElementsAre(profile("d"), profile("e")));
}

TEST_F(StoreTest, AReaderThatMissedTooManyRemovalsStartsFromNothing) {
  auto store = open();
  Changes add, remove;
  for (int i = 0; i <= 10'000; ++i) add.put_profiles.push_back(profile(std::to_string(i)));
  for (const auto& each : add.put_profiles) remove.remove_profiles.push_back(each.name);
  must(store.apply(add, Force::kNo));
  must(store.apply({{}, {}, {profile("x")}, {}}, Force::kNo));
  must(store.apply(remove, Force::kNo));
  auto behind = store.read_changes(2);
  ASSERT_TRUE(behind);
  EXPECT_TRUE(behind->from_nothing());
  EXPECT_THAT(behind->next(10)->put_profiles, ElementsAre(profile("x")));
  behind = tl::unexpected(StoreError{});
  EXPECT_FALSE(store.read_changes(3)->from_nothing());
  EXPECT_TRUE(store.read_changes(4)->from_nothing()) << "the file was replaced by a younger one";
}

TEST_F(StoreTest, AMirrorFollowsItsSourceAndNobodyElse) {
  auto store = open();
  must(store.apply({{}, {}, {profile("own")}, {type(2)}}, Force::kNo));
  EXPECT_EQ(store.mirror_state().value(), std::nullopt);
  EXPECT_EQ(must(store.replace_all({{profile("a"), profile("b")}, {type(3)}}, state(7))), 2);
  EXPECT_EQ(store.mirror_state().value(), state(7));
  EXPECT_EQ(store.contents().value(), (Contents{{profile("a"), profile("b")}, {type(3)}}));

  EXPECT_EQ(must(store.apply({}, state(9))), 2) << "a contact changes no profile";
  EXPECT_EQ(store.mirror_state()->value().revision, 9);
  auto early = profile("c");
  early.vsi_type = TypeName{kManager, {1, 1}};
  EXPECT_EQ(must(store.apply({{"a"}, {}, {early}, {type(4)}}, state(10))), 3);
  EXPECT_EQ(store.contents().value(), (Contents{{profile("b"), early}, {type(4)}}));
  EXPECT_EQ(must(store.replace_all({{profile("b"), early}, {type(4)}}, state(11))), 3);

  const auto refused = store.apply({{"b"}, {}, {}, {}}, Force::kYes);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("it mirrors etcd https://db1:2379 /evbd/"));
  ASSERT_TRUE(store.end_mirror());
  must(store.apply({{"b"}, {}, {}, {}}, Force::kNo));
}

}  // namespace
}  // namespace profiles
