// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "agent/net/fd.hpp"
#include "profiles/store.hpp"
#include "profiles/vsi_types.hpp"

namespace agent {

/// Keeps the VSI types of the profiles' database in memory, and up to date. SQLite is read in a
/// thread of its own, the only one beside the loop's: a disk or a lock that is slow holds up
/// nobody's frames. What the loop gets is never changed afterwards.
class TypeDatabase {
 public:
  struct News {
    std::shared_ptr<const profiles::VsiTypes> types;  ///< as they were read last
    std::string trouble;        ///< why the database cannot be read now; empty: it can
    std::int64_t revision = 0;  ///< of the database
  };

  TypeDatabase(boost::asio::io_context& loop, std::string path,
               std::function<void(const News&)> tell);
  ~TypeDatabase();
  TypeDatabase(const TypeDatabase&) = delete;
  TypeDatabase& operator=(const TypeDatabase&) = delete;

  /// Starts the thread. What it finds within `patience` is told before this returns, so that the
  /// first VSIs are not asked for before there is an answer.
  void start(std::chrono::milliseconds patience);

  /// In the loop: what was told last.
  const News& told() const { return delivered_; }
  const std::string& path() const { return path_; }
  /// How far the database's mirror has come, as it was read last; nullopt: it mirrors nothing.
  std::optional<profiles::MirrorState> mirror() const;

 private:
  void run();
  /// Looks for changes; false: the database cannot be read.
  bool look();
  /// What there is after the revision that was read last.
  profiles::StoreResult<News> read_changes();
  bool failed(const profiles::StoreError& error);
  void set_mirror(std::optional<profiles::MirrorState> state);
  void publish(News news);
  void deliver();
  void wait(bool readable);
  bool file_replaced() const;

  boost::asio::io_context& loop_;
  const std::string path_;
  const std::function<void(const News&)> tell_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);

  // Of the thread.
  std::optional<profiles::Store> store_;
  std::uint64_t inode_ = 0;
  std::int64_t seen_ = 0;      ///< data_version
  std::int64_t revision_ = 0;  ///< read up to here
  News told_;
  bool told_anything_ = false;
  std::shared_ptr<const profiles::VsiTypes> retired_;  ///< told before: freed here, not in the loop
  net::Fd watch_;

  // Of both.
  net::Fd stop_;
  mutable std::mutex mutex_;
  std::condition_variable looked_;
  std::optional<News> news_;
  std::optional<profiles::MirrorState> mirror_;

  // Of the loop.
  News delivered_;

  std::thread thread_;
};

}  // namespace agent
