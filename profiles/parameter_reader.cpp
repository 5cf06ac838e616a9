// SPDX-License-Identifier: Apache-2.0
#include "profiles/parameter_reader.hpp"

#include <charconv>

#include "profiles/units.hpp"

namespace profiles {
namespace {

constexpr std::int64_t kMaxVid = 4094;
constexpr std::int64_t kLeastMtu = 68;  // RFC 791: what every IPv4 link carries
constexpr std::int64_t kMostMtu = 65'535;
constexpr std::uint64_t kLeastRate = 8'000;             // bit/s
constexpr std::uint64_t kMostRate = 1'000'000'000'000;  // bit/s
constexpr std::uint64_t kLeastBurst = 2'048;            // octets: a frame of 1500 fits
constexpr std::uint64_t kMostBurst = std::uint64_t{1} << 30U;

void read_vlans(TomlTable& from, NetworkParameters& to, NeedsVlan needs_vlan) {
  std::uint16_t vid = 0;
  if (from.integer("untagged", vid, 1, kMaxVid)) to.untagged = vid;
  from.array("tagged", [&](const toml::node& node) {
    const auto tagged = from.integer_in("tagged", node, 1, kMaxVid);
    if (!tagged) return;
    if (to.allows(static_cast<std::uint16_t>(*tagged))) {
      from.problem(node, "VLAN " + std::to_string(*tagged) + " is listed twice", "remove one");
    } else {
      to.tagged.push_back(static_cast<std::uint16_t>(*tagged));
    }
  });
  from.boolean("any_vlan", to.any_vlan);
  if (needs_vlan == NeedsVlan::kYes && !to.any_vlan && !to.untagged && to.tagged.empty()) {
    from.problem("no VLAN", "give untagged = VID, tagged = [VIDs] or any_vlan = true");
  }
}

void read_default_vlan(TomlTable& from, NetworkParameters& to) {
  to.default_vlan = implied_default_vlan(to);
  std::uint16_t vid = 0;
  if (!from.integer("default_vlan", vid, 1, kMaxVid)) return;
  if (!to.allows(vid)) {
    from.problem(*from.take("default_vlan"),
                 "default_vlan " + std::to_string(vid) + " is not one of the VLANs allowed",
                 "list it as untagged or tagged too");
  }
  to.default_vlan = vid;
}

void read_groups(TomlTable& from, NetworkParameters& to) {
  const auto* const groups = from.subtable("groups");
  if (groups == nullptr) return;
  for (const auto& [key, node] : *groups) {
    const auto text = key.str();
    std::uint32_t group = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), group);
    if (error != std::errc() || end != text.data() + text.size()) {
      from.problem(node, "GroupID " + std::string(text) + " is not a number of 32 bits",
                   "write groups = { \"4097\" = VID }");
      continue;
    }
    const auto vid = from.integer_in("a group's VLAN", node, 1, kMaxVid);
    if (vid) to.groups[group] = static_cast<std::uint16_t>(*vid);
  }
}

void read_macs(TomlTable& from, NetworkParameters& to) {
  bool broken = false;
  from.array("macs", [&](const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    const auto mac = text ? lldp::parse_mac_address(*text) : std::nullopt;
    if (!mac || mac->is_group()) {
      broken = true;
      from.problem(node, "macs holds what is no individual MAC address",
                   "write addresses like \"52:54:00:aa:00:11\"");
    } else {
      to.macs.push_back(*mac);
    }
  });
  if (!to.macs.empty()) to.mac_policy = MacPolicy::kListed;
  if (!from.has("mac_policy")) return;
  auto policy = to.mac_policy;
  from.choice<MacPolicy>("mac_policy", policy,
                         {{"own", MacPolicy::kOwn}, {"listed", MacPolicy::kListed}});
  if (policy == to.mac_policy || broken) return;
  const auto& at = *from.take("mac_policy");
  if (policy == MacPolicy::kListed) {
    from.problem(at, "mac_policy is \"listed\" and nothing is listed", "give macs = [...]");
  } else {
    from.problem(at, "mac_policy is \"own\" and macs lists addresses", "remove one of the two");
  }
}

/// A text with a unit, in least..most; `parse` and `write` are those of units.hpp.
template <class Parse, class Write>
std::optional<std::uint64_t> read_quantity(TomlTable& from, std::string_view key,
                                           const toml::node& node, Parse parse, Write write,
                                           std::uint64_t least, std::uint64_t most) {
  const auto range = "write text from \"" + write(least) + "\" to \"" + write(most) + '"';
  const auto text = node.value_exact<std::string>();
  if (!text) {
    from.problem(node, std::string(key) + " is not text with a unit", range);
    return std::nullopt;
  }
  const auto value = parse(*text);
  if (!value) {
    from.problem(node, std::string(key) + ": " + value.error(), range);
    return std::nullopt;
  }
  if (*value < least || *value > most) {
    from.problem(node, std::string(key) + " = " + write(*value) + " is out of range", range);
    return std::nullopt;
  }
  return *value;
}

std::optional<std::uint64_t> read_bits(TomlTable& from, std::string_view key,
                                       const toml::node& node) {
  return read_quantity(from, key, node, parse_bit_rate, bit_rate_text, kLeastRate, kMostRate);
}

/// transmit = "100 Mbit/s" or { rate = "100 Mbit/s", burst = "64 KiB" }
void read_rate(TomlTable& from, const std::string& key, std::optional<Rate>& to) {
  const auto* const node = from.take(key);
  if (node == nullptr) return;
  if (!node->is_table()) {
    if (const auto bits = read_bits(from, key, *node)) to = Rate{*bits, 0};
    return;
  }
  TomlTable table(*node->as_table(), key, from.file(), from.problems());
  Rate rate;
  const auto* const bits_node = table.take("rate");
  if (bits_node == nullptr) {
    table.problem("rate is missing", "give rate = \"100 Mbit/s\"");
  } else if (const auto bits = read_bits(table, "rate", *bits_node)) {
    rate.bits_per_second = *bits;
  }
  if (const auto* const burst_node = table.take("burst")) {
    rate.burst_octets = read_quantity(table, "burst", *burst_node, parse_octets, octets_text,
                                      kLeastBurst, kMostBurst)
                            .value_or(0);
  }
  table.finish();
  if (rate.bits_per_second != 0) to = rate;
}

void read_modes(TomlTable& from, NetworkParameters& to) {
  from.array("modes", [&](const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    if (const auto mode = text ? parse_delivery_mode(*text) : std::nullopt) {
      to.modes.insert(*mode);
    } else {
      from.problem(node, "modes holds what is no delivery mode",
                   "write some of \"vepa\", \"bridge\", \"private\", \"passthrough\"");
    }
  });
}

}  // namespace

NetworkParameters read_parameters(TomlTable& from, NeedsVlan needs_vlan) {
  NetworkParameters to;
  read_vlans(from, to, needs_vlan);
  read_default_vlan(from, to);
  read_groups(from, to);
  read_macs(from, to);
  std::uint8_t priority = 0;
  if (from.integer("default_priority", priority, 0, 7)) to.default_priority = priority;
  std::uint16_t mtu = 0;
  if (from.integer("mtu", mtu, kLeastMtu, kMostMtu)) to.mtu = mtu;
  read_rate(from, "transmit", to.transmit);
  read_rate(from, "receive", to.receive);
  read_modes(from, to);
  std::size_t limit = 0;
  if (from.integer("max_instances", limit, 1, 1'000'000)) to.max_instances = limit;
  return to;
}

}  // namespace profiles
