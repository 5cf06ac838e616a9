// SPDX-License-Identifier: Apache-2.0
// Every folder of captures/ with a stimuli.txt: our core, told the same, puts out the same. And
// together they show every deviation that check knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>

#include "agent/replay/capture_file.hpp"
#include "agent/replay/conversation.hpp"
#include "agent/replay/evbreplay.hpp"
#include "agent/replay/verdict.hpp"
#include "tests/support/program_checks.hpp"

namespace agent::replay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(EVB_CAPTURES)) {
    if (fs::exists(entry.path() / "stimuli.txt")) names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

support::Printed run_words(const std::vector<std::string>& words) {
  return support::run_program(run, words);
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, ReplaysAsExpected) {
  const auto ran = run_words({"run", "--expect", std::string(EVB_CAPTURES) + "/" + GetParam()});
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err
                         << "if the change is meant: evbreplay run --rewrite, and review the diff";
}

INSTANTIATE_TEST_SUITE_P(Captures, Scenario, testing::ValuesIn(scenarios()),
                         [](const auto& scenario) {
                           auto name = scenario.param;
                           std::ranges::replace_if(
                               name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

Verdict verdict_of(const fs::path& capture) {
  Verdict verdict;
  Conversation conversation(verdict);
  auto file = CaptureFile::open(capture);
  EXPECT_TRUE(file) << capture;
  if (!file) return verdict;
  CapturedFrame captured;
  DecodedFrame frame;
  for (auto more = file->next(captured); more && *more; more = file->next(captured)) {
    decode_frame(file->link_type(), captured, frame);
    conversation.take(frame);
  }
  conversation.finish();
  return verdict;
}

TEST(Deviations, AreEachSeenInOneScenarioAndAbsentInAnother) {
  std::set<std::string_view> seen;
  std::set<std::string_view> absent;  // where it was judged, and found right
  for (const auto& name : scenarios()) {
    const auto verdict = verdict_of(fs::path(EVB_CAPTURES) / name / "frames.pcapng");
    for (const auto* rule : all_rules()) {
      const auto count = verdict.count(*rule);
      if (count.broken > 0) seen.insert(rule->id);
      if (count.broken == 0 && count.held > 0) absent.insert(rule->id);
    }
  }
  for (const auto* rule : all_rules()) {
    EXPECT_TRUE(seen.contains(rule->id))
        << "no scenario of captures/ shows " << rule->id << ": write one with shows=\"" << rule->id
        << "\" in tests/scenarios/wrong_*.py, and run tests/scenarios/make.py wrong-" << rule->id;
    EXPECT_TRUE(absent.contains(rule->id))
        << "no scenario of captures/ keeps to " << rule->id
        << ": its rule never says held(), or nothing in tests/scenarios comes to it";
  }
}

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    path = fs::path(testing::TempDir()) / "evbreplay-run-test";
    fs::remove_all(path);
    fs::create_directories(path);
    std::ofstream(path / "stimuli.txt")
        << "evbd journal 1\nport eth0 timers=deadlines\nconfig role=station "
           "address=02:00:00:00:00:01 chassis-id=4:020000000001 port-id=5:65746830\n"
           "0.000000 link up\n35.0 end\n";
  }
  void TearDown() override { fs::remove_all(path); }

  fs::path path;
};

TEST_F(Folder, DeadlinesAreServedUntilTheEnd) {
  const auto ran = run_words({"run", path});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("port eth0\n0.000000 send 0180c2000000"));
  EXPECT_THAT(ran.out, HasSubstr("\n30.000000 send 0180c2000000"));
  EXPECT_THAT(ran.out, HasSubstr("  ; LLDP"));
  EXPECT_THAT(ran.out, HasSubstr("\nstate evb off"));
}

TEST_F(Folder, WhatDiffersIsShownAndIsTheExitCode) {
  EXPECT_EQ(run_words({"run", "--expect", path}).exit, 4) << "there is no expected.txt yet";
  EXPECT_EQ(run_words({"run", "--rewrite", path}).exit, 0);
  EXPECT_EQ(run_words({"run", "--expect", path}).exit, 0);
  std::ofstream(path / "stimuli.txt")
      << "evbd journal 1\nport eth0 timers=deadlines\nconfig role=station "
         "address=02:00:00:00:00:01 chassis-id=4:020000000001 port-id=5:65746830\n"
         "0.000000 link up\n29.0 end\n";
  const auto ran = run_words({"run", "--expect", path});
  EXPECT_EQ(ran.exit, 7);
  EXPECT_THAT(ran.out, HasSubstr("not as expected"));
  EXPECT_THAT(ran.out, HasSubstr("\n- 30.000000 send"));
}

TEST_F(Folder, WrongUseIsToldInOneLine) {
  EXPECT_EQ(run_words({"run", path / "nothing"}).exit, 4);
  EXPECT_THAT(run_words({"run", path / "nothing"}).err, HasSubstr("name a journal, or a folder"));
  EXPECT_EQ(run_words({"run", "--expect", "--rewrite", path}).exit, 2);
  EXPECT_EQ(run_words({"run", "--expect", path / "stimuli.txt"}).exit, 2);
  std::ofstream(path / "stimuli.txt") << "evbd journal 1\nport eth0\nnonsense\n";
  const auto ran = run_words({"run", path});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("stimuli.txt, line 3: the port's 'config' line"));
}

}  // namespace
}  // namespace agent::replay
