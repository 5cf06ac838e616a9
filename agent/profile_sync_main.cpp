// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "agent/profile_sync/run.hpp"
#include "agent/version.hpp"

int main(int argc, char** argv) {
  namespace sync = agent::profile_sync;
  CLI::App app("evb-profile-sync, mirrors the database of port profiles and VSI types from etcd",
               "evb-profile-sync");
  sync::RunOptions options;
  sync::PublishOptions publish;
  std::string file;
  bool force = false;
  bool json = false;
  bool only_check = false;
  app.add_option("-c,--config", options.config_file, "the configuration file")
      ->capture_default_str();
  app.add_flag("--check", only_check, "check the configuration file, tell every problem, and end");
  app.add_flag("--log-prefix", options.log_prefix,
               "begin log lines with <N>, as journald reads it");
  app.add_flag("--json", json, "print what was done as JSON");
  app.set_version_flag("--version", "evb-profile-sync " + std::string(agent::kVersion));
  auto* const publishing =
      app.add_subcommand("publish", "write a file of profiles and types into etcd, and end");
  publishing
      ->add_option("FILE", file,
                   "TOML, as `evbctl profile export` writes it; - is the standard input")
      ->required();
  publishing->add_flag("--replace", publish.replace, "remove what is not in the file");
  publishing->add_flag("--force", force, "also another body for a type under its old version");
  publishing->fallthrough();
  auto* const hosts = app.add_subcommand("hosts", "print the VSIs that all hosts report, and end");
  hosts->fallthrough();
  CLI11_PARSE(app, argc, argv);

  if (force) publish.force = profiles::Force::kYes;
  if (only_check) return sync::check(options.config_file);
  if (publishing->parsed()) return sync::publish_file(options.config_file, file, publish, json);
  if (hosts->parsed()) return sync::show_hosts(options.config_file, json);
  return sync::run(options);
}
