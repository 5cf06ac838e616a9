// SPDX-License-Identifier: Apache-2.0
#include "profiles/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

namespace profiles {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::uint64_t kKi = 1024;
constexpr std::uint64_t kMi = kKi * 1024;
constexpr std::uint64_t kGi = kMi * 1024;

// In lower case; "bit" and "b" may follow a prefix, then "/s".
constexpr Unit kRatePrefixes[] = {{"", 1},     {"k", 1'000},         {"m", 1'000'000},
                                  {"ki", kKi}, {"g", 1'000'000'000}, {"t", 1'000'000'000'000},
                                  {"mi", kMi}, {"gi", kGi}};
constexpr Unit kOctetUnits[] = {{"", 1},           {"b", 1},     {"k", kKi},  {"kb", 1'000},
                                {"mb", 1'000'000}, {"m", kMi},   {"g", kGi},  {"gb", 1'000'000'000},
                                {"kib", kKi},      {"mib", kMi}, {"gib", kGi}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::uint64_t> factor_of(std::span<const Unit> units, std::string_view name) {
  for (const auto& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

/// A decimal number as a whole one and how many of its digits stand behind the point.
struct Decimal {
  std::uint64_t digits = 0;
  unsigned behind_point = 0;
};

/// Takes the number off the front of `text`; nullopt: there is none, or one too long.
std::optional<Decimal> take_decimal(std::string_view& text) {
  constexpr std::size_t kMostDigits = 18;  // fit into 64 bits
  constexpr unsigned kMostBehindPoint = 6;
  Decimal decimal;
  bool point = false;
  std::size_t count = 0;
  std::size_t used = 0;
  for (; used < text.size(); ++used) {
    if (text[used] == '.' && !point && count > 0) {
      point = true;
    } else if (is_digit(text[used])) {
      if (++count > kMostDigits) return std::nullopt;
      decimal.digits = decimal.digits * 10 + static_cast<unsigned>(text[used] - '0');
      if (point) ++decimal.behind_point;
    } else {
      break;
    }
  }
  const bool ends_in_point = point && decimal.behind_point == 0;
  if (count == 0 || ends_in_point || decimal.behind_point > kMostBehindPoint) return std::nullopt;
  text.remove_prefix(used);
  return decimal;
}

/// The number times `factor`, rounded down; nullopt: more than `most`.
std::optional<std::uint64_t> scaled(Decimal decimal, std::uint64_t factor, std::uint64_t most) {
  std::uint64_t divisor = 1;
  for (unsigned i = 0; i < decimal.behind_point; ++i) divisor *= 10;
  const auto whole = decimal.digits / divisor;
  if (whole > most / factor) return std::nullopt;
  // At most 10^6 x 8 x 10^12.
  const auto value = whole * factor + decimal.digits % divisor * factor / divisor;
  if (value > most) return std::nullopt;
  return value;
}

/// The factor of "mbit/s", "mb/s" and the like. 'b' alone is told from 'B' before the case is lost.
tl::expected<std::uint64_t, std::string> rate_factor(std::string_view unit) {
  const bool octets = unit.ends_with("B/s");
  std::string small(unit);
  std::transform(small.begin(), small.end(), small.begin(), lower);
  std::string_view rest = small;
  if (rest.ends_with("bps")) {
    return tl::unexpected(
        std::string("\"bps\" means bits to some and octets to others; write Mbit/s or MB/s"));
  }
  if (octets) {
    rest.remove_suffix(3);
  } else {
    if (rest.ends_with("/s")) rest.remove_suffix(2);
    if (rest.ends_with("bit")) rest.remove_suffix(3);
  }
  const auto factor = factor_of(kRatePrefixes, rest);
  if (!factor) {
    return tl::unexpected(
        fmt::format("\"{}\" is no unit of a bandwidth; write one like \"100 Mbit/s\"", unit));
  }
  return octets ? *factor * 8 : *factor;
}

tl::expected<std::uint64_t, std::string> octet_factor(std::string_view unit) {
  std::string small(unit);
  std::transform(small.begin(), small.end(), small.begin(), lower);
  if (const auto factor = factor_of(kOctetUnits, small)) return *factor;
  return tl::unexpected(
      fmt::format("\"{}\" is no unit of a size; write one like \"64 KiB\"", unit));
}

template <class FactorOf>
tl::expected<std::uint64_t, std::string> parse(std::string_view text, FactorOf factor_of_unit,
                                               std::uint64_t most, std::string_view example) {
  auto rest = text;
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const auto decimal = take_decimal(rest);
  if (!decimal) {
    return tl::unexpected(
        fmt::format("\"{}\" does not begin with a number; write one like \"{}\"", text, example));
  }
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  while (rest.ends_with(' ')) rest.remove_suffix(1);
  auto factor = factor_of_unit(rest);
  if (!factor) return factor;
  const auto value = scaled(*decimal, *factor, most);
  if (!value) return tl::unexpected(fmt::format("\"{}\" is out of range", text));
  return *value;
}

}  // namespace

tl::expected<std::uint64_t, std::string> parse_bit_rate(std::string_view text) {
  return parse(text, rate_factor, kMostBitsPerSecond, "100 Mbit/s");
}

tl::expected<std::uint64_t, std::string> parse_octets(std::string_view text) {
  return parse(text, octet_factor, kMostOctets, "64 KiB");
}

std::string bit_rate_text(std::uint64_t bits) {
  constexpr Unit kUnits[] = {{"Gbit/s", 1'000'000'000}, {"Mbit/s", 1'000'000}, {"kbit/s", 1'000}};
  for (const auto& unit : kUnits) {
    if (bits != 0 && bits % unit.factor == 0) {
      return fmt::format("{} {}", bits / unit.factor, unit.name);
    }
  }
  return fmt::format("{} bit/s", bits);
}

std::string octets_text(std::uint64_t octets) {
  constexpr Unit kUnits[] = {{"GiB", kGi}, {"MiB", kMi}, {"KiB", kKi}};
  for (const auto& unit : kUnits) {
    if (octets != 0 && octets % unit.factor == 0) {
      return fmt::format("{} {}", octets / unit.factor, unit.name);
    }
  }
  return fmt::format("{} B", octets);
}

}  // namespace profiles
