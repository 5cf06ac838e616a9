// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/replay/difference.hpp"

namespace agent::replay {
namespace {

std::string between(std::string_view expected, std::string_view got, std::size_t most = 40) {
  return difference(plain_lines(expected), plain_lines(got), most);
}

TEST(Difference, ExplanationsCountForNothing) {
  EXPECT_EQ(between("a 1  ; one\nb\n", "a 1  ; another\nb\n"), "");
}

TEST(Difference, NamesWhatIsMissingAndWhatIsNew) {
  EXPECT_EQ(between("a\nb\nc\nd\n", "a\nc\nx\nd\n"), "  a\n- b\n+ x\n");
  EXPECT_EQ(between("", "a\n"), "+ a\n");
  EXPECT_EQ(between("a\nb\n", "a\n"), "  a\n- b\n");
}

TEST(Difference, IsShortened) {
  EXPECT_EQ(between("a\nb\nc\n", "", 2), "- a\n- b\n... 1 lines more\n");
}

}  // namespace
}  // namespace agent::replay
