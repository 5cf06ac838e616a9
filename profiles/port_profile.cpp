// SPDX-License-Identifier: Apache-2.0
#include "profiles/port_profile.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace profiles {
namespace {

/// The octets that follow a first octet of UTF-8, or -1.
int followers(unsigned char first) {
  if (first < 0x80) return 0;
  if (first >= 0xC2 && first < 0xE0) return 1;
  if (first >= 0xE0 && first < 0xF0) return 2;
  if (first >= 0xF0 && first < 0xF5) return 3;
  return -1;
}

bool is_utf8(std::string_view text) {
  int expected = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (expected > 0) {
      if ((octet & 0xC0U) != 0x80U) return false;
      --expected;
    } else {
      expected = followers(octet);
      if (expected < 0) return false;
    }
  }
  return expected == 0;
}

}  // namespace

std::string to_string(const TypeName& name) {
  return fmt::format("{} version {} of {}", name.type.id, name.type.version,
                     name.manager ? vdp::to_string(*name.manager) : "any manager");
}

std::string name_fault(std::string_view name) {
  if (name.empty()) return "a profile's name is empty";
  if (name.size() > kMaxProfileName) {
    return fmt::format("a profile's name has at most {} octets, this has {}", kMaxProfileName,
                       name.size());
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(name.begin(), name.end(), control)) {
    return "a profile's name holds a control character";
  }
  return is_utf8(name) ? "" : "a profile's name is not UTF-8";
}

}  // namespace profiles
