// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/capture_writer.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

namespace agent::replay {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr int kSnapshotLength = 262'144;  // as tcpdump: what readers of pcap accept at most

constexpr std::size_t kCopied = std::size_t{1} << 16U;

int number_of(LinkType type) {
  switch (type) {
    case LinkType::kEthernet: return DLT_EN10MB;
    case LinkType::kLinuxCooked: return DLT_LINUX_SLL;
    case LinkType::kLinuxCooked2: return DLT_LINUX_SLL2;
  }
  return DLT_EN10MB;
}

std::string cannot_be_written(const std::string& name) {
  return fmt::format("{}: cannot be written: {}.", name, std::strerror(errno));
}

}  // namespace

void CaptureWriter::Closer::operator()(pcap* handle) const { pcap_close(handle); }
void CaptureWriter::Closer::operator()(pcap_dumper* dumper) const { pcap_dump_close(dumper); }

CaptureWriter::CaptureWriter(std::string name, std::FILE* copy_to,
                             std::unique_ptr<pcap, Closer> handle,
                             std::unique_ptr<pcap_dumper, Closer> dumper)
    : name_(std::move(name)),
      copy_to_(copy_to),
      handle_(std::move(handle)),
      dumper_(std::move(dumper)) {}

tl::expected<CaptureWriter, std::string> CaptureWriter::create(const std::string& path,
                                                               LinkType type,
                                                               std::FILE* standard_output) {
  const bool standard = path == "-";
  const std::string name = standard ? "standard output" : path;
  // libpcap closes what it writes to, so the standard output gets a copy.
  std::FILE* const file = standard ? std::tmpfile() : std::fopen(path.c_str(), "wb");
  if (file == nullptr) return tl::unexpected(cannot_be_written(name));
  std::unique_ptr<pcap, Closer> handle(pcap_open_dead_with_tstamp_precision(
      number_of(type), kSnapshotLength, PCAP_TSTAMP_PRECISION_NANO));
  std::unique_ptr<pcap_dumper, Closer> dumper(pcap_dump_fopen(handle.get(), file));
  if (!dumper) {
    std::fclose(file);
    return tl::unexpected(cannot_be_written(name));
  }
  return CaptureWriter(name, standard ? standard_output : nullptr, std::move(handle),
                       std::move(dumper));
}

std::optional<std::string> CaptureWriter::write(const CapturedFrame& frame) {
  const auto seconds = frame.nanoseconds / kNanosecondsPerSecond;
  const auto rest = frame.nanoseconds % kNanosecondsPerSecond;
  if (frame.nanoseconds < 0 || seconds > std::numeric_limits<std::uint32_t>::max()) {
    return fmt::format("{}: the time of frame {} is not between 1970 and 2106, as pcap needs it.",
                       name_, frame.number);
  }
  pcap_pkthdr header{};
  header.ts.tv_sec = seconds;
  header.ts.tv_usec = rest;
  header.caplen = static_cast<bpf_u_int32>(frame.octets.size());
  header.len = static_cast<bpf_u_int32>(frame.wire_length);
  pcap_dump(reinterpret_cast<u_char*>(dumper_.get()), &header, frame.octets.data());
  return std::nullopt;
}

bool CaptureWriter::copy() const {
  std::FILE* const from = pcap_dump_file(dumper_.get());
  std::rewind(from);
  std::array<char, kCopied> buffer;
  while (const auto read = std::fread(buffer.data(), 1, buffer.size(), from)) {
    if (std::fwrite(buffer.data(), 1, read, copy_to_) != read) return false;
  }
  return std::ferror(from) == 0;
}

std::optional<std::string> CaptureWriter::finish() {
  bool written =
      pcap_dump_flush(dumper_.get()) == 0 && std::ferror(pcap_dump_file(dumper_.get())) == 0;
  if (written && copy_to_ != nullptr) written = copy();
  return written ? std::nullopt : std::optional(cannot_be_written(name_));
}

}  // namespace agent::replay
