// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace agent::replay {
namespace {

using Lines = std::vector<std::string_view>;

/// Longer stretches are told as replaced as a whole: the table grows with their product.
constexpr std::size_t kMostCompared = 2000;

/// How long the common subsequence of a[i..] and b[j..] is.
class Lengths {
 public:
  Lengths(const Lines& a, const Lines& b)
      : width_(b.size() + 1), table_((a.size() + 1) * width_, 0) {
    for (auto i = a.size(); i-- > 0;) {
      for (auto j = b.size(); j-- > 0;) {
        table_[i * width_ + j] =
            a[i] == b[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
  }
  std::uint32_t at(std::size_t i, std::size_t j) const { return table_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::uint32_t> table_;
};

struct Told {
  explicit Told(std::size_t limit) : most(limit) {}
  void line(char sign, std::string_view words) {
    if (count++ < most) text += fmt::format("{} {}\n", sign, words);
  }
  std::size_t most;
  std::size_t count = 0;
  std::string text;
};

void compare(const Lines& expected, const Lines& got, Told& told) {
  const Lengths common(expected, got);
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < expected.size() || j < got.size()) {
    if (i < expected.size() && j < got.size() && expected[i] == got[j]) {
      ++i, ++j;
    } else if (j == got.size() ||
               (i < expected.size() && common.at(i + 1, j) >= common.at(i, j + 1))) {
      told.line('-', expected[i++]);
    } else {
      told.line('+', got[j++]);
    }
  }
}

}  // namespace

std::vector<std::string_view> plain_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line = line.substr(0, line.find("  ; "));
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::string difference(const std::vector<std::string_view>& expected,
                       const std::vector<std::string_view>& got, std::size_t most) {
  const auto [a, b] = std::ranges::mismatch(expected, got);
  if (a == expected.end() && b == got.end()) return {};
  Told told(most);
  if (a != expected.begin()) told.line(' ', *(a - 1));
  Lines left(a, expected.end());
  Lines right(b, got.end());
  while (!left.empty() && !right.empty() && left.back() == right.back()) {
    left.pop_back();
    right.pop_back();
  }
  if (left.size() > kMostCompared || right.size() > kMostCompared) {
    for (const auto line : left) told.line('-', line);
    for (const auto line : right) told.line('+', line);
  } else {
    compare(left, right, told);
  }
  if (told.count > most) told.text += fmt::format("... {} lines more\n", told.count - most);
  return told.text;
}

}  // namespace agent::replay
