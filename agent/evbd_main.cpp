// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <map>

#include "agent/evbd/run.hpp"
#include "agent/version.hpp"

int main(int argc, char** argv) {
  CLI::App app("evbd, the agent for IEEE 802.1Qbg edge virtual bridging", "evbd");
  agent::RunOptions options;
  agent::LogLevel level{};
  bool only_check = false;
  const std::map<std::string, agent::LogLevel> levels{{"error", agent::LogLevel::kError},
                                                      {"warning", agent::LogLevel::kWarning},
                                                      {"notice", agent::LogLevel::kNotice},
                                                      {"info", agent::LogLevel::kInfo},
                                                      {"debug", agent::LogLevel::kDebug}};
  app.add_option("-c,--config", options.config_file, "the configuration file")
      ->capture_default_str();
  app.add_flag("--check", only_check, "check the configuration file, tell every problem, and end");
  auto* const level_option =
      app.add_option("--log-level", level, "log this and worse, whatever the file says")
          ->transform(CLI::CheckedTransformer(levels));
  app.add_flag("--log-prefix", options.log_prefix,
               "begin log lines with <N>, as journald reads it");
  app.set_version_flag("--version", "evbd " + std::string(agent::kVersion));
  CLI11_PARSE(app, argc, argv);

  if (only_check) return agent::check(options.config_file);
  if (level_option->count() > 0) options.log_level = level;
  return agent::run(options);
}
