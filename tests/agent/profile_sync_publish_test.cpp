// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/profile_sync/publish.hpp"
#include "profile_sync_fakes.hpp"

namespace agent::profile_sync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = EtcdError::Kind;

const Keys kKeys("/test/");

class PublishTest : public testing::Test {
 protected:
  tl::expected<Published, std::vector<std::string>> publish(const std::string& text,
                                                            PublishOptions options = {}) {
    const auto document = profiles::read_document(text, "file.toml");
    EXPECT_TRUE(document.has_value());
    return agent::profile_sync::publish(etcd, kKeys, *document, "file.toml", options);
  }
  static std::string profile(const std::string& name, int mtu, const std::string& more = "") {
    return fmt::format("[[port_profile]]\nname = \"{}\"\nmtu = {}\n{}", name, mtu, more);
  }
  static std::string type(int vlan) {
    return fmt::format("[[vsi_type]]\nid = 7\nversion = 1\nuntagged = {}\n", vlan);
  }
  static constexpr const char* kStandsFor = "vsi_type = { id = 7, version = 1 }\n";

  FakeEtcd etcd;
};

TEST_F(PublishTest, WritesWhatIsNewOrOther) {
  const auto first = publish(profile("a", 1500) + profile("b", 1500));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->added, 2U);
  EXPECT_TRUE(etcd.has("/test/db/identity"));
  const auto identity = etcd.value("/test/db/identity");
  const auto second = publish(profile("a", 1500) + profile("b", 1400) + profile("c", 1300));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->added, 1U);
  EXPECT_EQ(second->changed, 1U);
  EXPECT_EQ(second->revision, etcd.revision);
  EXPECT_EQ(etcd.value("/test/db/identity"), identity) << "drawn once";
  EXPECT_THAT(etcd.value("/test/db/profile/b"), HasSubstr("1400"));
}

TEST_F(PublishTest, ReplacingRemovesWhatIsNotInTheFile) {
  ASSERT_TRUE(publish(profile("a", 1500) + profile("b", 1500)).has_value());
  etcd.put("/test/hosts/one", "of somebody else");
  const auto done = publish(profile("b", 1500), {.replace = true});
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->removed, 1U);
  EXPECT_FALSE(etcd.has("/test/db/profile/a"));
  EXPECT_TRUE(etcd.has("/test/db/identity"));
  EXPECT_TRUE(etcd.has("/test/hosts/one"));
}

TEST_F(PublishTest, ATypeKeepsItsBodyUnderItsVersionUnlessForced) {
  ASSERT_TRUE(publish(type(10)).has_value());
  const auto before = etcd.revision;
  const auto refused = publish(type(11) + profile("more", 1500));
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error(), ElementsAre(HasSubstr("file.toml:1")));
  EXPECT_EQ(etcd.revision, before);
  const auto replaced = publish(type(11), {.replace = true});
  EXPECT_FALSE(replaced.has_value()) << "also when the whole is replaced";
  EXPECT_EQ(etcd.revision, before);
  EXPECT_TRUE(publish(type(11), {.force = profiles::Force::kYes}).has_value());
  EXPECT_THAT(etcd.value("/test/db/type/any/7/1"), HasSubstr("11"));
}

TEST_F(PublishTest, AProfileCannotStandForATypeThatIsNowhere) {
  const auto refused = publish(profile("a", 1500, kStandsFor));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(etcd.size(), 0U);
  ASSERT_TRUE(publish(type(10)).has_value());
  EXPECT_TRUE(publish(profile("a", 1500, kStandsFor)).has_value());
}

/// Somebody else is faster, between what was read and what is written.
class Meddled : public FakeEtcd {
 public:
  std::function<void()> before_write;
  EtcdResult<std::int64_t> write(const std::vector<Write>& writes) override {
    if (before_write) std::exchange(before_write, nullptr)();
    return FakeEtcd::write(writes);
  }
};

class MeddledPublishTest : public PublishTest {
 protected:
  void expect_conflict(const std::string& text, std::function<void()> meddle) {
    meddled.before_write = [&] {
      meddle();
      revision = meddled.revision;
    };
    const auto document = profiles::read_document(text, "file.toml");
    ASSERT_TRUE(document.has_value());
    const auto done = agent::profile_sync::publish(meddled, kKeys, *document, "file.toml", {});
    ASSERT_FALSE(done.has_value());
    EXPECT_THAT(done.error(), ElementsAre("changed meanwhile"));
    EXPECT_EQ(meddled.revision, revision) << "nothing was written";
  }
  Meddled meddled;
  std::int64_t revision = 0;
};

TEST_F(MeddledPublishTest, NothingIsWrittenOverWhatSomebodyElsePublishedMeanwhile) {
  meddled.put(kKeys.identity(), "x");
  expect_conflict(profile("a", 1500) + profile("b", 1500),
                  [&] { meddled.put("/test/db/profile/b", profile("b", 1)); });
}

TEST_F(MeddledPublishTest, NoTypeGetsAnotherBodyWhenTwoPublishItAtOnce) {
  meddled.put(kKeys.identity(), "x");
  expect_conflict(type(10), [&] { meddled.put("/test/db/type/any/7/1", type(11)); });
}

TEST_F(MeddledPublishTest, NoProfileComesWhoseTypeHasJustGone) {
  meddled.put(kKeys.identity(), "x");
  meddled.put("/test/db/type/any/7/1", type(10));
  expect_conflict(profile("a", 1500, kStandsFor), [&] { meddled.remove("/test/db/type/any/7/1"); });
}

TEST_F(MeddledPublishTest, TwoThatPublishFirstDoNotBothDrawAnIdentity) {
  expect_conflict(profile("a", 1500), [&] { meddled.put(kKeys.identity(), "of the other"); });
}

TEST_F(PublishTest, ManyChangesGoInTransactionsThatEtcdTakes) {
  ASSERT_TRUE(publish(type(10)).has_value());
  std::string text;
  for (int i = 0; i < 300; ++i) text += profile(fmt::format("p{:03}", i), 1500, kStandsFor);
  etcd.calls.clear();
  const auto done = publish(text);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->added, 300U);
  // Each profile takes its type along: 60 to a transaction.
  EXPECT_THAT(etcd.calls, ElementsAre("read_all", "write", "write", "write", "write", "write"));
  EXPECT_EQ(etcd.size(), 302U);
}

TEST_F(PublishTest, AnInterruptionSaysHowFarItCame) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += profile(fmt::format("p{:03}", i), 1500);
  Meddled meddled;
  meddled.before_write = [&] {
    meddled.before_write = [&] { meddled.failures = {{Kind::kUnreachable, "gone"}}; };
  };
  const auto document = profiles::read_document(text, "file.toml");
  const auto done = agent::profile_sync::publish(meddled, kKeys, *document, "file.toml", {});
  ASSERT_FALSE(done.has_value());
  EXPECT_THAT(done.error(), ElementsAre("gone", HasSubstr("120 of 201")));
  const auto again = agent::profile_sync::publish(meddled, kKeys, *document, "file.toml", {});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->added, 81U);
}

}  // namespace
}  // namespace agent::profile_sync
