// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/pcapng_writer.hpp"

#include <algorithm>

namespace agent::capture {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr std::uint16_t kMajorVersion = 1;

constexpr std::uint16_t kEndOfOptions = 0;
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kInterfaceName = 2;
constexpr std::uint16_t kPacketFlags = 2;
constexpr std::uint16_t kUserApplication = 4;
constexpr std::uint16_t kTimeResolution = 9;
constexpr std::size_t kLongestOption = 65'535;

template <class T>
void append_number(std::string& text, T value) {
  for (unsigned shift = 0; shift < sizeof value * 8; shift += 8) {
    text += static_cast<char>(value >> shift & 0xFFU);
  }
}

void append_padded(std::string& text, std::string_view octets) {
  text += octets;
  text.append((4 - octets.size() % 4) % 4, '\0');
}

void append_option(std::string& text, std::uint16_t code, std::string_view value) {
  value = value.substr(0, kLongestOption);
  append_number(text, code);
  append_number(text, static_cast<std::uint16_t>(value.size()));
  append_padded(text, value);
}

/// Every block has its length before and behind its body.
void append_block(std::string& file, std::uint32_t type, std::string_view body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 12);
  append_number(file, type);
  append_number(file, length);
  file += body;
  append_number(file, length);
}

}  // namespace

void append_section_header(std::string& file, std::string_view program) {
  std::string body;
  append_number(body, kByteOrderMagic);
  append_number(body, kMajorVersion);
  append_number(body, std::uint16_t{0});
  append_number(body, ~std::uint64_t{0});  // the section's length is not given
  append_option(body, kUserApplication, program);
  append_option(body, kEndOfOptions, {});
  append_block(file, kSectionHeader, body);
}

void append_interface(std::string& file, std::string_view name, std::uint16_t link_type,
                      bool nanoseconds) {
  std::string body;
  append_number(body, link_type);
  append_number(body, std::uint16_t{0});
  append_number(body, std::uint32_t{0});  // no frame was cut
  append_option(body, kInterfaceName, name);
  if (nanoseconds) append_option(body, kTimeResolution, "\x09");
  append_option(body, kEndOfOptions, {});
  append_block(file, kInterfaceDescription, body);
}

void append_frame(std::string& file, const PcapngFrame& frame) {
  std::string body;
  const auto time = static_cast<std::uint64_t>(frame.time);
  append_number(body, frame.interface);
  append_number(body, static_cast<std::uint32_t>(time >> 32U));
  append_number(body, static_cast<std::uint32_t>(time));
  const auto length = static_cast<std::uint32_t>(frame.octets.size());
  append_number(body, length);
  append_number(body, std::max(length, static_cast<std::uint32_t>(frame.wire_length)));
  append_padded(body, {reinterpret_cast<const char*>(frame.octets.data()), frame.octets.size()});
  if (!frame.comment.empty()) append_option(body, kComment, frame.comment);
  std::string flags;
  append_number(flags, static_cast<std::uint32_t>(frame.direction));
  if (frame.direction != Direction::kUnknown) append_option(body, kPacketFlags, flags);
  append_option(body, kEndOfOptions, {});
  append_block(file, kEnhancedPacket, body);
}

}  // namespace agent::capture
