// SPDX-License-Identifier: Apache-2.0
#include "lldp/base/deadlines.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <vector>

namespace {

struct Owner {
  std::optional<base::Instant> at;
  base::Deadlines<Owner>::Handle handle;
};

base::Instant instant(int microseconds) { return base::Instant(base::Duration(microseconds)); }

TEST(Deadlines, OfOneInstantComeInTheOrderInWhichTheyWereSet) {
  base::Deadlines<Owner> deadlines;
  std::vector<Owner> owners(3);
  for (auto& owner : owners) deadlines.set(owner, owner.handle, instant(5));
  for (auto& owner : owners) {
    EXPECT_EQ(deadlines.due(instant(4)), nullptr);
    ASSERT_EQ(deadlines.due(instant(5)), &owner);
    deadlines.set(owner, owner.handle, std::nullopt);
  }
  EXPECT_TRUE(deadlines.empty());
  EXPECT_EQ(deadlines.next(), std::nullopt);
}

TEST(Deadlines, ThatAreSetAgainMove) {
  base::Deadlines<Owner> deadlines;
  Owner early;
  Owner late;
  deadlines.set(early, early.handle, instant(1));
  deadlines.set(late, late.handle, instant(2));
  deadlines.set(early, early.handle, instant(3));
  EXPECT_EQ(deadlines.next(), instant(2));
  EXPECT_EQ(deadlines.due(instant(9)), &late);
  deadlines.set(late, late.handle, instant(4));
  EXPECT_EQ(deadlines.due(instant(9)), &early);
}

/// Against a search of all owners.
TEST(Deadlines, TheNextIsTheEarliestWhateverIsSetAndStopped) {
  base::Deadlines<Owner> deadlines;
  std::vector<Owner> owners(50);
  std::mt19937 random(7);
  for (int step = 0; step < 20000; ++step) {
    auto& owner = owners[random() % owners.size()];
    owner.at.reset();
    if (random() % 3 != 0) owner.at = instant(static_cast<int>(random() % 20));
    deadlines.set(owner, owner.handle, owner.at);
    std::optional<base::Instant> earliest;
    for (const auto& each : owners) earliest = base::earlier(earliest, each.at);
    ASSERT_EQ(deadlines.next(), earliest);
    ASSERT_EQ(deadlines.empty(), !earliest);
    if (!earliest) continue;
    ASSERT_EQ(deadlines.due(*earliest)->at, earliest);
  }
}

}  // namespace
