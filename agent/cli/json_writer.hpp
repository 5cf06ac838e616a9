// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace agent::cli {

/// rapidjson's writer with std::string_view and keys.
class JsonWriter {
 public:
  void begin_object() { writer_.StartObject(); }
  void begin_object(std::string_view name) {
    key(name);
    writer_.StartObject();
  }
  void end_object() { writer_.EndObject(); }
  void begin_array(std::string_view name) {
    key(name);
    writer_.StartArray();
  }
  void end_array() { writer_.EndArray(); }

  void value(std::string_view text) { writer_.String(text.data(), size(text)); }
  void member(std::string_view name, std::string_view text) {
    key(name);
    value(text);
  }
  void member(std::string_view name, const char* text) { member(name, std::string_view(text)); }
  void member(std::string_view name, std::uint64_t number) {
    key(name);
    writer_.Uint64(number);
  }
  void seconds(std::string_view name, std::int64_t nanoseconds) {
    key(name);
    writer_.Double(static_cast<double>(nanoseconds) / 1e9);
  }
  void flag(std::string_view name, bool set) {
    key(name);
    writer_.Bool(set);
  }

  /// What was written, as one line.
  std::string line() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  static rapidjson::SizeType size(std::string_view text) {
    return static_cast<rapidjson::SizeType>(text.size());
  }
  void key(std::string_view name) { writer_.Key(name.data(), size(name)); }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace agent::cli
