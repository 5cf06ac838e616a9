// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/state_service.hpp"

#include <boost/asio/post.hpp>

#include "agent/evbd/monotonic.hpp"

namespace agent {

StateService::StateService(boost::asio::io_context& loop, Log& log, Daemon& daemon,
                           state::Database::Opened opened)
    : loop_(loop),
      log_(log),
      keeper_(daemon, std::move(opened.database), std::move(opened.wishes)),
      timer_(loop) {
  if (!opened.trouble.empty()) log_.warning("{}", opened.trouble);
  keeper_.wake = [this] { wake(); };
  keeper_.trouble = [this](const std::string& sentence) { log_.error("{}", sentence); };
  daemon.add_observer(keeper_);
  daemon.when_asked(
      [this](std::string_view port, const vdp::Input& input) { keeper_.asked(port, input); });
}

StateService::~StateService() { keeper_.flush(); }

void StateService::wake() {
  boost::asio::post(loop_, [this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    keeper_.work();
    keeper_.flush();
  });
}

void StateService::resume() {
  if (keeper_.size() > 0) log_.notice("{} VSI(s) of an earlier run are resumed", keeper_.size());
  keeper_.resume(monotonic_now());
  const auto deadline = keeper_.deadline();
  if (!deadline) return;
  timer_.expires_at(to_steady(*deadline));
  timer_.async_wait(
      [this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (!cancelled && !alive.expired()) keeper_.time_passed(monotonic_now());
      });
}

}  // namespace agent
