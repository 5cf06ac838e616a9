// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/replay/decoded_frame.hpp"
#include "lldp/base/fields.hpp"

namespace agent::replay {

/// One field with its place in the frame, and its value as text.
struct DissectedField {
  base::Field field;
  std::string text;     ///< the value: "3", "52:54:00:aa:00:11"
  std::string meaning;  ///< what the value says: "Associate", "163.84 ms"; may be empty
};

/// A header, a TLV, or padding.
struct Section {
  std::string title;
  std::size_t octet = 0;   ///< where it begins in the frame
  std::size_t length = 0;  ///< octets
  std::vector<DissectedField> fields;
};

/// Every octet of a frame that we know a name for, in the order of the wire; broken frames as far
/// as they go. Of frames of other protocols only the headers before the payload.
std::vector<Section> dissect(const DecodedFrame& frame);

/// Lines for people: title, octets, fields, and the frame's faults where they are.
void append_dissection(std::string& text, const DecodedFrame& frame, std::int64_t first);
/// One JSON object and "\n": number, time, addresses, tags, protocol, summary, sections, faults.
void append_json(std::string& text, const DecodedFrame& frame, std::int64_t first);

/// Octet of the frame: "14", or "14.5-8" where the field shares octets; the standard's bit 8 is the
/// first.
std::string place_text(const base::Field& field);
/// "2026-01-31T12:00:05.123456789Z".
std::string utc_text(std::int64_t nanoseconds);
std::string_view to_string(Protocol protocol);

}  // namespace agent::replay
