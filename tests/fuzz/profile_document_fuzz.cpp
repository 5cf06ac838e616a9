// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "profiles/document.hpp"
#include "profiles/units.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// What was understood is written so that it is understood again, as the same.
void units(std::string_view text) {
  if (const auto rate = profiles::parse_bit_rate(text)) {
    require(profiles::parse_bit_rate(profiles::bit_rate_text(*rate)) == *rate);
  } else {
    require(!rate.error().empty());
  }
  if (const auto octets = profiles::parse_octets(text)) {
    require(profiles::parse_octets(profiles::octets_text(*octets)) == *octets);
  } else {
    require(!octets.error().empty());
  }
}

void document(std::string_view text) {
  const auto read = profiles::read_document(text, "profiles.toml");
  if (!read) {
    require(!read.error().empty());
    for (const auto& problem : read.error()) require(!to_string(problem).empty());
    return;
  }
  const auto written = profiles::write_document(read->contents);
  const auto again = profiles::read_document(written, "again.toml");
  require(again.has_value());
  require(profiles::difference(read->contents, again->contents).remove_profiles.empty());
  require(profiles::write_document(again->contents) == written);
}

void assignment(std::string_view text) {
  const std::string words[] = {std::string(text)};
  const auto set = profiles::assign(profiles::PortProfile{"p", {.any_vlan = true}, {}}, words);
  require(set || !set.error().empty());
}

}  // namespace

/// People's TOML of port profiles and VSI types, and the rates and sizes in it. The first octet
/// says as what the rest is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'u': units(text); break;
    case 'a': assignment(text); break;
    default: document(text); break;
  }
  return 0;
}
