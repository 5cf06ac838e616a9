// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "agent/capture/value_text.hpp"

// Lines of a journal are words "key=value". One walk() per kind of line lists its fields; the
// writer and the reader walk the same list, so they cannot disagree.

namespace agent::capture {

/// Appends " key=value" for each field. Fields without a value, empty lists and false flags are
/// left out.
class WordWriter {
 public:
  template <class T>
  void operator()(std::string_view key, const T& value) {
    text_ += ' ';
    text_ += key;
    text_ += '=';
    text_ += Text<T>::write(value);
  }
  template <class T>
  void operator()(std::string_view key, const std::optional<T>& value) {
    if (value) (*this)(key, *value);
  }
  template <class T>
  void list(std::string_view key, const std::vector<T>& values) {
    if (!values.empty()) (*this)(key, values);
  }
  void flag(std::string_view key, bool value) {
    if (value) (*this)(key, value);
  }

  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

/// Fills fields from words; what is absent keeps its value. The first fault sticks.
class WordReader {
 public:
  explicit WordReader(const std::vector<std::string_view>& words);

  template <class T>
  void operator()(std::string_view key, T& value) {
    const auto text = take(key);
    if (!text) return;
    auto read = Text<T>::read(*text);
    if (read) {
      value = *std::move(read);
    } else {
      refuse(key, *text, Text<T>::kind);
    }
  }
  template <class T>
  void operator()(std::string_view key, std::optional<T>& value) {
    T read{};
    if (!has(key)) return;
    (*this)(key, read);
    value = std::move(read);
  }
  template <class T>
  void list(std::string_view key, std::vector<T>& values) {
    (*this)(key, values);
  }
  void flag(std::string_view key, bool& value) { (*this)(key, value); }

  /// Fields without which the line means nothing.
  void require(std::string_view key);
  /// The first fault, or that a word was not asked for; nullopt: all is well.
  std::optional<std::string> finish();

 private:
  struct Word {
    std::string_view key;
    std::string_view value;
    bool taken = false;
  };
  bool has(std::string_view key) const;
  std::optional<std::string_view> take(std::string_view key);
  void refuse(std::string_view key, std::string_view text, std::string_view kind);

  std::vector<Word> words_;
  std::optional<std::string> fault_;
};

/// The words of a line; what follows " #" is a comment.
std::vector<std::string_view> words_of(std::string_view line);

}  // namespace agent::capture
