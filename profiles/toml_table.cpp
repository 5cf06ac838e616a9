// SPDX-License-Identifier: Apache-2.0
#include "profiles/toml_table.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace profiles {

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line != 0) {
    text += ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column);
  }
  text += ": " + problem.what;
  if (!problem.todo.empty()) text += "; " + problem.todo;
  return text;
}

TomlTable::TomlTable(const toml::table& table, std::string name, const std::string& file,
                     Problems& problems)
    : table_(table), name_(std::move(name)), file_(file), problems_(problems) {}

const toml::node* TomlTable::take(std::string_view key) {
  known_.emplace(key);
  return table_.get(key);
}

void TomlTable::boolean(std::string_view key, bool& to) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  if (const auto value = node->value_exact<bool>()) {
    to = *value;
  } else {
    problem(*node, std::string(key) + " is not a truth value", "write true or false");
  }
}

void TomlTable::text(std::string_view key, std::string& to, std::size_t least, std::size_t most) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::string>();
  const auto range = std::to_string(least) + " to " + std::to_string(most) + " octets";
  if (!value) {
    problem(*node, std::string(key) + " is not text", "write text in quotes, " + range);
  } else if (value->size() < least || value->size() > most) {
    problem(*node, std::string(key) + " has " + std::to_string(value->size()) + " octets",
            "write " + range);
  } else {
    to = *value;
  }
}

std::optional<std::int64_t> TomlTable::integer_in(std::string_view key, const toml::node& node,
                                                  std::int64_t least, std::int64_t most) {
  const auto value = node.value_exact<std::int64_t>();
  const auto todo =
      "write a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (!value) {
    problem(node, std::string(key) + " is not a whole number", todo);
    return std::nullopt;
  }
  if (*value < least || *value > most) {
    problem(node, std::string(key) + " = " + std::to_string(*value) + " is out of range", todo);
    return std::nullopt;
  }
  return value;
}

void TomlTable::array(std::string_view key, const std::function<void(const toml::node&)>& element) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  const auto* const array = node->as_array();
  if (array == nullptr) {
    problem(*node, std::string(key) + " is not a list", "write [...]");
    return;
  }
  for (const auto& each : *array) element(each);
}

const toml::table* TomlTable::subtable(std::string_view key) {
  const auto* const node = take(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) {
    problem(*node, std::string(key) + " is not a table",
            "write its keys below a line [" + std::string(key) + "]");
  }
  return node->as_table();
}

std::vector<const toml::table*> TomlTable::subtables(std::string_view key) {
  std::vector<const toml::table*> tables;
  const auto* const node = take(key);
  if (node == nullptr) return tables;
  const auto* const array = node->as_array();
  const bool all_tables = array != nullptr && std::all_of(array->begin(), array->end(),
                                                          [](auto& n) { return n.is_table(); });
  if (!all_tables) {
    problem(*node, std::string(key) + " is not a list of tables",
            "begin each with a line [[" + std::string(key) + "]]");
    return tables;
  }
  for (const auto& each : *array) tables.push_back(each.as_table());
  return tables;
}

void TomlTable::problem(const toml::node& at, std::string what, std::string todo) {
  add(at.source(), std::move(what), std::move(todo));
}

void TomlTable::problem(std::string what, std::string todo) {
  add(table_.source(), std::move(what), std::move(todo));
}

void TomlTable::add(const toml::source_region& at, std::string what, std::string todo) {
  if (!name_.empty()) what = name_ + ": " + what;
  problems_.push_back(
      Problem{file_, at.begin.line, at.begin.column, std::move(what), std::move(todo)});
}

void TomlTable::finish() {
  for (const auto& [key, node] : table_) {
    if (known_.contains(key.str())) continue;
    std::string all;
    for (const auto& known : known_) all += (all.empty() ? "" : ", ") + known;
    add(key.source(), "unknown key " + std::string(key.str()),
        all.empty() ? "remove it" : "remove it; known here are " + all);
  }
}

std::optional<toml::table> parse_toml(std::string_view text, const std::string& file,
                                      Problems& problems) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    problems.push_back(Problem{file, at.line, at.column, std::string(error.description()),
                               "see https://toml.io for the syntax"});
    return std::nullopt;
  }
}

std::optional<std::string> read_file(const std::string& path, Problems& problems) {
  const auto refuse = [&](std::string_view why) {
    problems.push_back(Problem{path, 0, 0, "cannot be read: " + std::string(why),
                               "check the path and its permissions"});
    return std::nullopt;
  };
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  if (error || kind == std::filesystem::file_type::not_found) {
    return refuse(error ? error.message() : std::strerror(ENOENT));
  }
  // A device would never end.
  if (kind != std::filesystem::file_type::regular) return refuse("not a regular file");
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return refuse(std::strerror(errno));
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace profiles
