// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/html.hpp"

#include "lldp/printable.hpp"

namespace agent::replay::report {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Whether a character of three octets turns the direction of text or ends a line (U+200E..U+200F,
/// U+2028..U+202E, U+2066..U+2069), or is none (U+FFFE, U+FFFF).
bool moves_text(std::string_view character) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  const unsigned code = (octet(0) & 0x0FU) << 12U | (octet(1) & 0x3FU) << 6U | (octet(2) & 0x3FU);
  return code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code >= 0xFFFE;
}

std::string_view entity(char character) {
  switch (character) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\n': return "\n";
    default: return static_cast<unsigned char>(character) < 0x20 ? kReplacement : "";
  }
}

}  // namespace

void append_escaped(std::string& html, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet < 0x7F) {
      const auto written = entity(text[i]);
      html += written.empty() ? text.substr(i, 1) : written;
      ++i;
      continue;
    }
    const auto length = lldp::utf8_length(text, i);
    const auto character = text.substr(i, std::max<std::size_t>(length, 1));
    html += length == 0 || (length == 3 && moves_text(character)) ? kReplacement : character;
    i += character.size();
  }
}

std::string escaped(std::string_view text) {
  std::string html;
  append_escaped(html, text);
  return html;
}

void Page::flush() {
  std::fwrite(html_.data(), 1, html_.size(), file_);
  written_ += html_.size();
  html_.clear();
}

}  // namespace agent::replay::report
