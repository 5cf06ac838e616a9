// SPDX-License-Identifier: Apache-2.0
#include "agent/config/config.hpp"

#include <filesystem>
#include <tuple>

#include "agent/config/port_reader.hpp"
#include "profiles/type_reader.hpp"

namespace agent {
namespace {

using profiles::TomlTable;

void read_agent(TomlTable& root, AgentConfig& to) {
  const auto* const table = root.subtable("agent");
  if (table == nullptr) return;
  TomlTable agent(*table, "[agent]", root.file(), root.problems());
  agent.choice<LogLevel>("log_level", to.log_level,
                         {{"error", LogLevel::kError},
                          {"warning", LogLevel::kWarning},
                          {"notice", LogLevel::kNotice},
                          {"info", LogLevel::kInfo},
                          {"debug", LogLevel::kDebug}});
  agent.text("system_name", to.system_name, 0, 255);
  agent.text("system_description", to.system_description, 0, 255);
  agent.text("run_dir", to.run_dir, 1, 255);
  if (!to.run_dir.starts_with('/')) {
    agent.problem(*agent.take("run_dir"), "run_dir is not an absolute path", "begin it with /");
  }
  agent.finish();
}

void read_socket_mode(TomlTable& api, unsigned& mode) {
  const auto* const node = api.take("mode");
  if (node == nullptr) return;
  const auto number = node->value_exact<std::int64_t>();
  // 660 without the leading 0o would silently mean other bits than its writer meant.
  if (number && node->as_integer()->flags() == toml::value_flags::format_as_octal && *number >= 0 &&
      *number <= 0777) {
    mode = static_cast<unsigned>(*number);
  } else {
    api.problem(*node, "mode is not an octal number", "write permission bits as in 0o660");
  }
}

void read_api(TomlTable& root, ApiConfig& to) {
  const auto* const table = root.subtable("api");
  if (table == nullptr) return;
  TomlTable api(*table, "[api]", root.file(), root.problems());
  api.text("socket", to.socket, 1, 107);  // sun_path, with its final zero
  if (!to.socket.starts_with('/')) {
    api.problem(*api.take("socket"), "socket is not an absolute path", "begin it with /");
  }
  read_socket_mode(api, to.mode);
  api.text("group", to.group, 0, 32);
  api.text("admin_group", to.admin_group, 0, 32);
  api.integer("max_message_octets", to.max_message, 1024, 64 << 20);
  api.integer("max_connections", to.max_connections, 1, 10'000);
  api.integer("max_pending_octets", to.max_pending_output, 65'536, 1 << 30);
  api.finish();
}

void read_libvirt(TomlTable& root, LibvirtConfig& to) {
  const auto* const table = root.subtable("libvirt");
  if (table == nullptr) return;
  TomlTable libvirt(*table, "[libvirt]", root.file(), root.problems());
  libvirt.boolean("enable", to.enable);
  libvirt.text("pid_file", to.pid_file, 1, 255);
  if (!to.pid_file.starts_with('/')) {
    libvirt.problem(*libvirt.take("pid_file"), "pid_file is not an absolute path",
                    "begin it with /; libvirt itself looks at /run/lldpad.pid only");
  }
  std::int64_t hold = to.hold.count();
  libvirt.integer("hold_ms", hold, 0, 100);
  to.hold = std::chrono::milliseconds(hold);
  std::int64_t notify_after = to.notify_after.count();
  libvirt.integer("notify_after_s", notify_after, 1, 3600);
  to.notify_after = std::chrono::seconds(notify_after);
  libvirt.text("vm_dir", to.vm_dir, 0, 255);
  libvirt.finish();
}

void read_capture(TomlTable& root, CaptureConfig& to) {
  const auto* const table = root.subtable("capture");
  if (table == nullptr) return;
  TomlTable capture(*table, "[capture]", root.file(), root.problems());
  capture.boolean("at_start", to.at_start);
  capture.integer("max_octets", to.max_octets, 65'536, 1 << 30);
  capture.finish();
}

void read_profiles(TomlTable& root, ProfilesConfig& to) {
  const auto* const table = root.subtable("profiles");
  if (table == nullptr) return;
  TomlTable profiles(*table, "[profiles]", root.file(), root.problems());
  profiles.text("database", to.database, 1, 4096);
  profiles.finish();
}

void read_managers(TomlTable& root, profiles::ManagerTable& to) {
  if (const auto* const table = root.subtable("managers")) {
    read_manager_table(*table, "[managers]", root.file(), root.problems(), to);
  }
}

void read_ports(TomlTable& root, const profiles::ManagerTable& managers, Config& to) {
  for (const auto* const table : root.subtables("port")) {
    auto port = read_port(*table, managers, root.file(), root.problems());
    if (port.name.empty()) continue;
    for (const auto& other : to.ports) {
      if (other.name != port.name) continue;
      root.problem(
          *table,
          "port " + port.name + " stands twice, first in line " + std::to_string(other.line),
          "remove one of them");
    }
    to.ports.push_back(std::move(port));
  }
}

void read_types_file(TomlTable& root, const profiles::ManagerTable& managers, Config& to) {
  std::string name;
  root.text("types_file", name, 1, 4096);
  if (name.empty()) return;
  const auto path = (std::filesystem::path(root.file()).parent_path() / name).string();
  const auto text = profiles::read_file(path, root.problems());
  if (!text) return;
  const auto table = profiles::parse_toml(*text, path, root.problems());
  if (!table) return;
  TomlTable types(*table, "", path, root.problems());
  profiles::read_vsi_types(types, managers, to.types);
  types.finish();
}

void read_config(TomlTable& root, Config& to) {
  read_agent(root, to.agent);
  read_api(root, to.api);
  read_libvirt(root, to.libvirt);
  read_capture(root, to.capture);
  read_profiles(root, to.profiles);
  profiles::ManagerTable managers{};
  read_managers(root, managers);
  read_ports(root, managers, to);
  check_s_channels(root, to.ports);
  profiles::read_vsi_types(root, managers, to.types);
  read_types_file(root, managers, to);
  root.finish();
}

}  // namespace

bool same_settings(const PortSettings& one, const PortSettings& other) {
  const auto told = [](const PortSettings& of) {
    const auto& core = of.protocol;
    return std::tie(of.name, core.evb, core.lldp.timers, core.lldp.admin_status,
                    core.lldp.max_neighbors, core.lldp_destination, core.ecp_destination,
                    core.retry, core.max_vsis, of.tlvs, of.managers, of.enforce,
                    of.bridge_assigns_vlan, of.default_manager, core.cdcp, core.cdcp_destination,
                    of.device_prefix, of.uplink, of.scid);
  };
  return told(one) == told(other);
}

tl::expected<Config, profiles::Problems> parse_config(std::string_view text,
                                                      const std::string& path) {
  profiles::Problems problems;
  Config config;
  if (const auto table = profiles::parse_toml(text, path, problems)) {
    TomlTable root(*table, "", path, problems);
    read_config(root, config);
  }
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return config;
}

tl::expected<Config, profiles::Problems> load_config(const std::string& path) {
  profiles::Problems problems;
  const auto text = profiles::read_file(path, problems);
  if (!text) return tl::unexpected(std::move(problems));
  return parse_config(*text, path);
}

}  // namespace agent
