// SPDX-License-Identifier: Apache-2.0
#include "tests/support/capture_builder.hpp"

#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

namespace support {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint32_t kSnapshotLength = 262144;

void append_u32(base::Octets& octets, std::uint64_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    octets.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

/// A pcapng block: type, length, body padded to 32 bits, length again.
void append_block(base::Octets& file, std::uint32_t type, base::Octets body) {
  while (body.size() % 4 != 0) body.push_back(0);
  const auto length = body.size() + 12;
  append_u32(file, type);
  append_u32(file, length);
  base::append(file, body);
  append_u32(file, length);
}

}  // namespace

std::vector<TimedFrame> read_timed_capture(const std::string& name) {
  const auto path = std::string(EVB_CAPTURES "/") + name;
  char error[PCAP_ERRBUF_SIZE] = "";
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> file(
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error),
      pcap_close);
  std::vector<TimedFrame> frames;
  if (!file) {
    ADD_FAILURE() << path << ": " << error;
    return frames;
  }
  pcap_pkthdr* header = nullptr;
  const std::uint8_t* octets = nullptr;
  while (pcap_next_ex(file.get(), &header, &octets) == 1) {
    const std::chrono::nanoseconds at(header->ts.tv_sec * kNanosecondsPerSecond +
                                      header->ts.tv_usec);
    frames.push_back({at, {octets, octets + header->caplen}});
  }
  return frames;
}

TemporaryFile::TemporaryFile(base::Bytes contents)
    : path_(std::filesystem::temp_directory_path() / "evbd-test-XXXXXX") {
  const int descriptor = mkstemp(path_.data());
  EXPECT_EQ(write(descriptor, contents.data(), contents.size()),
            static_cast<ssize_t>(contents.size()));
  close(descriptor);
}

TemporaryFile::~TemporaryFile() { unlink(path_.c_str()); }

base::Octets pcap_file(const std::vector<TimedFrame>& frames, std::uint32_t link_type) {
  base::Octets file;
  append_u32(file, 0xA1B23C4D);  // nanosecond stamps
  append_u32(file, 4U << 16U | 2U);
  append_u32(file, 0);
  append_u32(file, 0);
  append_u32(file, kSnapshotLength);
  append_u32(file, link_type);
  for (const auto& [at, octets] : frames) {
    append_u32(file, static_cast<std::uint64_t>(at.count() / kNanosecondsPerSecond));
    append_u32(file, static_cast<std::uint64_t>(at.count() % kNanosecondsPerSecond));
    append_u32(file, octets.size());
    append_u32(file, octets.size());
    base::append(file, octets);
  }
  return file;
}

base::Octets pcapng_file(const std::vector<TimedFrame>& frames) {
  base::Octets file;
  base::Octets section;
  append_u32(section, 0x1A2B3C4D);
  append_u32(section, 1);
  append_u32(section, 0xFFFFFFFF);
  append_u32(section, 0xFFFFFFFF);
  append_block(file, 0x0A0D0D0A, section);
  base::Octets interface;
  append_u32(interface, kLinkTypeEthernet);
  append_u32(interface, kSnapshotLength);
  append_u32(interface, 1U << 16U | 9U);  // if_tsresol, one octet: 10^-9
  append_u32(interface, 9);
  append_u32(interface, 0);
  append_block(file, 1, interface);
  for (const auto& [at, octets] : frames) {
    base::Octets packet;
    const auto ticks = static_cast<std::uint64_t>(at.count());
    append_u32(packet, 0);
    append_u32(packet, ticks >> 32U);
    append_u32(packet, ticks);
    append_u32(packet, octets.size());
    append_u32(packet, octets.size());
    base::append(packet, octets);
    append_block(file, 6, packet);
  }
  return file;
}

}  // namespace support
