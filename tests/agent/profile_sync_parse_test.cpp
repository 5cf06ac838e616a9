// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "agent/profile_sync/entries.hpp"
#include "agent/profile_sync/settings.hpp"

namespace agent::profile_sync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Keys kKeys("/test/");

std::string fault(const std::string& key, const std::string& value) {
  const auto read = kKeys.read(key, value);
  return read ? "" : read.error();
}

TEST(EntriesTest, EachNameHasOneKeyAndEachKeyOneName) {
  vdp::ManagerId manager;
  manager.octets[0] = 0xAB;
  const EntryName names[] = {std::string("finance"), profiles::TypeName{std::nullopt, {7, 1}},
                             profiles::TypeName{manager, {0xFF'FFFF, 255}}};
  for (const auto& name : names) EXPECT_EQ(kKeys.name(kKeys.of(name)), name) << kKeys.of(name);
  EXPECT_EQ(kKeys.of(names[2]), "/test/db/type/ab000000000000000000000000000000/16777215/255");
}

TEST(EntriesTest, OtherSpellingsAreNoKeys) {
  for (const auto* const key :
       {"", "/test/", "/test/db/profile/", "/other/db/profile/a", "/test/db/type/any/7",
        "/test/db/type/any/07/1", "/test/db/type/any/7/01", "/test/db/type/any/7/256",
        "/test/db/type/any/16777216/1", "/test/db/type/any/+7/1", "/test/db/type/any/7/1/",
        "/test/db/type/ANY/7/1", "/test/db/type/AB000000000000000000000000000000/7/1",
        "/test/db/type/ab/7/1", "/test/db/profile/0123456789012345678901234567890123456789"}) {
    EXPECT_FALSE(kKeys.name(key).has_value()) << key;
  }
}

TEST(EntriesTest, WhatIsWrittenIsReadAgain) {
  const auto read =
      kKeys.read("/test/db/type/any/7/1", "[[vsi_type]]\nid = 7\nversion = 1\nuntagged = 2\n");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(kKeys.read("/test/db/type/any/7/1", write(*read)), read);
}

TEST(EntriesTest, AValueThatIsNotThatOfItsKeyIsRefusedWithTheReason) {
  constexpr auto kKey = "/test/db/profile/a";
  EXPECT_THAT(fault("/test/db/x", "x"), HasSubstr("names neither"));
  EXPECT_THAT(fault(kKey, "nonsense"), HasSubstr("/test/db/profile/a:1"));
  EXPECT_THAT(fault(kKey, ""), HasSubstr("0 entries"));
  EXPECT_THAT(fault(kKey, "[[port_profile]]\nname=\"a\"\n[[port_profile]]\nname=\"b\"\n"),
              HasSubstr("2 entries"));
  EXPECT_THAT(fault(kKey, "[[port_profile]]\nname = \"b\"\n"),
              HasSubstr("that of /test/db/profile/b"));
}

std::vector<std::string> problems_of(const std::string& text) {
  profiles::Problems problems;
  const auto settings = read_settings(text, "f", problems);
  EXPECT_EQ(settings.has_value(), problems.empty());
  std::vector<std::string> sentences;
  for (const auto& problem : problems) sentences.push_back(to_string(problem));
  return sentences;
}
std::string with(const std::string& line) {
  return "[etcd]\nendpoints = [\"https://a:1\"]\n" + line + "\n";
}

TEST(SettingsTest, TheExampleIsValid) {
  std::ifstream file(EVB_SOURCE_DIR "/agent/profile-sync.toml");
  EXPECT_THAT(problems_of({std::istreambuf_iterator<char>(file), {}}), IsEmpty());
}

TEST(SettingsTest, ReadsEveryKey) {
  profiles::Problems problems;
  const auto settings = read_settings(
      "log_level = \"debug\"\ndatabase = \"/d\"\n" +
          with("prefix = \"/p/\"\nca = \"/ca\"\ncertificate = \"/c\"\nkey = \"/k\"\nserver_name = "
               "\"n\"\nuser = \"u\"\npassword_file = \"/pw\""),
      "f", problems);
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->log_level, LogLevel::kDebug);
  EXPECT_EQ(settings->database, "/d");
  EXPECT_EQ(settings->prefix, "/p/");
  EXPECT_EQ(settings->etcd, (EtcdSettings{.endpoints = {"a:1"},
                                          .tls = true,
                                          .ca = "/ca",
                                          .certificate = "/c",
                                          .key = "/k",
                                          .server_name = "n",
                                          .user = "u",
                                          .password_file = "/pw"}));
}

TEST(SettingsTest, AHostReportsUnderTheSystemsNameUnlessItIsToldOtherwise) {
  profiles::Problems problems;
  const auto usual = read_settings(with(""), "f", problems);
  const auto told = read_settings(with("[host]\nreport = false\nname = \"alpha\"\nsocket = \"/s\""),
                                  "f", problems);
  ASSERT_TRUE(usual && told);
  EXPECT_TRUE(usual->report_host);
  EXPECT_NE(usual->host, "");
  EXPECT_FALSE(told->report_host);
  EXPECT_EQ(told->host, "alpha");
  EXPECT_EQ(usual->lease, std::chrono::seconds(30));
  const auto brief = read_settings(with("[host]\nlease = 3"), "f", problems);
  EXPECT_EQ(brief->lease, std::chrono::seconds(3));
  EXPECT_EQ(told->evbd_socket, "/s");
}

TEST(SettingsTest, EveryFaultIsToldWithItsLine) {
  EXPECT_THAT(problems_of(""), ElementsAre(HasSubstr("no [etcd]")));
  EXPECT_THAT(problems_of("[etcd]\n"), ElementsAre(HasSubstr("no endpoints")));
  for (const auto* const endpoint : {"a:1", "http://a", "http://:1", "http://a:", "http://a:b",
                                     "http://a:1/x", "ftp://a:1", "http://a:1,b:2", ""}) {
    EXPECT_THAT(problems_of("[etcd]\nendpoints = [\"" + std::string(endpoint) + "\"]\n"),
                ElementsAre(HasSubstr("f:2")))
        << endpoint;
  }
  EXPECT_THAT(problems_of("[etcd]\nendpoints = [\"https://a:1\", \"http://b:1\"]\n"),
              ElementsAre(HasSubstr("mixed")));
  EXPECT_THAT(problems_of("[etcd]\nendpoints = [\"http://a:1\"]\nca = \"/ca\"\n"),
              ElementsAre(HasSubstr("write https://")));
  EXPECT_THAT(problems_of(with("prefix = \"/p\"")), ElementsAre(HasSubstr("f:3")));
  EXPECT_THAT(problems_of(with("ca = \"ca\"")), ElementsAre(HasSubstr("absolute path")));
  EXPECT_THAT(problems_of(with("key = \"/k\"")), ElementsAre(HasSubstr("certificate and key")));
  EXPECT_THAT(problems_of(with("user = \"u\"")), ElementsAre(HasSubstr("user and password_file")));
  EXPECT_THAT(problems_of(with("colour = 1")), ElementsAre(HasSubstr("f:3")));
  EXPECT_THAT(problems_of(with("[host]\nname = \"a/b\"")), ElementsAre(HasSubstr("f:4")));
  EXPECT_THAT(problems_of(with("[host]\nname = \"\"")), ElementsAre(HasSubstr("f:4")));
  EXPECT_THAT(problems_of(with("[host]\nlease = 2")), ElementsAre(HasSubstr("lease")));
  EXPECT_THAT(problems_of(with("[host]\nsocket = \"s\"")), ElementsAre(HasSubstr("absolute path")));
  EXPECT_THAT(problems_of(with("[host]\nreport = 3\ncolour = 1")),
              ElementsAre(HasSubstr("f:4"), HasSubstr("f:5")));
  EXPECT_THAT(problems_of("log_level = 3\ncolour = 1\n" + with("colour = 1")),
              ElementsAre(HasSubstr("f:1"), HasSubstr("f:5"), HasSubstr("f:2")));
}

}  // namespace
}  // namespace agent::profile_sync
