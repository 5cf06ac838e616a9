// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "agent/replay/dissection.hpp"
#include "agent/replay/frame_filter.hpp"
#include "agent/replay/frame_line.hpp"
#include "agent/replay/session.hpp"

namespace agent::replay {
namespace {

constexpr std::size_t kWriteFrom = std::size_t{1} << 16U;

using Append = void (*)(std::string& text, const DecodedFrame& frame, std::int64_t first);

Append form_of(const cli::Arguments& arguments) {
  if (arguments.has("--json")) return append_json;
  return arguments.has("--verbose") ? append_dissection : append_frame_line;
}

}  // namespace

Exit decode(const Session& session) {
  const auto filter = FrameFilter::from(session.arguments);
  if (!filter) return session.fail(Exit::kUsage, filter.error());
  const auto append = form_of(session.arguments);
  std::string text;
  std::optional<std::int64_t> first;
  const auto exit =
      read_capture(session, session.arguments.operands[0], [&](const DecodedFrame& frame) {
        if (!first) first = frame.captured.nanoseconds;
        if (!filter->shows(frame)) return true;
        append(text, frame, *first);
        if (text.size() < kWriteFrom) return true;
        session.print(text);
        text.clear();
        return std::ferror(session.out) == 0;
      });
  session.print(text);
  return exit;
}

}  // namespace agent::replay
