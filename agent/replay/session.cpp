// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/session.hpp"

#include <unistd.h>

#include <chrono>

namespace agent::replay {
namespace {

constexpr std::uint64_t kFramesBetweenLooks = 4096;

/// "43 %" on the terminal, once a second, from the first second on. Silent where frames are printed
/// to the terminal meanwhile.
class Progress {
 public:
  Progress(const Session& session, Printing printing)
      : err_(isatty(fileno(session.err)) != 0 &&
                     (printing == Printing::kAfter || isatty(fileno(session.out)) == 0)
                 ? session.err
                 : nullptr) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (shown_) fmt::print(err_, "\r\033[K");
  }

  void frame(const CaptureFile& file, std::uint64_t number) {
    if (err_ == nullptr || number % kFramesBetweenLooks != 0) return;
    const auto now = Clock::now();
    if (now - last_ < std::chrono::seconds(1)) return;
    last_ = now;
    shown_ = true;
    if (const auto part = file.progress()) {
      fmt::print(err_, "\r{:3.0f} %, frame {}\033[K", *part * 100, number);
    } else {
      fmt::print(err_, "\rframe {}\033[K", number);
    }
    std::fflush(err_);
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::FILE* err_;
  bool shown_ = false;
  Clock::time_point last_ = Clock::now();
};

}  // namespace

tl::expected<void, CaptureError> read_frames(const Session& session, CaptureFile& file,
                                             const std::function<bool(const DecodedFrame&)>& look,
                                             Printing printing) {
  Progress progress(session, printing);
  CapturedFrame captured;
  DecodedFrame frame;
  while (true) {
    const auto more = file.next(captured);
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
    decode_frame(file.link_type(), captured, frame);
    if (!look(frame)) return {};
    progress.frame(file, captured.number);
  }
}

Exit read_capture(const Session& session, const std::string& path,
                  const std::function<bool(const DecodedFrame&)>& look, Printing printing) {
  auto file = CaptureFile::open(path);
  if (!file) return session.fail(exit_of(file.error().trouble), file.error().sentence);
  const auto read = read_frames(session, *file, look, printing);
  if (read) return Exit::kOk;
  std::fflush(session.out);  // what was read comes before the sentence
  return session.fail(exit_of(read.error().trouble), read.error().sentence);
}

}  // namespace agent::replay
