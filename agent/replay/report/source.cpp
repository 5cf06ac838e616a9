// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/report/source.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace agent::replay::report {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kCopied = std::size_t{1} << 16U;

tl::unexpected<CaptureError> unusable(const std::string& name, std::string_view why) {
  return tl::unexpected(CaptureError{CaptureTrouble::kUnusable,
                                     fmt::format("{}: {}: {}.", name, why, std::strerror(errno))});
}

/// All of `from` in a file that goes when it is closed.
tl::expected<std::shared_ptr<std::FILE>, CaptureError> spool(std::FILE* from,
                                                             const std::string& name) {
  const std::shared_ptr<std::FILE> to(std::tmpfile(), [](std::FILE* file) {
    if (file != nullptr) std::fclose(file);
  });
  if (!to) return unusable(name, "there is no room for a copy of it in the temporary folder");
  std::array<char, kCopied> buffer;
  while (const auto read = std::fread(buffer.data(), 1, buffer.size(), from)) {
    if (std::fwrite(buffer.data(), 1, read, to.get()) != read) break;
  }
  if (std::ferror(from) != 0) return unusable(name, "cannot be read");
  if (std::fflush(to.get()) != 0 || std::ferror(to.get()) != 0) {
    return unusable(name, "there is no room for a copy of it in the temporary folder");
  }
  return to;
}

}  // namespace

tl::expected<Source, CaptureError> Source::open(const std::string& path) {
  Source source;
  source.path_ = path;
  source.origin_ = path == "-" ? "/proc/self/fd/0" : path;
  source.name_ = path == "-" ? "standard input" : path;
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  if (fs::is_directory(status)) {
    source.path_ = (fs::path(path) / "frames.pcapng").string();
    source.name_ = source.path_;
    const auto journal = fs::path(path) / "stimuli.txt";
    if (fs::exists(journal, ignored)) source.journal_ = journal.string();
    return source;
  }
  const bool once = path == "-" || (fs::exists(status) && !fs::is_regular_file(status));
  if (!once) return source;
  std::FILE* const from = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (from == nullptr) return source;  // reading it says why
  auto copy = spool(from, source.name_);
  if (from != stdin) std::fclose(from);
  if (!copy) return tl::unexpected(copy.error());
  source.spool_ = *copy;
  source.path_ = fmt::format("/proc/self/fd/{}", fileno(source.spool_.get()));
  return source;
}

bool Source::is_pcapng() const {
  static constexpr std::string_view kSectionHeader = "\x0A\x0D\x0D\x0A";
  std::ifstream file(path_, std::ios::binary);
  std::array<char, kSectionHeader.size()> begin{};
  return file.read(begin.data(), begin.size()) &&
         std::string_view(begin.data(), begin.size()) == kSectionHeader;
}

bool Source::is_at(const std::string& path) const {
  std::error_code ignored;
  return fs::equivalent(path, path_, ignored) || fs::equivalent(path, origin_, ignored) ||
         (!journal_.empty() && fs::equivalent(path, journal_, ignored));
}

}  // namespace agent::replay::report
