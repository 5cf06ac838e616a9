// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/shrink.hpp"

#include <deque>
#include <map>
#include <utility>

#include "agent/replay/capture_writer.hpp"
#include "agent/replay/report/source.hpp"

namespace agent::replay {
namespace {

using report::Source;

constexpr std::size_t kMostFrames = 1'000'000;  // that are held in memory

/// Numbers exchanges: a request, the same sent again, and the acknowledgements of its sequence
/// number by the other end. Every other frame stands for itself.
class ExchangeNumbers {
 public:
  std::size_t of(const DecodedFrame& frame) {
    const auto next = ++last_;
    if (frame.ecpdu) return of(frame, frame.ecpdu->operation, frame.ecpdu->sequence, next);
    if (frame.draft_ecpdu) {
      return of(frame, frame.draft_ecpdu->operation, frame.draft_ecpdu->sequence, next);
    }
    return next;
  }

 private:
  struct Request {
    lldp::MacAddress from;
    std::size_t exchange;
  };

  std::size_t of(const DecodedFrame& frame, lldp::EcpOperation operation, std::uint16_t sequence,
                 std::size_t next) {
    const bool ack = operation == lldp::EcpOperation::kAck;
    auto& requests = requests_[{frame.link.service_vid(), sequence}];
    for (const auto& request : requests) {
      if ((request.from == frame.link.source) != ack) return request.exchange;
    }
    if (!ack) requests.push_back({frame.link.source, next});
    return next;
  }

  std::map<std::pair<std::uint16_t, std::uint16_t>, std::vector<Request>> requests_;
  std::size_t last_ = 0;
};

/// The frames in memory, which `octets` holds.
Exit load(const Session& session, CaptureFile& file, Shrinkable& to,
          std::deque<base::Octets>& octets) {
  to.type = file.link_type();
  ExchangeNumbers numbers;
  const auto read = read_frames(
      session, file,
      [&](const DecodedFrame& frame) {
        if (to.frames.size() == kMostFrames) return false;
        octets.emplace_back(frame.captured.octets.begin(), frame.captured.octets.end());
        to.frames.push_back(frame.captured);
        to.frames.back().octets = octets.back();
        to.exchanges.push_back(numbers.of(frame));
        return true;
      },
      Printing::kAfter);
  if (!read) return session.fail(exit_of(read.error().trouble), read.error().sentence);
  if (to.frames.size() < kMostFrames) return Exit::kOk;
  return session.fail(Exit::kUnusable,
                      fmt::format("The capture has more than {} frames; cut it with editcap first.",
                                  kMostFrames - 1));
}

Exit write(const Session& session, const Shrunk& shrunk, LinkType type, const std::string& path) {
  auto writer = CaptureWriter::create(path, type, session.out);
  if (!writer) return session.fail(Exit::kFailed, writer.error());
  for (const auto* frame : shrunk.frames) {
    if (const auto trouble = writer->write(*frame)) return session.fail(Exit::kFailed, *trouble);
  }
  if (const auto trouble = writer->finish()) return session.fail(Exit::kFailed, *trouble);
  return Exit::kOk;
}

std::string summary(const Shrunk& shrunk, const Shrinkable& from) {
  auto text = fmt::format("{} of {} frames are left, after {} tries: ", shrunk.frames.size(),
                          from.frames.size(), shrunk.tries);
  text += shrunk.smallest ? "without any one of them it does not show.\n"
                          : "there may be fewer, but the work it may take is done.\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(shrunk.frames.size(), 20); ++i) {
    text +=
        fmt::format("{}{}", i == 0 ? "frames of the capture: " : ", ", shrunk.frames[i]->number);
  }
  return text + (shrunk.frames.size() > 20 ? ", ...\n" : "\n");
}

Exit shrink_to(const Session& session, const Source& source, const Predicate& until,
               const std::string& text, const std::string& output) {
  auto file = source.read();
  if (!file) return session.fail(exit_of(file.error().trouble), file.error().sentence);
  Shrinkable from;
  std::deque<base::Octets> octets;
  const auto loaded = load(session, *file, from, octets);
  if (loaded != Exit::kOk && loaded != Exit::kDamaged) return loaded;
  std::vector<const CapturedFrame*> all;
  for (const auto& frame : from.frames) all.push_back(&frame);
  if (!until.holds(from.type, all)) {
    return session.fail(
        Exit::kFailed,
        fmt::format("{}: '{}' is not so: there is nothing to shrink to.", source.name(), text));
  }
  const auto shrunk = shrink_frames(from, until);
  const auto written = write(session, shrunk, from.type, output);
  if (written != Exit::kOk) return written;
  fmt::print(output == "-" ? session.err : session.out, "{}", summary(shrunk, from));
  return loaded;
}

}  // namespace

Exit shrink(const Session& session) {
  const auto output = session.arguments.value("--output");
  const auto text = session.arguments.value("--until");
  if (!output || !text) {
    return session.fail(Exit::kUsage,
                        "Say what has to show, and where the capture goes: --until 'check fails "
                        "with RULE' -o FILE.");
  }
  const auto until = Predicate::parse(*text);
  if (!until) return session.fail(Exit::kUsage, "--until: " + until.error());
  const auto source = Source::open(session.arguments.operands[0]);
  if (!source) return session.fail(exit_of(source.error().trouble), source.error().sentence);
  if (*output != "-" && source->is_at(*output)) {
    return session.fail(Exit::kUsage,
                        fmt::format("{}: is what is read; name another file.", *output));
  }
  return shrink_to(session, *source, *until, *text, *output);
}

}  // namespace agent::replay
