// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/interface/kernel.hpp"

namespace agent::interface {

/// The entries of all interfaces in a file of run_dir, as agent/state keeps its wishes: they
/// survive the process, not the host. What a write has returned from is there after a kill.
class JournalFile {
 public:
  struct Opened;

  /// Opens or creates the file. One that is damaged is moved aside, which Opened::trouble tells;
  /// the error is a sentence.
  static tl::expected<Opened, std::string> open(const std::string& path);

  JournalFile(JournalFile&&) noexcept;
  JournalFile& operator=(JournalFile&&) noexcept;
  ~JournalFile();

  /// All of them as one change.
  Done write(const std::vector<const journal::Entry*>& entries);
  Done remove(const std::string& name);

 private:
  struct Impl;
  explicit JournalFile(std::unique_ptr<Impl> impl);
  static Opened open_once(const std::string& path);

  std::unique_ptr<Impl> impl_;
};

struct JournalFile::Opened {
  JournalFile file;
  std::vector<journal::Entry> entries;
  std::string trouble;
};

}  // namespace agent::interface
