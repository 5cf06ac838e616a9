// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/check_report.hpp"
#include "agent/replay/session.hpp"

namespace agent::replay {

Exit check(const Session& session) {
  const auto& path = session.arguments.operands[0];
  if (session.arguments.has("--json") && session.arguments.has("--junit")) {
    return session.fail(Exit::kUsage, "--json and --junit do not go together.");
  }
  Verdict verdict;
  const bool json = session.arguments.has("--json");  // the only form with single exchanges
  Conversation conversation(verdict, json ? Details::kEach : Details::kNone);
  std::uint64_t frames = 0;
  const auto exit = read_capture(
      session, path,
      [&](const DecodedFrame& frame) {
        conversation.take(frame);
        frames = frame.captured.number;
        return true;
      },
      Printing::kAfter);
  if (exit != Exit::kOk && exit != Exit::kDamaged) return exit;
  conversation.finish();
  const Finding finding{path, frames, conversation, verdict};
  const auto form = json                               ? finding_json
                    : session.arguments.has("--junit") ? finding_junit
                                                       : finding_text;
  session.print(form(finding));
  return verdict.broken(Severity::kMust) > 0 ? Exit::kBroken : exit;
}

Exit list_rules(const Session& session) {
  session.print(rules_text());
  return Exit::kOk;
}

}  // namespace agent::replay
