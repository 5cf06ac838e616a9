// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "agent/capture/value_text.hpp"
#include "agent/replay/anonymizer.hpp"
#include "agent/replay/capture_writer.hpp"
#include "agent/replay/report/source.hpp"
#include "agent/replay/session.hpp"

namespace agent::replay {
namespace {

using report::Source;

constexpr std::size_t kShortestKey = 8;  // octets: fewer could be tried one by one
constexpr std::int64_t kNanosecondsPerMicrosecond = 1000;

tl::expected<Pseudonyms, std::string> pseudonyms_of(const cli::Arguments& arguments) {
  const auto path = arguments.value("--key");
  if (!path) return Pseudonyms::random();
  std::ifstream file(*path, std::ios::binary);
  const std::string key{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return tl::unexpected(fmt::format("{}: cannot be read: {}.", *path, std::strerror(errno)));
  }
  if (key.size() < kShortestKey) {
    return tl::unexpected(
        fmt::format("{}: a key has at least {} octets; head -c 32 /dev/urandom "
                    "makes a good one.",
                    *path, kShortestKey));
  }
  return Pseudonyms(base::Octets(key.begin(), key.end()));
}

/// Nanoseconds; the sentence says what is wrong.
tl::expected<std::int64_t, std::string> shift_of(const cli::Arguments& arguments) {
  const auto text = arguments.value("--shift");
  if (!text) return 0;
  const bool back = text->starts_with('-');
  const auto time = capture::parse_seconds(std::string_view(*text).substr(back ? 1 : 0));
  if (!time) {
    return tl::unexpected(
        fmt::format("--shift {}: not a number of seconds, such as -86400 or 0.5.", *text));
  }
  return time->count() * kNanosecondsPerMicrosecond * (back ? -1 : 1);
}

struct Told {
  std::uint64_t frames = 0;
  std::uint64_t comments = 0;
};

std::string summary(const Anonymizer& anonymizer, const Told& told, bool journal) {
  const auto replaced = anonymizer.replaced();
  const auto& zeroed = anonymizer.zeroed();
  auto text = fmt::format(
      "frames:    {}\n"
      "replaced:  {} MAC addresses, {} network addresses, {} ids, {} names\n"
      "zeroed:    payload of {} frames of other protocols, information of {} TLVs that are not "
      "known,\n           padding or what is too broken to read in {} frames\n"
      "left out:  comments of {} frames{}\n",
      told.frames, replaced.macs, replaced.addresses, replaced.ids, replaced.names, zeroed.foreign,
      zeroed.tlvs, zeroed.strays, told.comments, journal ? ", and the journal beside them" : "");
  text += "kept:      times and lengths, VIDs, GroupIDs, VSI types, manager numbers of one octet\n";
  return text;
}

Exit anonymize_into(const Session& session, const Source& source, CaptureFile& file,
                    Anonymizer& anonymizer, CaptureWriter& writer, std::int64_t shift, Told& told) {
  auto comments = source.comments();
  std::optional<std::string> trouble;
  const auto read = read_frames(
      session, file,
      [&](const DecodedFrame& frame) {
        CapturedFrame made = frame.captured;
        made.octets = anonymizer.frame(file.link_type(), frame);
        made.nanoseconds += shift;
        trouble = writer.write(made);
        told.frames = made.number;
        if (!comments.next().empty()) ++told.comments;
        return !trouble;
      },
      Printing::kAfter);
  if (!trouble) trouble = writer.finish();
  if (trouble) return session.fail(Exit::kFailed, *trouble);
  return read ? Exit::kOk : session.fail(exit_of(read.error().trouble), read.error().sentence);
}

}  // namespace

Exit anonymize(const Session& session) {
  const auto output = session.arguments.value("--output");
  if (!output) {
    return session.fail(Exit::kUsage,
                        "Say where the capture goes: -o FILE, or -o - for the standard output.");
  }
  const auto shift = shift_of(session.arguments);
  if (!shift) return session.fail(Exit::kUsage, shift.error());
  auto pseudonyms = pseudonyms_of(session.arguments);
  if (!pseudonyms) return session.fail(Exit::kUsage, pseudonyms.error());
  const auto source = Source::open(session.arguments.operands[0]);
  if (!source) return session.fail(exit_of(source.error().trouble), source.error().sentence);
  if (*output != "-" && source->is_at(*output)) {
    return session.fail(Exit::kUsage,
                        fmt::format("{}: is what is read; name another file.", *output));
  }
  auto file = source->read();
  if (!file) return session.fail(exit_of(file.error().trouble), file.error().sentence);
  auto writer = CaptureWriter::create(*output, file->link_type(), session.out);
  if (!writer) return session.fail(Exit::kFailed, writer.error());
  Anonymizer anonymizer(*std::move(pseudonyms));
  Told told;
  const auto exit = anonymize_into(session, *source, *file, anonymizer, *writer, *shift, told);
  if (exit != Exit::kOk && exit != Exit::kDamaged) return exit;
  fmt::print(*output == "-" ? session.err : session.out, "{}",
             summary(anonymizer, told, !source->journal().empty()));
  return exit;
}

}  // namespace agent::replay
