// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <utility>

#include "agent/config/config.hpp"

namespace agent {

/// The daemon's log on a stream: a line per event. Nothing is formatted below the active level.
class Log {
 public:
  enum class Format : std::uint8_t {
    kPrefixed,  ///< "<6>text", which journald turns into a level
    kPlain,     ///< "2026-11-22T18:03:04.567 info: text"
  };

  Log(LogLevel level, Format format, std::FILE* to = stderr)
      : level_(level), format_(format), to_(to) {}

  void set_level(LogLevel level) { level_ = level; }
  bool enabled(LogLevel level) const { return level <= level_; }

  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    line(LogLevel::kError, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) {
    line(LogLevel::kWarning, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void notice(fmt::format_string<Args...> format, Args&&... args) {
    line(LogLevel::kNotice, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) {
    line(LogLevel::kInfo, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) {
    line(LogLevel::kDebug, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void line(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
    if (!enabled(level)) return;
    text_.clear();
    begin(level);
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    write();
  }

 private:
  void begin(LogLevel level);
  void write();

  LogLevel level_;
  Format format_;
  std::FILE* to_;
  fmt::memory_buffer text_;
};

}  // namespace agent
