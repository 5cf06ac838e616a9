// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "agent/evbd/run.hpp"
#include "agent/version.hpp"

constexpr int kWrongCommandLine = 2;

int main(int argc, char** argv) {
  CLI::App app("evbd, the agent for IEEE 802.1Qbg edge virtual bridging", "evbd");
  agent::RunOptions options;
  std::string level;
  bool only_check = false;
  const std::map<std::string, agent::LogLevel> levels{{"error", agent::LogLevel::kError},
                                                      {"warning", agent::LogLevel::kWarning},
                                                      {"notice", agent::LogLevel::kNotice},
                                                      {"info", agent::LogLevel::kInfo},
                                                      {"debug", agent::LogLevel::kDebug}};
  std::vector<std::string> names;
  names.reserve(levels.size());
  for (const auto& [name, each] : levels) names.push_back(name);
  app.add_option("-c,--config", options.config_file, "the configuration file")
      ->capture_default_str();
  app.add_flag("--check", only_check, "check the configuration file, tell every problem, and end");
  app.add_option("--log-level", level, "log this and worse, whatever the file says")
      ->check(CLI::IsMember(names))
      ->option_text("error|warning|notice|info|debug");
  app.add_flag("--log-prefix", options.log_prefix,
               "begin log lines with <N>, as journald reads it");
  app.set_version_flag("--version", "evbd " + std::string(agent::kVersion));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kWrongCommandLine;
  }

  if (only_check) return agent::check(options.config_file);
  if (!level.empty()) options.log_level = levels.at(level);
  return agent::run(options);
}
