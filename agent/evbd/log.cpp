// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/log.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace agent {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kError: return "error";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kNotice: return "notice";
    case LogLevel::kInfo: return "info";
    case LogLevel::kDebug: return "debug";
  }
  return "?";
}

}  // namespace

void Log::begin(LogLevel level) {
  auto to = std::back_inserter(text_);
  if (format_ == Format::kPrefixed) {
    fmt::format_to(to, "<{}>", static_cast<int>(level));
    return;
  }
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const std::time_t time = std::chrono::system_clock::to_time_t(seconds);
  std::tm local{};
  ::localtime_r(&time, &local);
  fmt::format_to(to, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03} {}: ", local.tm_year + 1900,
                 local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
                 std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count(),
                 name_of(level));
}

void Log::write() {
  // Text that a peer sent (a system name, say) must not begin lines of its own.
  std::replace_if(
      text_.begin(), text_.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  text_.push_back('\n');
  std::fwrite(text_.data(), 1, text_.size(), to_);
  std::fflush(to_);
}

}  // namespace agent
