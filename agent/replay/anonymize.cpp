// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <variant>

#include "agent/capture/pcapng_writer.hpp"
#include "agent/capture/value_text.hpp"
#include "agent/replay/anonymizer.hpp"
#include "agent/replay/anonymous_journal.hpp"
#include "agent/replay/anonymous_text.hpp"
#include "agent/replay/capture_writer.hpp"
#include "agent/replay/pcapng_file.hpp"
#include "agent/replay/report/source.hpp"
#include "agent/replay/run.hpp"
#include "agent/replay/session.hpp"

namespace agent::replay {
namespace {

namespace fs = std::filesystem;
using report::FrameComments;
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
  bool journal = false;
};

std::string summary(const Anonymizer& anonymizer, const Told& told) {
  const auto replaced = anonymizer.replaced();
  const auto& zeroed = anonymizer.zeroed();
  auto text = fmt::format(
      "frames:    {}\n"
      "replaced:  {} MAC addresses, {} network addresses, {} ids, {} names\n"
      "zeroed:    payload of {} frames of other protocols, information of {} TLVs that are not "
      "known,\n           padding or what is too broken to read in {} frames\n",
      told.frames, replaced.macs, replaced.addresses, replaced.ids, replaced.names, zeroed.foreign,
      zeroed.tlvs, zeroed.strays);
  if (told.comments > 0) {
    text +=
        fmt::format("comments:  of {} frames, with every word replaced that is not evbd's own\n",
                    told.comments);
  }
  text += "kept:      times and lengths, VIDs, GroupIDs, VSI types, manager numbers of one octet\n";
  return text;
}

/// Where the frames go: pcap, or pcapng when that is what they came from, since pcap has no room
/// for comments, directions and interfaces.
class Output {
 public:
  static tl::expected<Output, std::string> create(const std::string& path, LinkType type,
                                                  bool pcapng, std::FILE* standard_output) {
    if (!pcapng) {
      auto writer = CaptureWriter::create(path, type, standard_output);
      if (!writer) return tl::unexpected(writer.error());
      return Output(*std::move(writer));
    }
    auto made = PcapngFile::create(path, type, standard_output);
    if (!made) return tl::unexpected(made.error());
    return Output(*std::move(made));
  }

  std::optional<std::string> write(const CapturedFrame& frame, const FrameComments& notes,
                                   std::string_view comment, Pseudonyms& pseudonyms) {
    if (auto* const pcap = std::get_if<CaptureWriter>(&writer_)) return pcap->write(frame);
    return std::get<PcapngFile>(writer_).write(frame, notes, comment, pseudonyms);
  }
  std::optional<std::string> finish() {
    return std::visit([](auto& writer) { return writer.finish(); }, writer_);
  }

 private:
  template <class Writer>
  explicit Output(Writer writer) : writer_(std::move(writer)) {}
  std::variant<CaptureWriter, PcapngFile> writer_;
};

Exit anonymize_into(const Session& session, const Source& source, CaptureFile& file,
                    Anonymizer& anonymizer, Output& output, std::int64_t shift, Told& told) {
  auto notes = source.comments();
  std::optional<std::string> trouble;
  const auto read = read_frames(
      session, file,
      [&](const DecodedFrame& frame) {
        CapturedFrame made = frame.captured;
        made.octets = anonymizer.frame(file.link_type(), frame);
        made.nanoseconds += shift;
        const auto comment = anonymous_text(notes.next(), anonymizer.pseudonyms());
        trouble = output.write(made, notes, comment, anonymizer.pseudonyms());
        told.frames = made.number;
        told.comments += comment.empty() ? 0 : 1;
        return !trouble;
      },
      Printing::kAfter);
  if (!trouble) trouble = output.finish();
  if (trouble) return session.fail(Exit::kFailed, *trouble);
  return read ? Exit::kOk : session.fail(exit_of(read.error().trouble), read.error().sentence);
}

/// A folder with a journal becomes a folder with one.
Exit make_folder(const Session& session, const fs::path& folder) {
  std::error_code error;
  if (!fs::create_directories(folder, error) && !error && !fs::is_empty(folder, error)) {
    return session.fail(Exit::kUsage, fmt::format("{}: is not empty; a recording becomes a folder "
                                                  "of its own.",
                                                  folder.string()));
  }
  if (!error) return Exit::kOk;
  return session.fail(Exit::kFailed,
                      fmt::format("{}: cannot be made: {}.", folder.string(), error.message()));
}

Exit anonymize_journal(const Session& session, const std::string& from, const fs::path& to,
                       std::int64_t shift, Anonymizer& anonymizer) {
  auto journal = read_journal(from);
  if (!journal) return session.fail(journal.error().exit, journal.error().sentence);
  std::ofstream file(to, std::ios::binary);
  file << capture::print(
      anonymous_journal(*std::move(journal), shift / kNanosecondsPerMicrosecond, anonymizer));
  if (file.flush()) return Exit::kOk;
  return session.fail(Exit::kFailed,
                      fmt::format("{}: cannot be written: {}.", to.string(), std::strerror(errno)));
}

/// What the command works on, all of it in order.
struct Work {
  Source source;
  std::string output;  ///< "-", a file, or a folder
  std::int64_t shift = 0;
  bool folder() const { return !source.journal().empty() && output != "-"; }
};

Exit anonymize(const Session& session, const Work& work, Pseudonyms pseudonyms) {
  auto file = work.source.read();
  if (!file) return session.fail(exit_of(file.error().trouble), file.error().sentence);
  auto path = work.output;
  if (work.folder()) {
    if (const auto made = make_folder(session, path); made != Exit::kOk) return made;
    path = (fs::path(path) / "frames.pcapng").string();
  }
  auto output = Output::create(path, file->link_type(), work.source.is_pcapng(), session.out);
  if (!output) return session.fail(Exit::kFailed, output.error());
  Anonymizer anonymizer(std::move(pseudonyms));
  Told told;
  auto exit = anonymize_into(session, work.source, *file, anonymizer, *output, work.shift, told);
  if (exit != Exit::kOk && exit != Exit::kDamaged) return exit;
  if (work.folder()) {
    const auto journal =
        anonymize_journal(session, work.source.journal(), fs::path(work.output) / "stimuli.txt",
                          work.shift, anonymizer);
    if (journal != Exit::kOk) return journal;
  }
  auto* const to = work.output == "-" ? session.err : session.out;
  fmt::print(to, "{}", summary(anonymizer, told));
  if (work.folder()) {
    fmt::print(to,
               "journal:   replays as before; 'evbreplay run --rewrite {}' writes what is "
               "expected\n",
               work.output);
  } else if (!work.source.journal().empty()) {
    fmt::print(to, "left out:  the journal beside the capture, which needs a folder: -o FOLDER\n");
  }
  return exit;
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
  auto source = Source::open(session.arguments.operands[0]);
  if (!source) return session.fail(exit_of(source.error().trouble), source.error().sentence);
  if (*output != "-" && source->is_at(*output)) {
    return session.fail(Exit::kUsage,
                        fmt::format("{}: is what is read; name another file.", *output));
  }
  return anonymize(session, {*std::move(source), *output, *shift}, *std::move(pseudonyms));
}

}  // namespace agent::replay
