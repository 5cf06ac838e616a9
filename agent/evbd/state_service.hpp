// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "agent/evbd/daemon.hpp"
#include "agent/state/keeper.hpp"

namespace agent {

/// Runs the keeper of the clients' wishes in the daemon's loop.
class StateService {
 public:
  /// Registers with the daemon, which must outlive it, as observer and as who is told of requests.
  StateService(boost::asio::io_context& loop, Log& log, Daemon& daemon,
               state::Database::Opened opened);
  ~StateService();
  StateService(const StateService&) = delete;
  StateService& operator=(const StateService&) = delete;

  /// Feeds the ports with what was wanted when evbd ended.
  void start();
  /// The same for ports that were configured anew.
  void resume();
  state::Keeper& keeper() { return keeper_; }

 private:
  void wake();
  void await_quiet(base::Instant latest);
  void write_burst(base::Instant latest);

  boost::asio::io_context& loop_;
  Log& log_;
  state::Keeper keeper_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer write_timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace agent
