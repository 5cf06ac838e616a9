// SPDX-License-Identifier: Apache-2.0
#include "agent/profile_sync/settings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "profiles/store.hpp"

namespace agent::profile_sync {
namespace {

using profiles::TomlTable;

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

void file_name(TomlTable& table, std::string_view key, std::string& to) {
  table.text(key, to, 0, 255);
  if (to.empty() || to.starts_with('/')) return;
  table.problem(*table.take(key), fmt::format("{} is not an absolute path", key),
                "begin it with /");
}

/// "https://host:port" into "host:port".
void endpoint(TomlTable& table, const toml::node& node, EtcdSettings& to) {
  const auto text = node.value_exact<std::string>().value_or("");
  const bool tls = text.starts_with(kHttps);
  const auto scheme = tls ? kHttps : kHttp;
  const auto rest = text.starts_with(scheme) ? text.substr(scheme.size()) : std::string();
  const auto colon = rest.rfind(':');
  const bool has_port = colon != std::string::npos && colon > 0 && colon + 1 < rest.size() &&
                        rest.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  if (!has_port || rest.find_first_of("/, \t") != std::string::npos || rest.size() > 255) {
    return table.problem(node, "an endpoint is not http(s)://HOST:PORT",
                         "write one as in \"https://etcd1.example.net:2379\"");
  }
  if (!to.endpoints.empty() && tls != to.tls) {
    return table.problem(node, "endpoints have http:// and https:// mixed",
                         "write the same for all: what one member hears in the clear is public");
  }
  to.tls = tls;
  to.endpoints.push_back(rest);
}

void read_etcd(TomlTable& root, Settings& to) {
  const auto* const table = root.subtable("etcd");
  if (table == nullptr) {
    return root.problem("there is no [etcd]", "write its endpoints: see profile-sync.toml");
  }
  TomlTable etcd(*table, "[etcd]", root.file(), root.problems());
  const auto problems = root.problems().size();
  etcd.array("endpoints", [&](const toml::node& node) { endpoint(etcd, node, to.etcd); });
  if (to.etcd.endpoints.empty() && root.problems().size() == problems) {
    etcd.problem("etcd has no endpoints", "write endpoints = [\"https://HOST:2379\", ...]");
  }
  etcd.text("prefix", to.prefix, 1, 200);
  if (!to.prefix.ends_with('/')) {
    etcd.problem(*etcd.take("prefix"), "prefix does not end in /", "end it with /");
  }
  file_name(etcd, "ca", to.etcd.ca);
  file_name(etcd, "certificate", to.etcd.certificate);
  file_name(etcd, "key", to.etcd.key);
  etcd.text("server_name", to.etcd.server_name, 0, 253);
  etcd.text("user", to.etcd.user, 0, 255);
  file_name(etcd, "password_file", to.etcd.password_file);
  if (to.etcd.certificate.empty() != to.etcd.key.empty()) {
    etcd.problem("certificate and key do not stand together", "write both or neither");
  }
  if (to.etcd.user.empty() != to.etcd.password_file.empty()) {
    etcd.problem("user and password_file do not stand together", "write both or neither");
  }
  const bool secure = !to.etcd.ca.empty() || !to.etcd.certificate.empty();
  if (secure && !to.etcd.tls && !to.etcd.endpoints.empty()) {
    etcd.problem("certificates are named, but the endpoints are http://", "write https://");
  }
  etcd.finish();
}

void read_host(TomlTable& root, Settings& to) {
  const auto* const table = root.subtable("host");
  if (table == nullptr) return;
  TomlTable host(*table, "[host]", root.file(), root.problems());
  host.boolean("report", to.report_host);
  host.text("name", to.host, 1, 64);
  if (to.host.find('/') != std::string::npos) {
    host.problem(*host.take("name"), "a host's name holds a /", "take it out");
  }
  file_name(host, "socket", to.evbd_socket);
  int lease = static_cast<int>(to.lease.count());
  host.integer("lease", lease, 3, 3600);
  to.lease = std::chrono::seconds(lease);
  host.finish();
}

std::string system_name() {
  std::string name(65, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.substr(0, name.find('\0'));
}

}  // namespace

std::optional<Settings> read_settings(std::string_view text, const std::string& file,
                                      profiles::Problems& problems) {
  const auto before = problems.size();
  const auto parsed = profiles::parse_toml(text, file, problems);
  if (!parsed) return std::nullopt;
  Settings settings;
  settings.database = std::string(profiles::kDefaultDatabase);
  TomlTable root(*parsed, "the file", file, problems);
  root.choice<LogLevel>("log_level", settings.log_level,
                        {{"error", LogLevel::kError},
                         {"warning", LogLevel::kWarning},
                         {"notice", LogLevel::kNotice},
                         {"info", LogLevel::kInfo},
                         {"debug", LogLevel::kDebug}});
  file_name(root, "database", settings.database);
  settings.host = system_name();
  read_etcd(root, settings);
  read_host(root, settings);
  root.finish();
  if (problems.size() != before) return std::nullopt;
  return settings;
}

}  // namespace agent::profile_sync
