// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/table.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace agent::ctl {
namespace {

/// Columns that a text takes on the screen: UTF-8 continuation octets take none.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::tm local(const google::protobuf::Timestamp& at) {
  const std::time_t seconds = at.seconds();
  std::tm broken_down{};
  localtime_r(&seconds, &broken_down);
  return broken_down;
}

}  // namespace

std::string Table::text(std::string_view indent) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line(indent);
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - columns(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string date_and_time(const google::protobuf::Timestamp& at) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", local(at));
}

std::string time_of_day(const google::protobuf::Timestamp& at) {
  return fmt::format("{:%H:%M:%S}.{:03}", local(at), at.nanos() / 1'000'000);
}

}  // namespace agent::ctl
