// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/session.hpp"

#include <unistd.h>

#include <chrono>

namespace agent::replay {
namespace {

constexpr std::uint64_t kFramesBetweenLooks = 4096;

/// "43 %" on the terminal, once a second, from the first second on. Silent where the frames
/// themselves are printed to the terminal.
class Progress {
 public:
  Progress(std::FILE* out, std::FILE* err)
      : err_(isatty(fileno(err)) != 0 && isatty(fileno(out)) == 0 ? err : nullptr) {}
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

Exit read_capture(const Session& session, const std::string& path,
                  const std::function<bool(const DecodedFrame&)>& look) {
  auto file = CaptureFile::open(path);
  if (!file) return session.fail(exit_of(file.error().trouble), file.error().sentence);
  Progress progress(session.out, session.err);
  CapturedFrame captured;
  DecodedFrame frame;
  while (true) {
    const auto more = file->next(captured);
    if (!more) {
      std::fflush(session.out);  // what was read comes before the sentence
      return session.fail(exit_of(more.error().trouble), more.error().sentence);
    }
    if (!*more) return Exit::kOk;
    decode_frame(file->link_type(), captured, frame);
    if (!look(frame)) return Exit::kOk;
    progress.frame(*file, captured.number);
  }
}

}  // namespace agent::replay
