// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/state/wish.hpp"

namespace agent::state {

/// A wish as it is now; nullptr: there is none any more.
struct Change {
  VsiKey key;
  const Wish* wish = nullptr;
};
using Changes = std::vector<Change>;

/// The wishes on disk, or rather in /run: they survive the process, not the host, and so does the
/// database: it never waits for a disk.
class Database {
 public:
  struct Opened;

  /// Opens or creates the file. One that is damaged or of an unknown version is moved aside, which
  /// Opened::trouble tells in a sentence; the error is one, too: another evbd uses the file, or it
  /// cannot be created.
  static tl::expected<Opened, std::string> open(const std::string& path);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// Writes all changes as one; the error is a sentence.
  tl::expected<void, std::string> write(const Changes& changes);

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  static tl::expected<Opened, std::string> open_once(const std::string& path, bool& damaged);

  std::unique_ptr<Impl> impl_;
};

struct Database::Opened {
  Database database;
  std::vector<Wish> wishes;
  bool was_there = false;  ///< the file held the state of an earlier run
  std::string trouble;     ///< what had to be given up; empty: nothing
};

}  // namespace agent::state
