// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "profiles/managers.hpp"
#include "profiles/toml_table.hpp"
#include "profiles/vsi_types.hpp"
#include "vdp/port_events.hpp"

namespace agent {

/// Numbers as syslog and systemd use them.
enum class LogLevel : std::uint8_t { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6, kDebug = 7 };

/// [api]: the unix socket that evbctl talks to.
struct ApiConfig {
  std::string socket = "/run/evbd/evbd.sock";
  unsigned mode = 0660;
  std::string group;        ///< owns the socket: may read; empty: the daemon's own group
  std::string admin_group;  ///< its members may change things, as root may; empty: nobody
  std::size_t max_message = 1U << 20;  ///< octets of one request
  std::size_t max_connections = 64;
  std::size_t max_pending_output = 4U << 20;  ///< octets queued for a slow reader before it is cut
  friend bool operator==(const ApiConfig&, const ApiConfig&) = default;
};

/// [libvirt]: whether evbd is the 802.1Qbg agent of this host's libvirt.
struct LibvirtConfig {
  bool enable = false;
  std::string pid_file = "/run/lldpad.pid";  ///< where libvirt looks for its agent
  std::chrono::milliseconds hold{100};       ///< how long a poll waits for the bridge's answer
  std::chrono::seconds notify_after{60};  ///< the bridge's retry comes first, then libvirt is told
  std::string vm_dir = "/run/libvirt/qemu";  ///< libvirt's run-time XML; empty: VMs have no names
  friend bool operator==(const LibvirtConfig&, const LibvirtConfig&) = default;
};

/// [capture]: what is recorded without being asked for.
struct CaptureConfig {
  bool at_start = false;  ///< from the first moment of every port
  std::size_t max_octets = std::size_t{16} << 20U;
  friend bool operator==(const CaptureConfig&, const CaptureConfig&) = default;
};

/// [agent].
struct AgentConfig {
  LogLevel log_level = LogLevel::kInfo;
  std::string system_name;         ///< LLDP system name; empty: the host's name
  std::string system_description;  ///< LLDP system description; empty: the agent's and the kernel's
  std::string run_dir = "/run/evbd";  ///< what must outlive a crash of the agent
  friend bool operator==(const AgentConfig&, const AgentConfig&) = default;
};

/// [profiles]: port profiles and VSI types.
struct ProfilesConfig {
  std::string database = "/var/lib/evbd/profiles.db";
  friend bool operator==(const ProfilesConfig&, const ProfilesConfig&) = default;
};

/// The optional TLVs of a port's LLDPDUs.
struct LldpTlvChoice {
  bool port_description = true;
  bool system_name = true;
  bool system_description = true;
  bool capabilities = true;
  bool management_address = true;
  friend bool operator==(const LldpTlvChoice&, const LldpTlvChoice&) = default;
};

/// One [[port]].
struct PortSettings {
  std::string name;          ///< of the network interface
  vdp::PortConfig protocol;  ///< address, MTU and LLDP's local system are the daemon's to fill in
  LldpTlvChoice tlvs;
  profiles::ManagerTable managers{};  ///< [managers], overridden by [port.managers]
  /// Bridge: the Linux bridge port is taken over and admits nobody but associated VSIs. Without it
  /// reflective relay is not offered, as nobody would turn it on.
  bool enforce = true;
  bool bridge_assigns_vlan = true;  ///< station: libvirt's requests without a VLAN may be sent
  vdp::ManagerId default_manager;   ///< bridge: stands for a station's all-zero manager ID
  std::string device_prefix;        ///< of S-channels' devices; empty: the port's name
  std::string uplink;      ///< of an S-channel's own port: the port that it is a channel of
  std::uint16_t scid = 0;  ///< of an S-channel's own port
  unsigned line = 0;       ///< where it stands in the file

  bool is_bridge() const { return protocol.evb.role == lldp::EvbRole::kBridge; }
};

/// The longest name that an interface can have (IFNAMSIZ less the final zero).
inline constexpr std::size_t kMaxInterfaceName = 15;

/// The name of an S-channel's device, and so of its port: "eth0.s2".
std::string s_channel_device(const PortSettings& uplink, std::uint16_t scid);
/// The port of an S-channel: set up as its uplink is, without CDCP.
PortSettings s_channel_port(const PortSettings& uplink, std::uint16_t scid);

/// Whether a port that runs with one has nothing to change for the other.
bool same_settings(const PortSettings& one, const PortSettings& other);

/// Everything that evbd is told by its file.
struct Config {
  AgentConfig agent;
  ApiConfig api;
  LibvirtConfig libvirt;
  CaptureConfig capture;
  ProfilesConfig profiles;
  std::vector<PortSettings> ports;
  profiles::VsiTypes types;
};

inline constexpr std::string_view kDefaultConfigFile = "/etc/evbd/evbd.toml";

/// Reads and checks the whole file, and the type file that it names. The error holds every problem
/// found, in the order of the files.
tl::expected<Config, profiles::Problems> load_config(const std::string& path);
/// The same for text at hand; `path` is the name used in problems and the base of relative paths.
tl::expected<Config, profiles::Problems> parse_config(std::string_view text,
                                                      const std::string& path);

}  // namespace agent
