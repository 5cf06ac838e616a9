// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/profile_sync/mirror.hpp"
#include "profile_sync_fakes.hpp"
#include "tests/support/temporary_folder.hpp"

namespace agent::profile_sync {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;
using End = Mirror::End;
using Kind = EtcdError::Kind;

class MirrorTest : public testing::Test {
 protected:
  MirrorTest() {
    store.emplace(
        *profiles::Store::open(folder_.path() + "/profiles.db", profiles::Access::kWrite));
    begin();
  }

  /// As when the program is started again.
  void begin() {
    mirror.emplace(etcd, *store, keys, "etcd of the test", log, [this] { return now; });
  }
  void publish(const std::string& identity = "first") { etcd.put(keys.identity(), identity); }
  void put(const std::string& name, int mtu) {
    etcd.put(key(name), fmt::format("[[port_profile]]\nname = \"{}\"\nmtu = {}\n", name, mtu));
  }
  std::string key(const std::string& name) const { return keys.of(name); }

  std::vector<std::string> here() {
    std::vector<std::string> all;
    const auto contents = store->contents();
    for (const auto& profile : contents->profiles) {
      all.push_back(fmt::format("{} {}", profile.name, profile.parameters.mtu.value_or(0)));
    }
    return all;
  }
  profiles::MirrorState state() { return **store->mirror_state(); }

  FakeEtcd etcd;
  Keys keys{"/test/"};
  const support::TemporaryFolder folder_;
  std::optional<profiles::Store> store;
  std::optional<Mirror> mirror;
  Log log{LogLevel::kError, Log::Format::kPlain};
  std::chrono::system_clock::time_point now{1'700'000'000s};
};

TEST_F(MirrorTest, ReadsEverythingAtARevisionAndFollowsFromTheNext) {
  publish();
  put("finance", 9000);
  const auto read = etcd.revision;
  etcd.while_watched = {[&] { put("guests", 1500); }, [&] { etcd.remove(key("finance")); }};
  EXPECT_EQ(mirror->run_once(), End::kStopped);
  EXPECT_THAT(here(), ElementsAre("guests 1500"));
  EXPECT_EQ(state().revision, etcd.revision);
  EXPECT_EQ(state().source, "etcd of the test");
  EXPECT_THAT(etcd.calls, ElementsAre("read", "read_all", fmt::format("watch {}", read + 1)));
}

TEST_F(MirrorTest, FollowsFromWhatIsOnDiskAfterARestart) {
  publish();
  put("finance", 9000);
  mirror->run_once();
  const auto known = state().revision;
  put("finance", 1400);
  etcd.calls.clear();
  begin();
  mirror->run_once();
  EXPECT_THAT(etcd.calls, ElementsAre("read", fmt::format("watch {}", known + 1)));
  EXPECT_THAT(here(), ElementsAre("finance 1400"));
}

TEST_F(MirrorTest, TheLastOfSeveralEventsOfAKeyCounts) {
  publish();
  put("finance", 9000);
  etcd.while_watched = {[&] {
    put("finance", 1);
    etcd.remove(key("finance"));
    put("finance", 1400);
    put("brief", 1300);
    etcd.remove(key("brief"));
  }};
  mirror->run_once();
  EXPECT_THAT(here(), ElementsAre("finance 1400"));
  EXPECT_EQ(state().revision, etcd.revision);
}

TEST_F(MirrorTest, ReadsEverythingWhenTheHistoryIsCompacted) {
  publish();
  put("gone", 9000);
  mirror->run_once();
  etcd.remove(key("gone"));
  put("finance", 1400);
  etcd.compacted = etcd.revision;
  EXPECT_EQ(mirror->run_once(), End::kAgain);
  EXPECT_THAT(here(), ElementsAre("gone 9000")) << "nothing is taken away before it is known";
  EXPECT_EQ(mirror->run_once(), End::kStopped);
  EXPECT_THAT(here(), ElementsAre("finance 1400"));
}

TEST_F(MirrorTest, ReadsEverythingOfAnotherCluster) {
  publish();
  put("finance", 9000);
  mirror->run_once();
  etcd.cluster = "00000000000000c2";
  etcd.remove(key("finance"));
  put("guests", 1500);
  EXPECT_EQ(mirror->run_once(), End::kStopped);
  EXPECT_THAT(here(), ElementsAre("guests 1500"));
  EXPECT_THAT(state().cluster, HasSubstr("c2"));
}

TEST_F(MirrorTest, LeavesAWatchThatAnotherClusterAnswers) {
  publish();
  put("finance", 9000);
  etcd.while_watched = {[&] { etcd.cluster = "00000000000000c2"; }};
  EXPECT_EQ(mirror->run_once(), End::kAgain);
}

TEST_F(MirrorTest, ReadsEverythingWhenTheSameClusterBeganAnew) {
  publish();
  put("finance", 9000);
  mirror->run_once();
  etcd.wipe();
  publish("second");
  put("guests", 1500);
  mirror->run_once();
  EXPECT_THAT(here(), ElementsAre("guests 1500"));
}

TEST_F(MirrorTest, ReadsEverythingWhenEtcdWasPutBackToABackup) {
  publish();
  put("finance", 9000);
  mirror->run_once();
  etcd.wipe();
  publish("first");
  EXPECT_LT(etcd.revision, state().revision);
  mirror->run_once();
  EXPECT_THAT(here(), IsEmpty());
  EXPECT_EQ(state().revision, etcd.revision);
}

TEST_F(MirrorTest, ANewIdentityWhileItWatchesMakesItReadAnew) {
  publish();
  etcd.while_watched = {[&] { publish("second"); }};
  EXPECT_EQ(mirror->run_once(), End::kAgain);
  EXPECT_EQ(mirror->run_once(), End::kStopped);
  EXPECT_THAT(state().cluster, HasSubstr("second"));
}

TEST_F(MirrorTest, AnEmptyEtcdEmptiesNothing) {
  publish();
  put("finance", 9000);
  mirror->run_once();
  etcd.wipe();
  EXPECT_EQ(mirror->run_once(), End::kTrouble);
  EXPECT_THAT(here(), ElementsAre("finance 9000"));
  EXPECT_THAT(state().trouble, HasSubstr("/test/db/identity is missing"));
}

TEST_F(MirrorTest, ARefusalIsWrittenDownUntilItIsOver) {
  publish();
  put("finance", 9000);
  mirror->run_once();
  const auto before = state();
  now += 1h;
  etcd.failures = {{Kind::kRefused, "authentication failed"}};
  EXPECT_EQ(mirror->run_once(), End::kTrouble);
  EXPECT_FALSE(mirror->heard());
  EXPECT_EQ(state().trouble, "authentication failed");
  EXPECT_EQ(state().contact, before.contact) << "a refusal is no contact";
  EXPECT_THAT(here(), ElementsAre("finance 9000"));
  EXPECT_EQ(mirror->run_once(), End::kStopped);
  EXPECT_EQ(state().trouble, "");
  EXPECT_EQ(state().contact, now);
}

TEST_F(MirrorTest, AnEntryThatCannotBeReadStaysWhatItWas) {
  publish();
  put("finance", 9000);
  etcd.while_watched = {[&] { etcd.put(key("finance"), "mtu = nonsense"); },
                        [&] { put("guests", 1500); }};
  mirror->run_once();
  EXPECT_THAT(here(), ElementsAre("finance 9000", "guests 1500"));
  EXPECT_THAT(state().trouble,
              AllOf(HasSubstr("1 entries"), HasSubstr("/test/db/profile/finance")));
  begin();
  mirror->run_once();
  EXPECT_THAT(here(), ElementsAre("finance 9000", "guests 1500"));
  EXPECT_THAT(state().trouble, HasSubstr("/test/db/profile/finance")) << "after a restart as well";
  etcd.while_watched = {[&] { etcd.remove(key("finance")); }};
  mirror->run_once();
  EXPECT_THAT(here(), ElementsAre("guests 1500"));
  EXPECT_EQ(state().trouble, "");
}

TEST_F(MirrorTest, WritesDownASignOfLifeEveryTenSeconds) {
  publish();
  const auto began = now;
  std::vector<std::chrono::system_clock::time_point> contacts;
  const auto second = [&] {
    contacts.push_back(state().contact);
    now += 1s;
  };
  etcd.while_watched.assign(12, second);
  mirror->run_once();
  EXPECT_THAT(contacts, testing::AllOf(SizeIs(12), Contains(began).Times(10)));
  EXPECT_EQ(contacts.back(), began + 10s);
}

TEST_F(MirrorTest, TriesAgainAfterPausesThatDoubleAndAreDrawn) {
  etcd.failures.assign(12, {Kind::kUnreachable, "nobody there"});
  std::vector<double> shares;
  std::chrono::milliseconds whole = Backoff::kFirst;
  Backoff backoff(7);
  follow(*mirror, backoff, [&](std::chrono::milliseconds pause) {
    shares.push_back(static_cast<double>(pause.count()) / static_cast<double>(whole.count()));
    whole = std::min(whole * 2, Backoff::kLongest);
    return shares.size() < 12;
  });
  EXPECT_THAT(shares, AllOf(SizeIs(12), Each(AllOf(Ge(0.5), Le(1.0)))));
  EXPECT_THAT(shares, Not(Each(shares.front())));
}

TEST_F(MirrorTest, AWatchThatHeardSomethingMakesTheNextPauseShort) {
  publish();
  etcd.failures.assign(9, {Kind::kUnreachable, "nobody there"});
  std::vector<std::chrono::milliseconds> pauses;
  etcd.while_watched = {[] {}};
  Backoff backoff(7);
  follow(*mirror, backoff, [&](std::chrono::milliseconds pause) {
    pauses.push_back(pause);
    if (pauses.size() == 8) {  // the connection comes back, and breaks while it watches
      etcd.failures.clear();
      etcd.while_watched = {[&] { etcd.failures = {{Kind::kUnreachable, "gone again"}}; }};
    }
    return pauses.size() < 9;
  });
  ASSERT_THAT(pauses, SizeIs(9));
  EXPECT_GE(pauses[7], Backoff::kLongest / 2);
  EXPECT_LE(pauses[8], Backoff::kFirst);
}

TEST(BackoffTest, TwoHostsDoNotComeBackTogether) {
  Backoff one(1);
  Backoff other(2);
  int together = 0;
  for (int i = 0; i < 20; ++i) together += one.next() == other.next() ? 1 : 0;
  EXPECT_LT(together, 3);
}

}  // namespace
}  // namespace agent::profile_sync
