// SPDX-License-Identifier: Apache-2.0
#include "agent/statements/statements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

#include "agent/cli/json_writer.hpp"

namespace agent::statements {
namespace {

constexpr std::size_t kColumns = 6;

/// "P04": a letter and two digits.
bool is_statement(std::string_view id) {
  return id.size() == 3 && std::isupper(static_cast<unsigned char>(id[0])) != 0 &&
         std::isdigit(static_cast<unsigned char>(id[1])) != 0 &&
         std::isdigit(static_cast<unsigned char>(id[2])) != 0;
}

std::string text_of(const Statement& one) {
  auto text = fmt::format("{}  {}\n", one.id, one.says);
  const std::pair<std::string_view, std::string_view> lines[] = {{"test", one.tests},
                                                                 {"rules", one.rules},
                                                                 {"held in", one.held_in},
                                                                 {"broken in", one.broken_in}};
  for (const auto& [name, value] : lines) {
    if (!value.empty()) text += fmt::format("     {:<10} {}\n", name, value);
  }
  return text;
}

/// "a, b" as an array; what is in brackets, or says that there is none, names nothing.
void list(cli::JsonWriter& json, std::string_view name, std::string_view names) {
  json.begin_array(name);
  if (names.starts_with('(') || names.starts_with("none:")) names = {};
  while (!names.empty()) {
    const auto end = std::min(names.find(", "), names.size());
    json.value(names.substr(0, end));
    names.remove_prefix(std::min(end + 2, names.size()));
  }
  json.end_array();
}

std::string json_of(const std::vector<Statement>& statements) {
  cli::JsonWriter json;
  json.begin_object();
  json.begin_array("statements");
  for (const auto& one : statements) {
    json.begin_object();
    json.member("statement", one.id);
    json.member("says", one.says);
    list(json, "tests", one.tests);
    list(json, "rules", one.rules);
    if (one.rules.starts_with('(')) json.member("no_rule", one.rules);
    json.member("held_in", one.held_in);
    json.member("broken_in", one.broken_in);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.line() + "\n";
}

}  // namespace

std::vector<Statement> read(std::string_view page) {
  std::vector<Statement> rows;
  while (!page.empty()) {
    const auto end = std::min(page.find('\n'), page.size());
    auto line = page.substr(0, end);
    page.remove_prefix(std::min(end + 1, page.size()));
    std::array<std::string_view, kColumns> cells;
    std::size_t count = 0;
    for (line = line.substr(std::min(line.find('|'), line.size())); line.size() > 1; ++count) {
      const auto next = std::min(line.find('|', 1), line.size());
      auto cell = line.substr(1, next - 1);
      cell.remove_prefix(std::min(cell.find_first_not_of(' '), cell.size()));
      cell = cell.substr(0, cell.find_last_not_of(' ') + 1);
      if (count < kColumns) cells[count] = cell;
      line.remove_prefix(next);
    }
    if (count != kColumns || !is_statement(cells[0])) continue;
    rows.push_back({cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]});
  }
  return rows;
}

tl::expected<std::string, std::string> print(std::span<const std::string> names, bool json) {
  const auto all = read(page());
  std::vector<Statement> chosen;
  for (const auto& name : names) {
    const auto before = chosen.size();
    std::ranges::copy_if(all, std::back_inserter(chosen),
                         [&](const auto& one) { return one.id.starts_with(name); });
    if (chosen.size() == before) {
      return tl::unexpected(
          fmt::format("{}: is no statement; they are L01 to C09, and a letter alone means all of "
                      "its protocol.",
                      name));
    }
  }
  if (names.empty()) chosen = all;
  if (json) return json_of(chosen);
  std::string text;
  for (const auto& one : chosen) text += text_of(one);
  return text;
}

}  // namespace agent::statements
