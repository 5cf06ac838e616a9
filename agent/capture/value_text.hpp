// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "lldp/base/time.hpp"
#include "lldp/lldp_agent.hpp"
#include "vdp/port_events.hpp"

// Values of a journal as words without spaces, exact in both directions: what is written reads back
// as the same value. captures/README.md is the page for people.

namespace agent::capture {

/// How a value of type T is written. `kind` completes "'x' is no ...".
template <class T, class Enable = void>
struct Text;

/// nullopt when the text is no even number of hexadecimal digits.
std::optional<base::Octets> octets_of(std::string_view hex);

/// Text with every octet beside letters, digits and "-_.~:/+()" as %XX.
std::string escaped(std::string_view text);
std::optional<std::string> unescaped(std::string_view text);

/// Seconds with six decimals: "12.000123".
std::string seconds_text(base::Duration time);
std::optional<base::Duration> parse_seconds(std::string_view text);

/// "no keep-alive from the station" as "no-keep-alive-from-the-station".
std::string one_word(std::string_view text);

template <class T>
std::optional<T> parse_integer(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The pieces of "a,b,c"; none of "".
std::vector<std::string_view> split(std::string_view text, char separator);

template <class T>
struct Text<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>> {
  static constexpr std::string_view kind = "number of this field's range";
  static std::string write(T value) { return std::to_string(value); }
  static std::optional<T> read(std::string_view text) { return parse_integer<T>(text); }
};

#define EVBD_JOURNAL_TEXT(Type, Kind)                       \
  template <>                                               \
  struct Text<Type> {                                       \
    static constexpr std::string_view kind = Kind;          \
    static std::string write(const Type& value);            \
    static std::optional<Type> read(std::string_view text); \
  }
EVBD_JOURNAL_TEXT(bool, "yes or no");
EVBD_JOURNAL_TEXT(base::Duration, "time in seconds with up to six decimals");
EVBD_JOURNAL_TEXT(base::Octets, "even number of hexadecimal digits");
EVBD_JOURNAL_TEXT(std::string, "text with %XX for what is not printable");
EVBD_JOURNAL_TEXT(lldp::MacAddress, "MAC address");
EVBD_JOURNAL_TEXT(lldp::EvbRole, "role (station, bridge)");
EVBD_JOURNAL_TEXT(lldp::DialectChoice, "dialect (ratified, draft02, auto)");
EVBD_JOURNAL_TEXT(lldp::AdminStatus, "admin status (disabled, tx-only, rx-only, tx-and-rx)");
EVBD_JOURNAL_TEXT(lldp::CdcpConfig, "CAPACITY/POOL_LOW-POOL_HIGH[/SCID/...] of CDCP");
EVBD_JOURNAL_TEXT(lldp::Identifier, "identifier SUBTYPE:HEX");
EVBD_JOURNAL_TEXT(lldp::Capabilities, "pair SUPPORTED/ENABLED");
EVBD_JOURNAL_TEXT(lldp::ManagementAddress, "address FAMILY:HEX/SUBTYPE/NUMBER/OBJECT");
EVBD_JOURNAL_TEXT(lldp::OrganizationalTlv, "TLV OUI/SUBTYPE/HEX");
EVBD_JOURNAL_TEXT(vdp::OrganizationalTlv, "TLV OUI/HEX");
EVBD_JOURNAL_TEXT(vdp::VsiId, "VSI id (a UUID, or ipv4:, ipv6:, mac:, local: and 32 digits)");
EVBD_JOURNAL_TEXT(vdp::ManagerId, "manager of 32 hexadecimal digits");
EVBD_JOURNAL_TEXT(vdp::AssociationType,
                  "type (pre-associate, pre-associate-rr, associate, de-associate)");
EVBD_JOURNAL_TEXT(vdp::Reason, "reason 0..15");
EVBD_JOURNAL_TEXT(vdp::FilterInfo,
                  "filter list FORMAT:VID[/MAC][/gGROUP][/pPCP],... (formats: vid, mac-vid, "
                  "group-vid, group-mac-vid)");
#undef EVBD_JOURNAL_TEXT

template <class T>
struct Text<std::vector<T>, std::enable_if_t<!std::is_same_v<T, std::uint8_t>>> {
  static constexpr std::string_view kind = Text<T>::kind;
  static std::string write(const std::vector<T>& values) {
    std::string text;
    for (const auto& value : values) {
      if (!text.empty()) text += ',';
      text += Text<T>::write(value);
    }
    return text;
  }
  static std::optional<std::vector<T>> read(std::string_view text) {
    std::vector<T> values;
    for (const auto piece : split(text, ',')) {
      auto value = Text<T>::read(piece);
      if (!value) return std::nullopt;
      values.push_back(*std::move(value));
    }
    return values;
  }
};

}  // namespace agent::capture
