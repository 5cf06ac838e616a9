// SPDX-License-Identifier: Apache-2.0
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "agent/replay/dissection.hpp"
#include "agent/replay/frame_line.hpp"

namespace agent::replay {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

/// "14", or "14 bits 5-8" where a field shares octets; the standard's bit 8 is the first.
std::string place_of(const base::Field& field) {
  if (field.bit == 0 && field.width % 8 == 0) return std::to_string(field.octet);
  const auto last = field.bit + field.width - 1;
  if (last >= 8) return fmt::format("{}.{}", field.octet, 8 - field.bit);
  if (field.width == 1) return fmt::format("{}.{}", field.octet, 8 - field.bit);
  return fmt::format("{}.{}-{}", field.octet, 8 - field.bit, 8 - last);
}

void append_field(std::string& text, const DissectedField& one) {
  text += fmt::format("    {:>8}  {:<20}", place_of(one.field), one.field.name);
  text += one.text;
  if (!one.meaning.empty()) text += fmt::format("  ({})", one.meaning);
  text += '\n';
}

void string(Json& json, std::string_view text) {
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void member(Json& json, std::string_view key, std::string_view text) {
  string(json, key);
  string(json, text);
}

void member(Json& json, std::string_view key, std::uint64_t number) {
  string(json, key);
  json.Uint64(number);
}

void write_tags(Json& json, const LinkHeader& link) {
  if (link.tags().empty()) return;
  string(json, "tags");
  json.StartArray();
  for (const auto& tag : link.tags()) {
    json.StartObject();
    member(json, "tpid", tag.tpid);
    member(json, "vid", tag.vid());
    member(json, "pcp", static_cast<unsigned>(tag.tci) >> 13U);
    json.EndObject();
  }
  json.EndArray();
}

void write_sections(Json& json, const std::vector<Section>& sections) {
  string(json, "sections");
  json.StartArray();
  for (const auto& section : sections) {
    json.StartObject();
    member(json, "title", section.title);
    member(json, "octet", section.octet);
    member(json, "length", section.length);
    string(json, "fields");
    json.StartArray();
    for (const auto& [field, text, meaning] : section.fields) {
      json.StartObject();
      member(json, "name", field.name);
      member(json, "octet", field.octet);
      member(json, "bit", field.bit);
      member(json, "width", field.width);
      member(json, "value", text);
      if (!meaning.empty()) member(json, "meaning", meaning);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
}

void write_faults(Json& json, const std::vector<FrameFault>& faults) {
  string(json, "faults");
  json.StartArray();
  for (const auto& fault : faults) {
    json.StartObject();
    member(json, "part", fault.part);
    member(json, "rule", to_string(fault.fault));
    member(json, "octet", fault.octet);
    if (!fault.statement.empty()) member(json, "statement", fault.statement);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string_view to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::kLldp: return "LLDP";
    case Protocol::kEcp: return "ECP";
    case Protocol::kDraftEcp: return "draft 0.2 ECP";
    case Protocol::kOther: return "other";
    case Protocol::kNone: return "none";
  }
  return "?";
}

std::string utc_text(std::int64_t nanoseconds) {
  auto seconds = nanoseconds / kNanosecondsPerSecond;
  auto rest = nanoseconds % kNanosecondsPerSecond;
  if (rest < 0) rest += kNanosecondsPerSecond, --seconds;
  return fmt::format("{:%FT%T}.{:09}Z", fmt::gmtime(static_cast<std::time_t>(seconds)), rest);
}

void append_dissection(std::string& text, const DecodedFrame& frame, std::int64_t first) {
  append_frame_line(text, frame, first);
  text += fmt::format("  {}, {} octets", utc_text(frame.captured.nanoseconds),
                      frame.captured.wire_length);
  if (frame.captured.cut()) text += fmt::format(", {} captured", frame.captured.octets.size());
  if (frame.link.destination) {
    text += fmt::format(", to {}", destination_text(*frame.link.destination));
  }
  text += '\n';
  auto fault = frame.faults.begin();
  const auto show_faults = [&](std::size_t before) {
    for (; fault != frame.faults.end() && fault->octet < before; ++fault) {
      text += fmt::format("    {:>8}  ! {}\n", fault->octet, fault_text(*fault));
    }
  };
  for (const auto& section : dissect(frame)) {
    text += fmt::format("  {}, octets {}..{}\n", section.title, section.octet,
                        section.octet + section.length - (section.length == 0 ? 0 : 1));
    for (const auto& field : section.fields) append_field(text, field);
    show_faults(section.octet + section.length);
  }
  show_faults(std::string::npos);
}

void append_json(std::string& text, const DecodedFrame& frame, std::int64_t first) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  member(json, "frame", frame.captured.number);
  member(json, "time", utc_text(frame.captured.nanoseconds));
  string(json, "seconds");
  json.Double(static_cast<double>(frame.captured.nanoseconds - first) / 1e9);
  member(json, "length", frame.captured.wire_length);
  member(json, "captured", frame.captured.octets.size());
  member(json, "protocol", to_string(frame.protocol));
  if (frame.protocol != Protocol::kNone) {
    if (frame.link.destination) member(json, "destination", to_string(*frame.link.destination));
    member(json, "source", to_string(frame.link.source));
    member(json, "ethertype", frame.link.ethertype);
  }
  write_tags(json, frame.link);
  std::string summary;
  append_summary(summary, frame);
  member(json, "summary", summary);
  write_sections(json, dissect(frame));
  write_faults(json, frame.faults);
  json.EndObject();
  text.append(buffer.GetString(), buffer.GetSize());
  text += '\n';
}

}  // namespace agent::replay
