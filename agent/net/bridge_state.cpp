// SPDX-License-Identifier: Apache-2.0
#include "agent/net/bridge_state.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <filesystem>
#include <fstream>

namespace agent::net {
namespace {

constexpr std::string_view kPrefix = "bridge-port-";
constexpr std::string_view kSuffix = ".toml";

void put(toml::table& to, std::string_view key, const std::optional<bool>& flag) {
  if (flag) to.insert(key, *flag);
}

toml::table to_toml(const BridgePortState& state) {
  toml::table flags;
  put(flags, "hairpin", state.flags.hairpin);
  put(flags, "learning", state.flags.learning);
  put(flags, "locked", state.flags.locked);
  put(flags, "unicast_flood", state.flags.unicast_flood);
  toml::array stations;
  for (const auto& [mac, vid] : state.stations) {
    stations.push_back(toml::array{lldp::to_string(mac), static_cast<std::int64_t>(vid)});
  }
  toml::array vlans;
  for (const auto& [vid, bits] : state.vlans) {
    vlans.push_back(toml::array{static_cast<std::int64_t>(vid), static_cast<std::int64_t>(bits)});
  }
  return toml::table{{"name", state.name},
                     {"index", static_cast<std::int64_t>(state.index)},
                     {"bridge", static_cast<std::int64_t>(state.bridge)},
                     {"filters_vlans", state.filters_vlans},
                     {"clsact", state.clsact},
                     {"flags", std::move(flags)},
                     {"stations", std::move(stations)},
                     {"vlans", std::move(vlans)}};
}

void read_lists(const toml::table& from, BridgePortState& to) {
  if (const auto* const stations = from["stations"].as_array()) {
    for (const auto& each : *stations) {
      const auto* const pair = each.as_array();
      if (pair == nullptr || pair->size() != 2) continue;
      const auto mac = lldp::parse_mac_address((*pair)[0].value_or<std::string>(""));
      if (mac) to.stations.insert(Station{*mac, (*pair)[1].value_or<std::uint16_t>(0)});
    }
  }
  if (const auto* const vlans = from["vlans"].as_array()) {
    for (const auto& each : *vlans) {
      const auto* const pair = each.as_array();
      if (pair == nullptr || pair->size() != 2) continue;
      to.vlans[(*pair)[0].value_or<std::uint16_t>(0)] = (*pair)[1].value_or<std::uint16_t>(0);
    }
  }
}

BridgePortState from_toml(const toml::table& from) {
  BridgePortState state;
  state.name = from["name"].value_or<std::string>("");
  state.index = from["index"].value_or(0);
  state.bridge = from["bridge"].value_or(0);
  state.filters_vlans = from["filters_vlans"].value_or(false);
  state.clsact = from["clsact"].value_or(false);
  state.flags.hairpin = from["flags"]["hairpin"].value<bool>();
  state.flags.learning = from["flags"]["learning"].value<bool>();
  state.flags.locked = from["flags"]["locked"].value<bool>();
  state.flags.unicast_flood = from["flags"]["unicast_flood"].value<bool>();
  read_lists(from, state);
  return state;
}

}  // namespace

std::string BridgeStateFiles::path(const std::string& port) const {
  return fmt::format("{}/{}{}{}", run_dir_, kPrefix, port, kSuffix);
}

tl::expected<void, std::string> BridgeStateFiles::save(const BridgePortState& state) const {
  std::error_code error;
  std::filesystem::create_directories(run_dir_, error);
  const auto to = path(state.name);
  const auto draft = to + ".new";
  {
    std::ofstream file(draft, std::ios::trunc);
    file << to_toml(state) << '\n';
    file.close();
    if (!file) {
      return tl::unexpected(fmt::format("cannot keep the original state of {} in {}; check run_dir",
                                        state.name, draft));
    }
  }
  std::filesystem::rename(draft, to, error);
  if (error) return tl::unexpected(fmt::format("cannot write {}: {}", to, error.message()));
  return {};
}

void BridgeStateFiles::remove(const std::string& port) const {
  std::error_code ignored;
  std::filesystem::remove(path(port), ignored);
}

std::vector<BridgePortState> BridgeStateFiles::all() const {
  std::vector<BridgePortState> states;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(run_dir_, error)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    try {
      auto state = from_toml(toml::parse_file(entry.path().string()));
      if (path(state.name) == entry.path().string()) states.push_back(std::move(state));
    } catch (const toml::parse_error&) {
      // Cut off by a crash of the host's file system at worst: nothing can be restored from it.
    }
  }
  return states;
}

}  // namespace agent::net
