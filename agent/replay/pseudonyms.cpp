// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/pseudonyms.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <random>
#include <string_view>

namespace agent::replay {
namespace {

constexpr std::size_t kKeySize = 32;
/// A name of one letter has 36 others: two names may meet on one, and the next is tried then.
constexpr std::uint32_t kAttempts = 1000;

bool all_zero(base::Bytes octets) {
  return std::ranges::all_of(octets, [](auto octet) { return octet == 0; });
}

/// 802.1Q tables 8-1 and 8-2: what a bridge does not relay, and what registers.
bool is_reserved_group(base::Bytes mac) {
  static constexpr std::uint8_t kPrefix[] = {0x01, 0x80, 0xC2, 0x00, 0x00};
  return std::ranges::equal(mac.first(sizeof kPrefix), kPrefix) && mac[5] < 0x30;
}

void shape_mac(base::Octets& other, base::Bytes original) {
  other[0] = static_cast<std::uint8_t>((other[0] & 0xFCU) | 0x02U | (original[0] & 1U));
}

void shape_ipv4(base::Octets& other, base::Bytes /*original*/) { other[0] = 10; }

void shape_ipv6(base::Octets& other, base::Bytes original) {
  const bool link_local = original[0] == 0xFE && (original[1] & 0xC0U) == 0x80;
  other[0] = link_local ? 0xFE : 0xFD;
  if (!link_local) return;
  other[1] = 0x80;
  std::fill_n(other.begin() + 2, 6, std::uint8_t{0});
}

void shape_uuid(base::Octets& other, base::Bytes /*original*/) {
  other[6] = static_cast<std::uint8_t>((other[6] & 0x0FU) | 0x40U);
  other[8] = static_cast<std::uint8_t>((other[8] & 0x3FU) | 0x80U);
}

void shape_text(base::Octets& other, base::Bytes /*original*/) {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (auto& octet : other) octet = static_cast<std::uint8_t>(kLetters[octet % kLetters.size()]);
}

void shape_octets(base::Octets& /*other*/, base::Bytes /*original*/) {}

}  // namespace

Pseudonyms Pseudonyms::random() {
  base::Octets key(kKeySize);
  std::random_device source;
  for (auto& octet : key) octet = static_cast<std::uint8_t>(source());
  return Pseudonyms(key);
}

base::Octets Pseudonyms::derive(Kind kind, base::Bytes value, std::uint32_t attempt) const {
  base::Octets made;
  for (std::uint8_t block = 0; made.size() < value.size(); ++block) {
    base::Octets message{static_cast<std::uint8_t>(kind), block,
                         static_cast<std::uint8_t>(attempt >> 8U),
                         static_cast<std::uint8_t>(attempt)};
    base::append(message, value);
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), message.data(), message.size(),
         digest.data(), &size);
    base::append(made, base::Bytes(digest).first(size));
  }
  made.resize(value.size());
  return made;
}

void Pseudonyms::replace(Kind kind, std::span<std::uint8_t> value, Shape shape) {
  if (value.empty()) return;
  auto& [others, used] = table(kind);
  const base::Octets original(value.begin(), value.end());
  auto known = others.find(original);
  for (std::uint32_t attempt = 0; known == others.end(); ++attempt) {
    auto other = derive(kind, original, attempt);
    shape(other, original);
    if (attempt < kAttempts && (other == original || used.contains(other))) continue;
    used.insert(other);
    known = others.emplace(original, std::move(other)).first;
  }
  std::ranges::copy(known->second, value.begin());
}

void Pseudonyms::mac(std::span<std::uint8_t, 6> address) {
  const bool broadcast = std::ranges::all_of(address, [](auto octet) { return octet == 0xFF; });
  if (all_zero(address) || broadcast || is_reserved_group(address)) return;
  replace(Kind::kMac, address, shape_mac);
}

void Pseudonyms::ipv4(std::span<std::uint8_t, 4> address) {
  const bool loopback = address[0] == 127;
  const bool group = address[0] >= 224;
  if (!all_zero(address) && !loopback && !group) replace(Kind::kIpv4, address, shape_ipv4);
}

void Pseudonyms::ipv6(std::span<std::uint8_t, 16> address) {
  const bool loopback = address[15] == 1 && all_zero(base::Bytes(address).first(15));
  const bool group = address[0] == 0xFF;
  if (!all_zero(address) && !loopback && !group) replace(Kind::kIpv6, address, shape_ipv6);
}

void Pseudonyms::uuid(std::span<std::uint8_t, 16> id) {
  if (!all_zero(id)) replace(Kind::kUuid, id, shape_uuid);
}

void Pseudonyms::text(std::span<std::uint8_t> name) { replace(Kind::kText, name, shape_text); }

void Pseudonyms::octets(std::span<std::uint8_t> id) {
  if (!all_zero(id)) replace(Kind::kOctets, id, shape_octets);
}

Pseudonyms::Counts Pseudonyms::counts() const {
  return {count(Kind::kMac), count(Kind::kIpv4) + count(Kind::kIpv6),
          count(Kind::kUuid) + count(Kind::kOctets), count(Kind::kText)};
}

}  // namespace agent::replay
