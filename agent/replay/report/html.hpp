// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>

namespace agent::replay::report {

/// Appends text as HTML (and XML) content or attribute value. What has no place in a document
/// becomes U+FFFD: octets that are not UTF-8, control characters. Those that turn the direction of
/// what follows them do, too: a name must not be able to rearrange a line.
void append_escaped(std::string& html, std::string_view text);
std::string escaped(std::string_view text);

/// Text that still has to be escaped; see Page::add.
struct Untrusted {
  std::string_view text;
};

/// Markup that is escaped already.
struct Markup {
  std::string html;
};

}  // namespace agent::replay::report

template <>
struct fmt::formatter<agent::replay::report::Untrusted> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  template <class Context>
  auto format(const agent::replay::report::Untrusted& value, Context& context) const {
    const auto html = agent::replay::report::escaped(value.text);
    return std::copy(html.begin(), html.end(), context.out());
  }
};

namespace agent::replay::report {

/// A page as it is written: to a file bit by bit, so that its size costs no memory.
class Page {
 public:
  /// What an argument of add() is formatted as: every text is untrusted.
  template <class T>
  using Safe =
      std::conditional_t<std::convertible_to<const T&, std::string_view>, Untrusted,
                         std::conditional_t<std::same_as<std::remove_cvref_t<T>, Markup>,
                                            std::string_view, const std::remove_cvref_t<T>&>>;

  explicit Page(std::FILE* file) : file_(file) {}

  /// Our own markup with `values`, each of which is escaped unless it is Markup.
  template <class... T>
  void add(fmt::format_string<Safe<T>...> markup, const T&... values) {
    fmt::format_to(std::back_inserter(html_), markup, safe(values)...);
    if (html_.size() >= kWriteFrom) flush();
  }
  void flush();
  /// Octets so far.
  std::uint64_t size() const { return written_ + html_.size(); }

 private:
  static constexpr std::size_t kWriteFrom = std::size_t{1} << 16U;

  template <class T>
  static Safe<T> safe(const T& value) {
    if constexpr (std::convertible_to<const T&, std::string_view>) {
      return Untrusted{value};
    } else if constexpr (std::same_as<T, Markup>) {
      return value.html;
    } else {
      return value;
    }
  }

  std::FILE* file_;
  std::string html_;
  std::uint64_t written_ = 0;
};

}  // namespace agent::replay::report
