// SPDX-License-Identifier: Apache-2.0
// The page of the conformance tests, as evbctl and evbreplay print it.
#include "agent/statements/statements.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "agent/ctl/evbctl.hpp"
#include "agent/replay/evbreplay.hpp"
#include "agent/replay/rule.hpp"
#include "tests/support/program_checks.hpp"

namespace agent::statements {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

support::Printed by_evbreplay(std::vector<std::string> words) {
  words.insert(words.begin(), "statements");
  return support::run_program(replay::run, words);
}

/// No evbd runs.
support::Printed by_evbctl(std::vector<std::string> words) {
  words.insert(words.begin(), {"statement", "show"});
  words.insert(words.end(), {"--socket", "/nowhere"});
  return support::run_program(ctl::run, words);
}

/// What both programs say, which is the same.
support::Printed told(const std::vector<std::string>& words) {
  auto here = by_evbctl(words);
  const auto there = by_evbreplay(words);
  EXPECT_EQ(here.exit, there.exit);
  EXPECT_EQ(here.out, there.out);
  return here;
}

TEST(Statements, AreAHundredAndEachSaysSomething) {
  const auto all = read(page());
  ASSERT_THAT(all, SizeIs(100));
  std::map<char, int> letters;
  for (const auto& one : all) {
    ++letters[one.id[0]];
    EXPECT_FALSE(one.says.empty()) << one.id;
    EXPECT_FALSE(one.tests.empty()) << one.id;
    EXPECT_FALSE(one.rules.empty()) << one.id;
  }
  EXPECT_EQ(letters, (std::map<char, int>{{'L', 24}, {'E', 16}, {'P', 17}, {'V', 34}, {'C', 9}}));
}

/// The page was made with this program's rules.
TEST(Statements, NameTheRulesThatNameThem) {
  const auto all = read(page());
  for (const auto* rule : replay::all_rules()) {
    if (rule->statement.starts_with('D')) continue;  // draft 0.2 is no part of the list
    const auto one = std::ranges::find(all, rule->statement, &Statement::id);
    ASSERT_NE(one, all.end()) << rule->id;
    EXPECT_THAT(std::string(one->rules), HasSubstr(std::string(rule->id)))
        << "tests/conformance/statements.py --write makes the page anew";
  }
}

TEST(Statements, AreAllPrintedWhereNoneIsNamed) {
  const auto printed = told({});
  EXPECT_EQ(printed.exit, 0) << printed.err;
  for (const auto& one : read(page())) {
    EXPECT_THAT("\n" + printed.out, HasSubstr("\n" + std::string(one.id) + "  ")) << one.id;
  }
}

TEST(Statements, OneIsToldWithTestRulesAndCaptures) {
  const auto printed = told({"P04"});
  EXPECT_EQ(printed.exit, 0) << printed.err;
  EXPECT_THAT(printed.out, StartsWith("P04  "));
  EXPECT_THAT(printed.out, HasSubstr("\n     test       P04_ResendsAfterTheAckTime\n"));
  EXPECT_THAT(printed.out, HasSubstr("ecp-resend-early"));
  EXPECT_THAT(printed.out, HasSubstr("\n     broken in  wrong-"));
  EXPECT_THAT(printed.out, Not(HasSubstr("\nP05  ")));
}

TEST(Statements, ALetterMeansAllOfItsProtocol) {
  const auto printed = told({"C", "L05"});
  EXPECT_THAT(printed.out, StartsWith("C01  "));
  EXPECT_THAT(printed.out, HasSubstr("\nC09  "));
  EXPECT_THAT(printed.out, HasSubstr("\nL05  "));
  EXPECT_THAT(printed.out, Not(HasSubstr("\nP")));
}

TEST(Statements, AsJson) {
  const auto printed = told({"--json", "L03", "P03"});
  EXPECT_THAT(printed.out, StartsWith(R"({"statements":[{"statement":"L03","says":")"));
  EXPECT_THAT(printed.out, HasSubstr(R"("rules":[],"no_rule":"()"));
  EXPECT_THAT(printed.out, HasSubstr(R"("tests":["P03_HasOneRequestOutstanding"],)"
                                     R"("rules":["ecp-two-outstanding"])"));
}

TEST(Statements, WhatIsNoneIsTold) {
  const auto printed = told({"P04", "Q01"});
  EXPECT_EQ(printed.exit, 2);
  EXPECT_EQ(printed.out, "");
  EXPECT_THAT(printed.err, StartsWith("evbctl: Q01: is no statement"));
  EXPECT_THAT(by_evbreplay({"Q01"}).err, StartsWith("evbreplay: Q01: is no statement"));
}

TEST(Statements, OnlyRowsAreRead) {
  EXPECT_THAT(read(""), SizeIs(0));
  EXPECT_THAT(read("| P04 | too | few |\n| statement | a | b | c | d | e |\n||||||\n|"), SizeIs(0));
  const auto rows = read("text\n| P04 | It. | T, U | (no) |  | x |");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].says, "It.");
  EXPECT_EQ(rows[0].tests, "T, U");
  EXPECT_EQ(rows[0].held_in, "");
  EXPECT_EQ(rows[0].broken_in, "x");
}

}  // namespace
}  // namespace agent::statements
