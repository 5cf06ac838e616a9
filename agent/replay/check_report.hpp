// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/replay/verdict.hpp"

namespace agent::replay {

/// What `check` found in one capture.
struct Finding {
  std::string file;
  std::uint64_t frames = 0;
  const Conversation& conversation;
  const Verdict& verdict;
};

/// For people: ends, values in force, exchanges, VSIs, timers, deviations, verdict.
std::string finding_text(const Finding& finding);
/// One JSON object and "\n".
std::string finding_json(const Finding& finding);
/// A JUnit test suite: one test case for each rule that had something to judge. Broken musts are
/// failures; what else was broken is in the case's output.
std::string finding_junit(const Finding& finding);

/// All rules as a table for people, and for README and man page.
std::string rules_text();

}  // namespace agent::replay
