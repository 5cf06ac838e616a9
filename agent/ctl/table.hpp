// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <vector>

namespace agent::ctl {

/// Lines of cells under a heading; columns are as wide as their widest cell, two blanks apart, and
/// no line ends in blanks.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text(std::string_view indent = "") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// "2026-01-31 12:00:05" in local time; "12:00:05.123" likewise.
std::string date_and_time(const google::protobuf::Timestamp& at);
std::string time_of_day(const google::protobuf::Timestamp& at);

}  // namespace agent::ctl
