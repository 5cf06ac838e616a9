// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/replay/capture_file.hpp"
#include "agent/replay/report/frame_comments.hpp"

namespace agent::replay::report {

/// A capture that is read twice. What can be read once only, a pipe or the standard input, goes
/// through a file without a name. A folder stands for its frames.pcapng and its stimuli.txt, as
/// `evbctl capture save` writes them.
class Source {
 public:
  static tl::expected<Source, CaptureError> open(const std::string& path);

  /// From its beginning.
  tl::expected<CaptureFile, CaptureError> read() const { return CaptureFile::open(path_, name_); }
  /// Of its frames, likewise.
  FrameComments comments() const { return FrameComments(path_); }
  /// Whether it is a pcapng file, so that its frames may have comments and directions.
  bool is_pcapng() const;
  const std::string& name() const { return name_; }
  /// The journal beside the capture; empty: there is none.
  const std::string& journal() const { return journal_; }
  /// Whether writing to `path` would overwrite what is read.
  bool is_at(const std::string& path) const;

 private:
  std::string name_;
  std::string path_;
  std::string origin_;  ///< of what is at `path_`
  std::string journal_;
  std::shared_ptr<std::FILE> spool_;
};

}  // namespace agent::replay::report
