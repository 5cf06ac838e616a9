// SPDX-License-Identifier: Apache-2.0
// [port.cdcp]: S-channels.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "agent/config/port_reader.hpp"

namespace agent {
namespace {

using profiles::TomlTable;

void read_channels(TomlTable& cdcp, std::vector<std::uint16_t>& to) {
  cdcp.array("channels", [&](const toml::node& node) {
    const auto scid = cdcp.integer_in("channels", node, 2, lldp::kHighestScid);
    if (!scid) return;
    if (std::ranges::find(to, *scid) != to.end()) {
      cdcp.problem(node, fmt::format("S-channel {} stands twice", *scid), "remove one of them");
    } else {
      to.push_back(static_cast<std::uint16_t>(*scid));
    }
  });
}

void read_pool(TomlTable& cdcp, lldp::CdcpConfig& to) {
  if (!cdcp.has("svid_pool")) return;
  std::vector<std::uint16_t> ends;
  cdcp.array("svid_pool", [&](const toml::node& node) {
    const auto svid = cdcp.integer_in("svid_pool", node, lldp::kLowestSvid, lldp::kHighestSvid);
    if (svid) ends.push_back(static_cast<std::uint16_t>(*svid));
  });
  if (ends.size() == 2 && ends[0] <= ends[1]) {
    to.pool_low = ends[0];
    to.pool_high = ends[1];
  } else {
    cdcp.problem(*cdcp.take("svid_pool"), "svid_pool is not a range of SVIDs",
                 "write the lowest and the highest, as in [100, 199]");
  }
}

void refuse_in_role(TomlTable& cdcp, std::string_view key, std::string_view role) {
  if (const auto* const node = cdcp.take(key)) {
    cdcp.problem(*node, fmt::format("{} means nothing in role {}", key, role),
                 "remove it or change the role");
  }
}

/// At the key that is to be changed, if it is there.
void problem_at(TomlTable& cdcp, std::string_view key, std::string what, std::string todo) {
  if (const auto* const node = cdcp.take(key)) {
    cdcp.problem(*node, std::move(what), std::move(todo));
  } else {
    cdcp.problem(std::move(what), std::move(todo));
  }
}

void check_capacity(TomlTable& cdcp, const lldp::CdcpConfig& config) {
  const auto least = config.wants.size() + 1;
  if (least <= config.capacity) return;
  problem_at(cdcp, "capacity",
             fmt::format("{} channels and the default one are more than capacity = {}",
                         config.wants.size(), config.capacity),
             fmt::format("make capacity at least {}", least));
}

void check_prefix(TomlTable& cdcp, const PortSettings& to, const lldp::CdcpConfig& config) {
  // A bridge's channels are named by the station; SCIDs above kHighestScid come from no station
  // known.
  std::uint16_t longest = to.is_bridge() ? lldp::kHighestScid : std::uint16_t{2};
  for (const auto scid : config.wants) longest = std::max(longest, scid);
  const auto name = s_channel_device(to, longest);
  const bool odd = std::ranges::any_of(
      name, [](unsigned char c) { return c <= ' ' || c == '/' || c == ':' || c == 0x7F; });
  if (name.size() <= kMaxInterfaceName && !odd) return;
  problem_at(cdcp, "device_prefix",
             fmt::format("{} cannot be the name of an S-channel's device", name),
             fmt::format("set device_prefix to at most {} characters without blanks, '/' and ':'",
                         kMaxInterfaceName - (name.size() - name.rfind('.'))));
}

/// "eth0.s2", and not "eth0.storage".
bool names_a_channel_of(const PortSettings& uplink, std::string_view name) {
  auto stem = s_channel_device(uplink, 0);
  stem.pop_back();
  if (!name.starts_with(stem)) return false;
  std::uint16_t scid = 0;
  const auto* const end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + stem.size(), end, scid);
  return read.ec == std::errc() && read.ptr == end;
}

}  // namespace

void read_cdcp(TomlTable& port, PortSettings& to) {
  const auto* const table = port.subtable("cdcp");
  if (table == nullptr) return;
  TomlTable cdcp(*table, port.name() + " cdcp", port.file(), port.problems());
  bool enable = false;
  lldp::CdcpConfig config;
  cdcp.boolean("enable", enable);
  cdcp.integer("capacity", config.capacity, 1, lldp::kMaxSChannels);
  read_destination(cdcp, "destination", to.protocol.cdcp_destination);
  cdcp.text("device_prefix", to.device_prefix, 1, kMaxInterfaceName);
  if (to.device_prefix == to.name) to.device_prefix.clear();
  if (to.is_bridge()) {
    read_pool(cdcp, config);
    refuse_in_role(cdcp, "channels", "bridge");
  } else {
    read_channels(cdcp, config.wants);
    refuse_in_role(cdcp, "svid_pool", "station");
  }
  check_capacity(cdcp, config);
  check_prefix(cdcp, to, config);
  cdcp.finish();
  if (enable) to.protocol.cdcp = std::move(config);
}

void check_s_channels(TomlTable& root, const std::vector<PortSettings>& ports) {
  const auto at_port = [&](const PortSettings& port, std::string what) {
    root.problems().push_back({root.file(), port.line, 1, std::move(what),
                               "choose another name, or another device_prefix in [port.cdcp]"});
  };
  for (const auto& uplink : ports) {
    if (!uplink.protocol.cdcp) continue;
    for (const auto& port : ports) {
      if (names_a_channel_of(uplink, port.name)) {
        at_port(port, fmt::format("{} is the name of an S-channel of {}", port.name, uplink.name));
      }
      if (&port < &uplink && port.protocol.cdcp &&
          s_channel_device(port, 2) == s_channel_device(uplink, 2)) {
        at_port(uplink, fmt::format("the S-channels of {} and {} would have the same devices",
                                    port.name, uplink.name));
      }
    }
  }
}

std::string s_channel_device(const PortSettings& uplink, std::uint16_t scid) {
  return fmt::format("{}.s{}", uplink.device_prefix.empty() ? uplink.name : uplink.device_prefix,
                     scid);
}

PortSettings s_channel_port(const PortSettings& uplink, std::uint16_t scid) {
  auto port = uplink;
  port.name = s_channel_device(uplink, scid);
  port.protocol.cdcp.reset();
  port.device_prefix.clear();
  port.uplink = uplink.name;
  port.scid = scid;
  return port;
}

}  // namespace agent
