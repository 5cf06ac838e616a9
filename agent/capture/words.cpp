// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/words.hpp"

#include <algorithm>

#include "lldp/printable.hpp"

namespace agent::capture {
namespace {

constexpr std::size_t kShown = 60;  // octets of a wrong value that the sentence repeats

std::string shown(std::string_view text) {
  const auto cut = text.size() > kShown;
  return lldp::to_printable(text.substr(0, kShown)) + (cut ? "..." : "");
}

}  // namespace

WordReader::WordReader(const std::vector<std::string_view>& words) {
  for (const auto word : words) {
    const auto equals = word.find('=');
    if (equals == std::string_view::npos) {
      if (!fault_) fault_ = fmt::format("'{}' is no key=value", shown(word));
      continue;
    }
    const auto key = word.substr(0, equals);
    if (has(key) && !fault_) fault_ = fmt::format("'{}' stands twice", shown(key));
    words_.push_back({key, word.substr(equals + 1)});
  }
}

bool WordReader::has(std::string_view key) const {
  return std::ranges::any_of(words_, [&](const Word& word) { return word.key == key; });
}

std::optional<std::string_view> WordReader::take(std::string_view key) {
  const auto found =
      std::ranges::find_if(words_, [&](const Word& word) { return word.key == key; });
  if (found == words_.end()) return std::nullopt;
  found->taken = true;
  return found->value;
}

void WordReader::refuse(std::string_view key, std::string_view text, std::string_view kind) {
  if (!fault_) fault_ = fmt::format("{}: '{}' is no {}", key, shown(text), kind);
}

void WordReader::require(std::string_view key) {
  if (!has(key) && !fault_) fault_ = fmt::format("{}= is missing", key);
}

std::optional<std::string> WordReader::finish() {
  for (const auto& word : words_) {
    if (!word.taken && !fault_) fault_ = fmt::format("'{}' is not known here", shown(word.key));
  }
  return fault_;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (true) {
    at = line.find_first_not_of(" \t\r", at);
    if (at == std::string_view::npos || line[at] == '#') return words;
    const auto end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
}

}  // namespace agent::capture
