// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <toml++/toml.h>

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace profiles {

/// One thing that is wrong with a file that people edit.
struct Problem {
  std::string file;
  unsigned line = 0;    ///< from 1; 0: the file as a whole
  unsigned column = 0;  ///< from 1
  std::string what;
  std::string todo;  ///< what to do about it
};
using Problems = std::vector<Problem>;

/// "FILE:LINE:COLUMN: what; what to do"
std::string to_string(const Problem& problem);

/// Reads one TOML table key by key into typed values, and writes down everything that is wrong
/// with it instead of stopping. A key that nobody asked for is a problem too: see finish().
class TomlTable {
 public:
  /// `name` is how people call the table, e.g. "[port.evb]"; all references must outlive the
  /// reader.
  TomlTable(const toml::table& table, std::string name, const std::string& file,
            Problems& problems);

  /// The key's value, if present; it counts as known from now on.
  const toml::node* take(std::string_view key);
  bool has(std::string_view key) const { return table_.contains(key); }
  const toml::table& table() const { return table_; }
  const std::string& name() const { return name_; }

  void boolean(std::string_view key, bool& to);
  /// Text of `least`..`most` octets.
  void text(std::string_view key, std::string& to, std::size_t least, std::size_t most);
  /// A whole number in least..most; returns whether `to` was set.
  template <std::integral Number>
  bool integer(std::string_view key, Number& to, std::int64_t least, std::int64_t most) {
    const auto* const node = take(key);
    if (node == nullptr) return false;
    const auto value = integer_in(key, *node, least, most);
    if (value) to = static_cast<Number>(*value);
    return value.has_value();
  }
  template <class Choice>
  void choice(std::string_view key, Choice& to,
              std::initializer_list<std::pair<std::string_view, Choice>> choices) {
    const auto* const node = take(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::string>();
    std::string all;
    for (const auto& [word, meaning] : choices) {
      if (value && *value == word) {
        to = meaning;
        return;
      }
      all += (all.empty() ? "\"" : ", \"") + std::string(word) + '"';
    }
    problem(*node, std::string(key) + " is not one of the words it can be", "write one of " + all);
  }
  /// Hands each element of an array to `element`; anything else than an array is a problem.
  void array(std::string_view key, const std::function<void(const toml::node&)>& element);
  /// The table under `key`, or nullptr.
  const toml::table* subtable(std::string_view key);
  /// The tables of the array `[[key]]`.
  std::vector<const toml::table*> subtables(std::string_view key);

  std::optional<std::int64_t> integer_in(std::string_view key, const toml::node& node,
                                         std::int64_t least, std::int64_t most);
  void problem(const toml::node& at, std::string what, std::string todo);
  /// At the table itself.
  void problem(std::string what, std::string todo);
  /// Reports every key that was not taken.
  void finish();

  const std::string& file() const { return file_; }
  Problems& problems() { return problems_; }

 private:
  void add(const toml::source_region& at, std::string what, std::string todo);

  const toml::table& table_;
  std::string name_;
  const std::string& file_;
  Problems& problems_;
  std::set<std::string, std::less<>> known_;
};

/// Parses TOML; a syntax error, an unreadable file and text that is not UTF-8 are problems.
std::optional<toml::table> parse_toml(std::string_view text, const std::string& file,
                                      Problems& problems);
std::optional<std::string> read_file(const std::string& path, Problems& problems);

}  // namespace profiles
