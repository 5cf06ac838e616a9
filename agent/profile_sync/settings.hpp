// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.hpp"
#include "profiles/toml_table.hpp"

namespace agent::profile_sync {

struct EtcdSettings {
  std::vector<std::string> endpoints;  ///< "host:port", without the scheme
  bool tls = false;                    ///< all endpoints are https://
  std::string ca;                      ///< file; empty: the system's authorities
  std::string certificate;             ///< file; empty: none is shown to etcd
  std::string key;                     ///< file of the certificate's key
  std::string server_name;             ///< what etcd's certificate must name; empty: the endpoint
  std::string user;                    ///< empty: no authentication by password
  std::string password_file;           ///< its first line is the password
  friend bool operator==(const EtcdSettings&, const EtcdSettings&) = default;
};

/// The configuration file of evb-profile-sync.
struct Settings {
  LogLevel log_level = LogLevel::kInfo;
  std::string prefix = "/evbd/";
  std::string database;  ///< by default the one that evbd reads
  bool report_host = true;
  std::string host;  ///< as which this host's VSIs are reported; by default the system's name
  std::chrono::seconds lease{30};  ///< what the host reports goes this long after its last sign
  std::string evbd_socket = "/run/evbd/evbd.sock";
  EtcdSettings etcd;
};

/// Checks the file as a whole; nullopt when there are problems.
std::optional<Settings> read_settings(std::string_view text, const std::string& file,
                                      profiles::Problems& problems);

}  // namespace agent::profile_sync
