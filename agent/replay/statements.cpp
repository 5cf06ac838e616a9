// SPDX-License-Identifier: Apache-2.0
#include "agent/statements/statements.hpp"

#include "agent/replay/session.hpp"

namespace agent::replay {

Exit list_statements(const Session& session) {
  const auto& arguments = session.arguments;
  const auto text = statements::print(arguments.operands, arguments.has("--json"));
  if (!text) return session.fail(Exit::kUsage, text.error());
  session.print(*text);
  return Exit::kOk;
}

}  // namespace agent::replay
