// SPDX-License-Identifier: Apache-2.0
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "agent/cli/json_writer.hpp"
#include "agent/replay/dissection.hpp"
#include "agent/replay/frame_line.hpp"

namespace agent::replay {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

void append_field(std::string& text, const DissectedField& one) {
  text += fmt::format("    {:>8}  {:<20}", place_text(one.field), one.field.name);
  text += one.text;
  if (!one.meaning.empty()) text += fmt::format("  ({})", one.meaning);
  text += '\n';
}

void write_tags(cli::JsonWriter& json, const LinkHeader& link) {
  if (link.tags().empty()) return;
  json.begin_array("tags");
  for (const auto& tag : link.tags()) {
    json.begin_object();
    json.member("tpid", tag.tpid);
    json.member("vid", tag.vid());
    json.member("pcp", static_cast<unsigned>(tag.tci) >> 13U);
    json.end_object();
  }
  json.end_array();
}

void write_sections(cli::JsonWriter& json, const std::vector<Section>& sections) {
  json.begin_array("sections");
  for (const auto& section : sections) {
    json.begin_object();
    json.member("title", section.title);
    json.member("octet", section.octet);
    json.member("length", section.length);
    json.begin_array("fields");
    for (const auto& [field, text, meaning] : section.fields) {
      json.begin_object();
      json.member("name", field.name);
      json.member("octet", field.octet);
      json.member("bit", field.bit);
      json.member("width", field.width);
      json.member("value", text);
      if (!meaning.empty()) json.member("meaning", meaning);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

void write_faults(cli::JsonWriter& json, const std::vector<FrameFault>& faults) {
  json.begin_array("faults");
  for (const auto& fault : faults) {
    json.begin_object();
    json.member("part", fault.part);
    json.member("rule", to_string(fault.fault));
    json.member("octet", fault.octet);
    if (!fault.statement.empty()) json.member("statement", fault.statement);
    json.end_object();
  }
  json.end_array();
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

std::string place_text(const base::Field& field) {
  if (field.bit == 0 && field.width % 8 == 0) return std::to_string(field.octet);
  const auto last = field.bit + field.width - 1;
  if (last >= 8) return fmt::format("{}.{}", field.octet, 8 - field.bit);
  if (field.width == 1) return fmt::format("{}.{}", field.octet, 8 - field.bit);
  return fmt::format("{}.{}-{}", field.octet, 8 - field.bit, 8 - last);
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
  cli::JsonWriter json;
  json.begin_object();
  json.member("frame", frame.captured.number);
  json.member("time", utc_text(frame.captured.nanoseconds));
  json.seconds("seconds", frame.captured.nanoseconds - first);
  json.member("length", frame.captured.wire_length);
  json.member("captured", frame.captured.octets.size());
  json.member("protocol", to_string(frame.protocol));
  if (frame.protocol != Protocol::kNone) {
    if (frame.link.destination) json.member("destination", to_string(*frame.link.destination));
    json.member("source", to_string(frame.link.source));
    json.member("ethertype", frame.link.ethertype);
  }
  write_tags(json, frame.link);
  std::string summary;
  append_summary(summary, frame);
  json.member("summary", summary);
  write_sections(json, dissect(frame));
  write_faults(json, frame.faults);
  json.end_object();
  text += json.line();
  text += '\n';
}

}  // namespace agent::replay
