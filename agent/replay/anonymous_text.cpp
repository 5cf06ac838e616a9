// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/anonymous_text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "agent/capture/value_text.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/printable.hpp"
#include "vdp/vsi.hpp"

namespace agent::replay {
namespace {

constexpr std::string_view kBetweenWords = " \t\r\n;,()[]{}=<>/\"'!|";
constexpr std::string_view kAfterWords = ".:";
constexpr std::size_t kLongestNumber = 10;  // digits: 32 bits, as the frames' numbers that are kept
constexpr std::size_t kLocalId = 32;        // hexadecimal digits

/// What evbd writes (capture/saved.cpp, frame_line.cpp), sorted.
constexpr std::string_view kWords[] = {
    "+1",
    "Associate",
    "BGID",
    "CDCP",
    "ChnCap",
    "De-Associate",
    "ECP",
    "ECPDU",
    "EVB",
    "Ethertype",
    "GroupID",
    "HARD",
    "KEEP",
    "LLC",
    "LLDP",
    "LLDPDU",
    "M",
    "MAC",
    "PCP",
    "PDU",
    "PS",
    "Pre-Associate",
    "R",
    "RKA",
    "RRCAP",
    "RRCTR",
    "RRREQ",
    "RRSTAT",
    "RTE",
    "RWD",
    "Reservation",
    "Resource",
    "S",
    "SGID",
    "TLV",
    "TTL",
    "VDP",
    "VID",
    "VSI",
    "a",
    "ack",
    "address",
    "admitted",
    "alias",
    "and",
    "answer",
    "as",
    "asked",
    "associated",
    "association",
    "at",
    "because",
    "bridge",
    "by",
    "capability",
    "change",
    "changed",
    "client",
    "configuration",
    "confirmed",
    "contact",
    "de-associated",
    "destination",
    "discarded",
    "draft",
    "duplicate",
    "end",
    "evbd",
    "evbd's",
    "failure",
    "filter",
    "first",
    "for",
    "format",
    "frame",
    "given",
    "group",
    "here",
    "in",
    "insufficient",
    "interface",
    "invalid",
    "is",
    "it",
    "last",
    "layout",
    "length",
    "link",
    "local",
    "lost",
    "manager",
    "mandatory",
    "missing",
    "more",
    "name",
    "nearest",
    "neighbour",
    "network",
    "no",
    "none",
    "not",
    "octet",
    "of",
    "off",
    "on",
    "operation",
    "operator",
    "operator's",
    "other",
    "out",
    "past",
    "peer",
    "permitted",
    "port",
    "port's",
    "pre-associated",
    "protocol",
    "ran",
    "reason",
    "reflective",
    "refused",
    "relay",
    "request",
    "requested",
    "reservation",
    "reserved",
    "resolved",
    "resources",
    "response",
    "runs",
    "s",
    "sent",
    "served",
    "short",
    "shutdown",
    "sockets",
    "station",
    "status",
    "subtype",
    "success",
    "supported",
    "the",
    "timer",
    "to",
    "too",
    "truncated",
    "type",
    "unable",
    "unknown",
    "up",
    "value",
    "version",
    "was",
    "with",
};

static_assert(std::ranges::is_sorted(kWords));

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "12", "0.2", "v2".
bool is_number(std::string_view word) {
  if (word.starts_with('v')) word.remove_prefix(1);
  if (word.empty() || word.size() > kLongestNumber) return false;
  return std::ranges::all_of(word, [](char c) { return is_digit(c) || c == '.'; }) &&
         std::ranges::count(word, '.') <= 1;
}

std::string written(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, address, text.data(), text.size());
}

template <std::size_t N>
bool read_address(int family, const std::string& word, std::array<std::uint8_t, N>& to) {
  return inet_pton(family, word.c_str(), to.data()) == 1;
}

std::string replaced(const std::string& word, Pseudonyms& pseudonyms) {
  if (auto mac = lldp::parse_mac_address(word)) {
    pseudonyms.mac(mac->octets);
    return lldp::to_string(*mac);
  }
  if (std::array<std::uint8_t, 4> ipv4{}; read_address(AF_INET, word, ipv4)) {
    pseudonyms.ipv4(ipv4);
    return written(AF_INET, ipv4.data());
  }
  if (std::array<std::uint8_t, 16> ipv6{}; read_address(AF_INET6, word, ipv6)) {
    pseudonyms.ipv6(ipv6);
    return written(AF_INET6, ipv6.data());
  }
  if (auto octets = word.size() == kLocalId ? capture::octets_of(word) : std::nullopt) {
    pseudonyms.octets(*octets);
    return lldp::to_hex(*octets);
  }
  if (auto id = vdp::parse_uuid(word)) {
    pseudonyms.uuid(id->octets);
    return vdp::to_string(*id);
  }
  base::Octets name(word.begin(), word.end());
  pseudonyms.text(name);
  return {name.begin(), name.end()};
}

}  // namespace

std::string anonymous_text(std::string_view text, Pseudonyms& pseudonyms) {
  std::string made;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(kBetweenWords), text.size());
    auto word = text.substr(0, end);
    // "::" is an address, and "2001:db8::" ends like one.
    const auto last = word.find_last_not_of(kAfterWords);
    if (!word.ends_with("::")) word = word.substr(0, last + 1);  // nothing, where last is npos
    const bool kept = is_number(word) || std::ranges::binary_search(kWords, word);
    made += kept || word.empty() ? std::string(word) : replaced(std::string(word), pseudonyms);
    made += text.substr(word.size(), end - word.size());
    if (end < text.size()) made += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return made;
}

}  // namespace agent::replay
