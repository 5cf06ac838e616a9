// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/capture_file.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>
#include <stdio_ext.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace agent::replay {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// Seconds from 1970, so that the difference of any two stamps fits 64 bits of nanoseconds: a
/// broken pcapng may hold any time.
constexpr std::int64_t kFarthest = 4'000'000'000;
constexpr std::size_t kReadAhead = std::size_t{1} << 18U;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

int leave_open(std::FILE* /*file*/) { return 0; }

tl::unexpected<CaptureError> trouble(CaptureTrouble what, std::string sentence) {
  return tl::unexpected(CaptureError{what, std::move(sentence)});
}

tl::unexpected<CaptureError> system_trouble(const std::string& name, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return trouble(CaptureTrouble::kMissing, fmt::format("{}: there is no such file.", name));
    case EACCES:
    case EPERM:
      return trouble(CaptureTrouble::kForbidden,
                     fmt::format("{}: no right to read it; ask its owner, or use sudo.", name));
    case EISDIR:
      return trouble(CaptureTrouble::kUnusable,
                     fmt::format("{}: is a folder; name a capture file.", name));
    default:
      return trouble(CaptureTrouble::kUnusable,
                     fmt::format("{}: cannot be read: {}.", name, std::strerror(error)));
  }
}

/// Looks at the first octets of a regular file for what people hand over by mistake.
std::optional<std::string> mistake(std::FILE* file) {
  std::uint8_t magic[4] = {};
  const auto read = std::fread(magic, 1, sizeof magic, file);
  std::rewind(file);
  if (read >= 2 && magic[0] == 0x1F && magic[1] == 0x8B) {
    return "is compressed; pass it through: zcat FILE | evbreplay ... -";
  }
  if (read == 4 && std::memcmp(magic, "\x28\xB5\x2F\xFD", 4) == 0) {
    return "is compressed; pass it through: zstdcat FILE | evbreplay ... -";
  }
  return std::nullopt;
}

tl::expected<File, CaptureError> open_file(const std::string& path, const std::string& name) {
  if (path == "-") return File(stdin, leave_open);
  File file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return system_trouble(name, errno);
  struct stat status {};
  if (fstat(fileno(file.get()), &status) != 0) return system_trouble(name, errno);
  if (S_ISDIR(status.st_mode)) return system_trouble(name, EISDIR);
  if (!S_ISREG(status.st_mode)) return file;
  if (status.st_size == 0) {
    return trouble(CaptureTrouble::kUnusable,
                   fmt::format("{}: is empty; a capture has at least a file header.", name));
  }
  if (const auto what = mistake(file.get())) {
    return trouble(CaptureTrouble::kUnusable, fmt::format("{}: {}.", name, *what));
  }
  return file;
}

std::optional<LinkType> link_type_of(int type) {
  switch (type) {
    case DLT_EN10MB: return LinkType::kEthernet;
    case DLT_LINUX_SLL: return LinkType::kLinuxCooked;
    case DLT_LINUX_SLL2: return LinkType::kLinuxCooked2;
    default: return std::nullopt;
  }
}

std::string name_of_link_type(int type) {
  const char* const name = pcap_datalink_val_to_name(type);
  return name != nullptr ? name : fmt::format("number {}", type);
}

std::uint64_t size_of(std::FILE* file) {
  struct stat status {};
  if (file == nullptr || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

void CaptureFile::Closer::operator()(pcap* handle) const { pcap_close(handle); }

CaptureFile::CaptureFile(std::string name, std::unique_ptr<pcap, Closer> handle, LinkType link_type)
    : name_(std::move(name)),
      handle_(std::move(handle)),
      link_type_(link_type),
      size_(size_of(pcap_file(handle_.get()))) {}

tl::expected<CaptureFile, CaptureError> CaptureFile::open(const std::string& path) {
  return open(path, path == "-" ? "standard input" : path);
}

tl::expected<CaptureFile, CaptureError> CaptureFile::open(const std::string& path,
                                                          const std::string& name) {
  auto file = open_file(path, name);
  if (!file) return tl::unexpected(file.error());
  std::setvbuf(file->get(), nullptr, _IOFBF, kReadAhead);
  return open(file->release(), name);
}

tl::expected<CaptureFile, CaptureError> CaptureFile::open(std::FILE* opened,
                                                          const std::string& name) {
  File file(opened, opened == stdin ? leave_open : std::fclose);
  char error[PCAP_ERRBUF_SIZE] = "";
  std::unique_ptr<pcap, Closer> handle(
      pcap_fopen_offline_with_tstamp_precision(opened, PCAP_TSTAMP_PRECISION_NANO, error));
  if (!handle) {
    return trouble(CaptureTrouble::kUnusable,
                   fmt::format("{}: is not a capture (pcap or pcapng): {}.", name, error));
  }
  static_cast<void>(file.release());            // closed with the handle from here on
  __fsetlocking(opened, FSETLOCKING_BYCALLER);  // one thread reads it, twice for each frame
  const int type = pcap_datalink(handle.get());
  const auto link_type = link_type_of(type);
  if (!link_type) {
    return trouble(CaptureTrouble::kUnusable,
                   fmt::format("{}: its link type is {}; EVB travels on Ethernet, so capture on an "
                               "Ethernet interface, or on 'any'.",
                               name, name_of_link_type(type)));
  }
  return CaptureFile(name, std::move(handle), *link_type);
}

tl::expected<bool, CaptureError> CaptureFile::next(CapturedFrame& frame) {
  pcap_pkthdr* header = nullptr;
  const std::uint8_t* octets = nullptr;
  const int read = pcap_next_ex(handle_.get(), &header, &octets);
  if (read == PCAP_ERROR_BREAK) return false;
  if (read != 1) {
    return trouble(CaptureTrouble::kDamaged,
                   fmt::format("{}: is cut off or damaged after frame {}: {}.", name_, frames_,
                               pcap_geterr(handle_.get())));
  }
  frame.number = ++frames_;
  const auto seconds = std::clamp<std::int64_t>(header->ts.tv_sec, -kFarthest, kFarthest);
  frame.nanoseconds = seconds * kNanosecondsPerSecond + header->ts.tv_usec;
  frame.octets = {octets, header->caplen};
  frame.wire_length = std::max(header->len, header->caplen);
  return true;
}

std::optional<double> CaptureFile::progress() const {
  if (size_ == 0) return std::nullopt;
  const auto at = std::ftell(pcap_file(handle_.get()));
  return at < 0 ? std::nullopt
                : std::optional(static_cast<double>(at) / static_cast<double>(size_));
}

}  // namespace agent::replay
