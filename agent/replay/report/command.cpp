// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "agent/replay/report/report.hpp"
#include "agent/replay/report/source.hpp"
#include "agent/replay/run.hpp"
#include "agent/replay/session.hpp"

namespace agent::replay {
namespace {

using report::Report;
using report::Source;

constexpr std::size_t kDrawn = 500;
constexpr std::size_t kMostDrawn = 100'000;

std::optional<std::size_t> frames_to_draw(const cli::Arguments& arguments) {
  const auto text = arguments.value("--frames");
  if (!text) return kDrawn;
  std::size_t count = 0;
  const auto* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, count);
  if (error != std::errc() || rest != end || count > kMostDrawn) return std::nullopt;
  return count;
}

/// Writes the page to `out`; what was read of the capture is read again.
Exit write_page(const Session& session, const Source& source, Report& made, std::size_t limit,
                std::FILE* out) {
  std::optional<CaptureError> trouble;
  made.write(out, limit, [&](const Report::Look& look) {
    auto file = source.read();
    if (!file) {
      trouble = file.error();
      return;
    }
    auto comments = source.comments();
    // The end is known: a capture may have grown, and its damage was told.
    static_cast<void>(read_frames(
        session, *file,
        [&](const DecodedFrame& frame) {
          look(frame, comments.next());
          return frame.captured.number < made.frames();
        },
        Printing::kAfter));
  });
  if (trouble) return session.fail(exit_of(trouble->trouble), trouble->sentence);
  return Exit::kOk;
}

/// A page that could not be written whole is not left there.
Exit write_file(const Session& session, const Source& source, Report& made, std::size_t limit,
                const std::string& path) {
  std::FILE* const out = std::fopen(path.c_str(), "wb");
  const auto exit = out == nullptr ? Exit::kFailed : write_page(session, source, made, limit, out);
  const bool broken = out == nullptr || std::ferror(out) != 0;
  const bool written = out != nullptr && std::fclose(out) == 0 && !broken;
  if (written && exit == Exit::kOk) return exit;
  const auto reason = std::string(std::strerror(errno));
  std::error_code ignored;
  if (out != nullptr && std::filesystem::is_regular_file(path, ignored)) {
    std::filesystem::remove(path, ignored);
  }
  if (written) return exit;
  return session.fail(Exit::kFailed, fmt::format("{}: cannot be written: {}.", path, reason));
}

/// Reads the capture, and says why not to its end where that is so.
Exit read_source(const Session& session, const Source& source, Report& made) {
  auto file = source.read();
  if (!file) return session.fail(exit_of(file.error().trouble), file.error().sentence);
  if (!source.journal().empty()) {
    const auto journal = read_journal(source.journal());
    if (!journal) return session.fail(journal.error().exit, journal.error().sentence);
    made.take_journal(*journal);
  }
  auto comments = source.comments();
  const auto read = read_frames(
      session, *file,
      [&](const DecodedFrame& frame) {
        made.take(frame, comments.next());
        return true;
      },
      Printing::kAfter);
  made.finish(read ? "" : read.error().sentence);
  return read ? Exit::kOk : session.fail(exit_of(read.error().trouble), read.error().sentence);
}

Exit make_page(const Session& session, const Source& source, const std::string& output,
               std::size_t limit) {
  Report made(source.name());
  const auto read = read_source(session, source, made);
  if (read != Exit::kOk && read != Exit::kDamaged) return read;
  const auto written = output == "-" ? write_page(session, source, made, limit, session.out)
                                     : write_file(session, source, made, limit, output);
  if (written != Exit::kOk) return written;
  return made.verdict().broken(Severity::kMust) > 0 ? Exit::kBroken : read;
}

}  // namespace

Exit make_report(const Session& session) {
  const auto output = session.arguments.value("--output");
  const auto limit = frames_to_draw(session.arguments);
  if (!output) {
    return session.fail(Exit::kUsage,
                        "Say where the page goes: -o FILE, or -o - for the standard output.");
  }
  if (!limit) {
    return session.fail(Exit::kUsage, fmt::format("--frames takes a number up to {}.", kMostDrawn));
  }
  const auto source = Source::open(session.arguments.operands[0]);
  if (!source) return session.fail(exit_of(source.error().trouble), source.error().sentence);
  if (*output != "-" && source->is_at(*output)) {
    return session.fail(
        Exit::kUsage,
        fmt::format("{}: is what the report is made from; name another file.", *output));
  }
  return make_page(session, *source, *output, *limit);
}

}  // namespace agent::replay
