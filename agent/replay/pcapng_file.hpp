// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "agent/replay/capture_file.hpp"
#include "agent/replay/pseudonyms.hpp"
#include "agent/replay/report/frame_comments.hpp"

namespace agent::replay {

/// Writes a pcapng file with nanoseconds: frames with what `FrameComments` reads beside libpcap.
/// Errors are sentences.
class PcapngFile {
 public:
  /// "-" is `standard_output`.
  static tl::expected<PcapngFile, std::string> create(const std::string& path, LinkType type,
                                                      std::FILE* standard_output);

  /// `notes` has its direction and interface, whose name is replaced.
  std::optional<std::string> write(const CapturedFrame& frame, const report::FrameComments& notes,
                                   std::string_view comment, Pseudonyms& pseudonyms);
  /// What could not be written in the end.
  std::optional<std::string> finish();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  PcapngFile(std::string name, LinkType type) : name_(std::move(name)), type_(type) {}
  void flush();

  std::string name_;
  LinkType type_;
  std::unique_ptr<std::FILE, Closer> own_;
  std::FILE* file_ = nullptr;
  std::string pending_;
  std::size_t interfaces_ = 0;
  bool failed_ = false;
};

}  // namespace agent::replay
