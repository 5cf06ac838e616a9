// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lldp/base/bytes.hpp"

namespace support {

struct TimedFrame {
  std::chrono::nanoseconds at;
  base::Octets octets;
};

/// The frames of captures/NAME with their times; the test fails when it cannot be read.
std::vector<TimedFrame> read_timed_capture(const std::string& name);

/// A file below the temporary folder that goes with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(base::Bytes contents);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Link types of libpcap's list.
inline constexpr std::uint32_t kLinkTypeEthernet = 1;
inline constexpr std::uint32_t kLinkTypeCooked2 = 276;

/// A pcap file with nanosecond stamps, little-endian.
base::Octets pcap_file(const std::vector<TimedFrame>& frames,
                       std::uint32_t link_type = kLinkTypeEthernet);
/// A pcapng file with one interface and nanosecond stamps, little-endian.
base::Octets pcapng_file(const std::vector<TimedFrame>& frames);

}  // namespace support
