// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "agent/replay/capture_file.hpp"

struct pcap;
struct pcap_dumper;

namespace agent::replay {

/// Writes a pcap file with nanoseconds. Errors are sentences.
class CaptureWriter {
 public:
  /// "-" is `standard_output`, which gets everything at the end.
  static tl::expected<CaptureWriter, std::string> create(const std::string& path, LinkType type,
                                                         std::FILE* standard_output);

  /// `nanoseconds` since 1970, of which pcap knows those up to the year 2106.
  std::optional<std::string> write(const CapturedFrame& frame);
  /// What could not be written in the end.
  std::optional<std::string> finish();

 private:
  struct Closer {
    void operator()(pcap* handle) const;
    void operator()(pcap_dumper* dumper) const;
  };
  CaptureWriter(std::string name, std::FILE* copy_to, std::unique_ptr<pcap, Closer> handle,
                std::unique_ptr<pcap_dumper, Closer> dumper);
  bool copy() const;

  std::string name_;
  std::FILE* copy_to_;  // nullptr: the file has a name of its own
  std::unique_ptr<pcap, Closer> handle_;
  std::unique_ptr<pcap_dumper, Closer> dumper_;
};

}  // namespace agent::replay
