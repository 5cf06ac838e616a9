// SPDX-License-Identifier: Apache-2.0
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "agent/evbd/type_database.hpp"
#include "tests/support/temporary_folder.hpp"

namespace agent {
namespace {

using profiles::Access;
using profiles::Store;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

const profiles::TypeName kType{std::nullopt, {7, 1}};

/// Waits for what the database's thread has to tell.
class TypeDatabaseTest : public testing::Test {
 protected:
  void put(std::uint16_t vlan) {
    auto store = Store::open(path, Access::kWrite);
    ASSERT_TRUE(store) << store.error().text;
    profiles::Changes changes;
    changes.put_types.push_back({kType, {.untagged = vlan, .default_vlan = vlan}});
    ASSERT_TRUE(store->apply(changes, profiles::Force::kYes));
  }
  /// The type's VLAN as it was told last; 0: the type is not known.
  int vlan() const {
    const auto type = news.types == nullptr ? nullptr : news.types->find(kType);
    return type == nullptr ? 0 : *type->untagged;
  }
  /// Runs the loop until `holds`, for as long as a test may take.
  template <class Condition>
  bool comes(Condition holds) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!holds() && std::chrono::steady_clock::now() < end) {
      loop.restart();
      loop.run_one_for(100ms);
    }
    return holds();
  }

  const support::TemporaryFolder folder_;
  std::string path = folder_.path() + "/profiles.db";
  TypeDatabase::News news;
  boost::asio::io_context loop;
};

TEST_F(TypeDatabaseTest, IsReadBeforeTheStartReturnsAndFollowsChanges) {
  put(2);
  TypeDatabase database(loop, path, [this](const auto& told) { news = told; });
  database.start(30s);
  EXPECT_EQ(vlan(), 2);
  const auto before = news.types;
  put(3);
  EXPECT_TRUE(comes([this] { return vlan() == 3; }));
  EXPECT_EQ(*before->find(kType)->untagged, 2) << "what was handed out stays what it was";
}

TEST_F(TypeDatabaseTest, AFileMayComeLaterBeReplacedAndGo) {
  TypeDatabase database(loop, path, [this](const auto& told) { news = told; });
  database.start(30s);
  EXPECT_THAT(news.trouble, IsEmpty());
  EXPECT_EQ(vlan(), 0);
  put(2);
  EXPECT_TRUE(comes([this] { return vlan() == 2; }));
  const auto real = std::exchange(path, folder_.path() + "/other.db");
  put(4);
  std::filesystem::rename(path, real);
  EXPECT_TRUE(comes([this] { return vlan() == 4; }));
  for (const auto* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(real + suffix);
  EXPECT_TRUE(comes([this] { return vlan() == 0; }));
}

TEST_F(TypeDatabaseTest, TellsHowFarTheMirrorHasCome) {
  put(2);
  TypeDatabase database(loop, path, [this](const auto& told) { news = told; });
  database.start(30s);
  EXPECT_EQ(database.told().revision, news.revision);
  EXPECT_FALSE(database.mirror());
  const auto contact = [&](std::int64_t revision) {
    auto store = Store::open(path, Access::kWrite);
    ASSERT_TRUE(store) << store.error().text;
    ASSERT_TRUE(store->apply(profiles::Changes{},
                             profiles::MirrorState{"cluster", "source", revision, {}, "silent"}));
  };
  contact(5);
  EXPECT_TRUE(comes([&] { return database.mirror().has_value(); }));
  EXPECT_EQ(database.mirror()->trouble, "silent");
  contact(6);
  EXPECT_TRUE(comes([&] { return database.mirror()->revision == 6; }))
      << "though no type has changed";
}

TEST_F(TypeDatabaseTest, WhatWasReadStaysWhileTheFileIsBroken) {
  put(2);
  TypeDatabase database(loop, path, [this](const auto& told) { news = told; });
  database.start(30s);
  std::ofstream(path + ".bad") << std::string(20'000, 'x');
  std::filesystem::rename(path + ".bad", path);
  EXPECT_TRUE(comes([this] { return !news.trouble.empty(); }));
  EXPECT_THAT(news.trouble, HasSubstr(path));
  EXPECT_EQ(vlan(), 2);
  for (const auto* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  put(5);
  EXPECT_TRUE(comes([this] { return vlan() == 5; }));
  EXPECT_THAT(news.trouble, IsEmpty());
}

TEST_F(TypeDatabaseTest, ALockedFileIsReadOnceItsLockGoes) {
  put(2);
  std::optional<SQLite::Database> holder(std::in_place, path, SQLite::OPEN_READWRITE);
  holder->exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE meta SET revision = 9");
  TypeDatabase database(loop, path, [this](const auto& told) { news = told; });
  database.start(1ms);
  EXPECT_THAT(news.trouble, HasSubstr(path)) << "the start waits for nobody";
  EXPECT_TRUE(comes([this] { return news.trouble.find("locked") != std::string::npos; }));
  EXPECT_EQ(vlan(), 0);
  holder.reset();
  EXPECT_TRUE(comes([this] { return vlan() == 2; }));
}

}  // namespace
}  // namespace agent
