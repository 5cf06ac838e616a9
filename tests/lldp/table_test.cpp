// SPDX-License-Identifier: Apache-2.0
#include "lldp/base/table.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>

namespace {

/// A key whose hash collides with many others: only its remainder is looked at.
struct Key {
  unsigned number = 0;
  friend bool operator==(const Key&, const Key&) = default;
};

}  // namespace

template <>
struct std::hash<Key> {
  std::size_t operator()(const Key& key) const noexcept { return key.number % 13; }
};

namespace {

struct Entry {
  Entry(unsigned number, std::string text, int& living)
      : key{number}, word(std::move(text)), alive(living) {
    ++alive;
  }
  ~Entry() { --alive; }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  const Key& id() const { return key; }

  Key key;
  std::string word;
  int& alive;
};

using Table = base::Table<Key, Entry>;

TEST(Table, FindsWhatWasMadeAndNothingElse) {
  int alive = 0;
  Table table;
  EXPECT_EQ(table.find(Key{1}), nullptr);
  Entry& one = table.make(1U, "one", alive);
  EXPECT_EQ(table.find(Key{1}), &one);
  EXPECT_EQ(table.find(Key{14}), nullptr);  // same hash
  EXPECT_EQ(table.size(), 1U);
}

TEST(Table, EntriesStayWhereTheyAre) {
  int alive = 0;
  Table table;
  const Entry* const first = &table.make(0U, "first", alive);
  for (unsigned i = 1; i < 1000; ++i) table.make(i, "more", alive);
  EXPECT_EQ(table.find(Key{0}), first);
  EXPECT_EQ(first->word, "first");
}

TEST(Table, EndsEveryEntryOnce) {
  int alive = 0;
  {
    Table table;
    for (unsigned i = 0; i < 100; ++i) table.make(i, "entry", alive);
    for (unsigned i = 0; i < 50; ++i) table.erase(*table.find(Key{i}));
    EXPECT_EQ(alive, 50);
    table.clear();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(table.size(), 0U);
    table.make(7U, "again", alive);
    EXPECT_NE(table.find(Key{7}), nullptr);
  }
  EXPECT_EQ(alive, 0);
}

/// Against std::map, with hashes that collide all the time, so that gaps have to be closed.
TEST(Table, HoldsWhatAMapHoldsWhateverComesAndGoes) {
  int alive = 0;
  Table table;
  std::map<unsigned, std::string> expected;
  std::mt19937 random(41);
  for (int step = 0; step < 20000; ++step) {
    const auto number = static_cast<unsigned>(random() % 200);
    Entry* const found = table.find(Key{number});
    ASSERT_EQ(found != nullptr, expected.contains(number));
    if (found == nullptr) {
      const auto word = std::to_string(random());
      table.make(number, word, alive);
      expected[number] = word;
    } else {
      ASSERT_EQ(found->word, expected[number]);
      table.erase(*found);
      expected.erase(number);
    }
    ASSERT_EQ(table.size(), expected.size());
  }
  std::map<unsigned, std::string> seen;
  table.for_each([&](const Entry& entry) { seen[entry.key.number] = entry.word; });
  EXPECT_EQ(seen, expected);
}

}  // namespace
