// SPDX-License-Identifier: Apache-2.0
// evbreplay statements: the page of the conformance tests, from the program.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "agent/replay/evbreplay.hpp"
#include "agent/replay/rule.hpp"
#include "agent/replay/statements.hpp"
#include "tests/support/program_checks.hpp"

namespace agent::replay {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

support::Printed statements(std::vector<std::string> words) {
  words.insert(words.begin(), "statements");
  return support::run_program(run, words);
}

TEST(Statements, AreAHundredAndEachSaysSomething) {
  const auto all = read_statements(statements_page());
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
  const auto all = read_statements(statements_page());
  for (const auto* rule : all_rules()) {
    if (rule->statement.starts_with('D')) continue;  // draft 0.2 is no part of the list
    const auto one = std::ranges::find(all, rule->statement, &Statement::id);
    ASSERT_NE(one, all.end()) << rule->id;
    EXPECT_THAT(std::string(one->rules), HasSubstr(std::string(rule->id)))
        << "tests/conformance/statements.py --write makes the page anew";
  }
}

TEST(Statements, OneIsToldWithTestRulesAndCaptures) {
  const auto told = statements({"P04"});
  EXPECT_EQ(told.exit, 0) << told.err;
  EXPECT_THAT(told.out, StartsWith("P04  "));
  EXPECT_THAT(told.out, HasSubstr("\n     test       P04_ResendsAfterTheAckTime\n"));
  EXPECT_THAT(told.out, HasSubstr("ecp-resend-early"));
  EXPECT_THAT(told.out, HasSubstr("\n     broken in  wrong-"));
  EXPECT_THAT(told.out, Not(HasSubstr("\nP05  ")));
}

TEST(Statements, ALetterMeansAllOfItsProtocol) {
  const auto told = statements({"C", "L05"});
  EXPECT_THAT(told.out, StartsWith("C01  "));
  EXPECT_THAT(told.out, HasSubstr("\nC09  "));
  EXPECT_THAT(told.out, HasSubstr("\nL05  "));
  EXPECT_THAT(told.out, Not(HasSubstr("\nP")));
}

TEST(Statements, AsJson) {
  const auto told = statements({"--json", "L03", "P03"});
  EXPECT_THAT(told.out, StartsWith(R"({"statements":[{"statement":"L03","says":")"));
  EXPECT_THAT(told.out, HasSubstr(R"("rules":[],"no_rule":"()"));
  EXPECT_THAT(told.out, HasSubstr(R"("tests":["P03_HasOneRequestOutstanding"],)"
                                  R"("rules":["ecp-two-outstanding"])"));
}

TEST(Statements, WhatIsNoneIsTold) {
  const auto told = statements({"P04", "Q01"});
  EXPECT_EQ(told.exit, 2);
  EXPECT_EQ(told.out, "");
  EXPECT_THAT(told.err, HasSubstr("Q01: is no statement"));
}

TEST(Statements, OnlyRowsAreRead) {
  EXPECT_THAT(read_statements(""), SizeIs(0));
  EXPECT_THAT(read_statements("| P04 | too | few |\n| statement | a | b | c | d | e |\n||||||\n|"),
              SizeIs(0));
  const auto rows = read_statements("text\n| P04 | It. | T, U | (no) |  | x |");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].says, "It.");
  EXPECT_EQ(rows[0].tests, "T, U");
  EXPECT_EQ(rows[0].held_in, "");
  EXPECT_EQ(rows[0].broken_in, "x");
}

}  // namespace
}  // namespace agent::replay
