// SPDX-License-Identifier: Apache-2.0
// evbreplay run: a journal into our own core, in virtual time; captures are run_capture.cpp's.
#include "agent/replay/run.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/capture/journal.hpp"
#include "agent/replay/difference.hpp"
#include "agent/replay/offline.hpp"
#include "agent/replay/session.hpp"

namespace agent::replay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStimuli = "stimuli.txt";
constexpr std::string_view kExpected = "expected.txt";

template <class T>
using Tried = tl::expected<T, Trouble>;

Tried<std::string> read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const bool forbidden = errno == EACCES || errno == EPERM;
    return tl::unexpected(Trouble{forbidden ? Exit::kForbidden : Exit::kMissing,
                                  fmt::format("{}: {}; name a journal, or a folder with a {}.",
                                              path.string(), std::strerror(errno), kStimuli)});
  }
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

/// A journal itself, or the one in a scenario's folder.
fs::path journal_path(const fs::path& named) {
  return fs::is_directory(named) ? named / kStimuli : named;
}

/// --expect: what differs from the scenario's expected.txt is told.
Exit compare(const Session& session, const fs::path& folder, const std::string& got) {
  const auto expected = read_text(folder / kExpected);
  if (!expected) return session.fail(expected.error().exit, expected.error().sentence);
  const auto differs = difference(plain_lines(*expected), plain_lines(got));
  if (differs.empty()) {
    session.print(fmt::format("{}: as expected\n", folder.string()));
    return Exit::kOk;
  }
  session.print(
      fmt::format("{}: not as expected (- expected, + now)\n{}", folder.string(), differs));
  return Exit::kBroken;
}

Exit rewrite(const Session& session, const fs::path& folder, const std::string& text) {
  std::ofstream file(folder / kExpected, std::ios::binary);
  file << text;
  file.close();
  if (file) return Exit::kOk;
  return session.fail(Exit::kFailed,
                      fmt::format("{} cannot be written: {}.", (folder / kExpected).string(),
                                  std::strerror(errno)));
}

bool is_journal(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string beginning(capture::kJournalHeading.size(), '\0');
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  return file.good() && beginning == capture::kJournalHeading;
}

Exit run_one(const Session& session, const fs::path& named) {
  if (session.arguments.has("--interface")) return run_live(session, named);
  if (!fs::is_directory(named) && session.arguments.has("--as") && !is_journal(named)) {
    return run_capture(session, named);
  }
  auto journal = read_journal(journal_path(named));
  if (!journal) return session.fail(journal.error().exit, journal.error().sentence);
  if (session.arguments.has("--deadlines")) keep_deadlines(*journal);
  const auto text = replay(*journal);
  const bool expect = session.arguments.has("--expect");
  if (!expect && !session.arguments.has("--rewrite")) {
    session.print(text);
    return Exit::kOk;
  }
  if (!fs::is_directory(named)) {
    return session.fail(Exit::kUsage, fmt::format("{} is no folder, and an {} stands in one.",
                                                  named.string(), kExpected));
  }
  return expect ? compare(session, named, text) : rewrite(session, named, text);
}

}  // namespace

tl::expected<capture::Journal, Trouble> read_journal(const fs::path& path) {
  const auto text = read_text(path);
  if (!text) return tl::unexpected(text.error());
  auto journal = capture::parse_journal(*text);
  if (!journal) {
    return tl::unexpected(
        Trouble{Exit::kUnusable, fmt::format("{}, line {}: {}.", path.string(),
                                             journal.error().line, journal.error().reason)});
  }
  return *std::move(journal);
}

Exit run(const Session& session) {
  if (session.arguments.has("--expect") && session.arguments.has("--rewrite")) {
    return session.fail(Exit::kUsage, "--expect and --rewrite exclude each other.");
  }
  if (session.arguments.has("--interface") && session.arguments.operands.size() > 1) {
    return session.fail(Exit::kUsage, "One capture at a time is played to a live peer.");
  }
  Exit gravest = Exit::kOk;
  for (const auto& named : session.arguments.operands) {
    const auto exit = run_one(session, named);
    if (gravest == Exit::kOk || (gravest == Exit::kBroken && exit != Exit::kOk)) gravest = exit;
  }
  return gravest;
}

}  // namespace agent::replay
