// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>

#include "lldp/base/bytes.hpp"

namespace agent::replay {

/// Other values for what tells people, machines and sites apart: each the same one wherever it
/// stands, of the same length, and of its own kind. What means something to the protocol (group
/// bit, reserved addresses, zeroes) is kept. They follow from a secret key by HMAC-SHA-256.
class Pseudonyms {
 public:
  explicit Pseudonyms(base::Bytes key) : key_(key.begin(), key.end()) {}
  /// With a key that nobody knows.
  static Pseudonyms random();

  // Each replaces what it is given.
  void mac(std::span<std::uint8_t, 6> address);
  void ipv4(std::span<std::uint8_t, 4> address);
  void ipv6(std::span<std::uint8_t, 16> address);
  void uuid(std::span<std::uint8_t, 16> id);
  /// Letters and digits.
  void text(std::span<std::uint8_t> name);
  /// Any octets.
  void octets(std::span<std::uint8_t> id);

  struct Counts {
    std::size_t macs = 0;
    std::size_t addresses = 0;
    std::size_t ids = 0;
    std::size_t names = 0;
  };
  /// Different values that were replaced.
  Counts counts() const;

 private:
  enum class Kind : std::uint8_t { kMac, kIpv4, kIpv6, kUuid, kText, kOctets, kCount };
  struct Table {
    std::map<base::Octets, base::Octets> others;
    std::set<base::Octets> used;
  };
  using Shape = void (*)(base::Octets& other, base::Bytes original);

  void replace(Kind kind, std::span<std::uint8_t> value, Shape shape);
  base::Octets derive(Kind kind, base::Bytes value, std::uint32_t attempt) const;
  Table& table(Kind kind) { return tables_[static_cast<std::size_t>(kind)]; }
  std::size_t count(Kind kind) const { return tables_[static_cast<std::size_t>(kind)].used.size(); }

  base::Octets key_;
  std::array<Table, static_cast<std::size_t>(Kind::kCount)> tables_;
};

}  // namespace agent::replay
