// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "agent/evbd/daemon.hpp"
#include "agent/interface/interfaces.hpp"
#include "agent/interface/net_kernel.hpp"

namespace agent {

/// Runs agent/interface in the daemon's loop.
class InterfaceService {
 public:
  /// Registers with the daemon, which must outlive it. `database`: of port profiles.
  InterfaceService(boost::asio::io_context& loop, Log& log, Daemon& daemon,
                   interface::NetKernel kernel, interface::JournalFile::Opened journal,
                   std::string database);
  InterfaceService(const InterfaceService&) = delete;
  InterfaceService& operator=(const InterfaceService&) = delete;

  /// After the VSIs of an earlier run were resumed.
  void start();
  interface::Interfaces& interfaces() {
    return interfaces_;
  }

 private:
  interface::Surroundings surroundings(std::string database);
  void soon();
  void turn();
  void arm_timer();

  boost::asio::io_context& loop_;
  Log& log_;
  Daemon& daemon_;
  interface::NetKernel kernel_;
  boost::asio::steady_timer timer_;
  std::optional<base::Instant> armed_;
  bool coming_ = false;         ///< turn() is
  bool links_changed_ = false;  ///< since the last turn
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  interface::Interfaces interfaces_;
};

}  // namespace agent
