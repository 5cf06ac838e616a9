// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/state_service.hpp"

#include <boost/asio/post.hpp>

#include "agent/evbd/monotonic.hpp"

namespace agent {
namespace {

/// So many changes are written in the same turn of the loop; more are a burst, which is written as
/// one transaction a moment later, when its frames are out: what a crash takes from it in between,
/// its client has to ask for again.
constexpr std::size_t kAtOnce = 16;
constexpr auto kBurstPause = std::chrono::milliseconds(100);

}  // namespace

StateService::StateService(boost::asio::io_context& loop, Log& log, Daemon& daemon,
                           state::Database::Opened opened)
    : loop_(loop),
      log_(log),
      keeper_(daemon, std::move(opened.database), std::move(opened.wishes)),
      timer_(loop),
      write_timer_(loop) {
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
    write_soon();
  });
}

void StateService::write_soon() {
  if (keeper_.unwritten() <= kAtOnce) {
    keeper_.flush();
    return;
  }
  write_timer_.expires_after(kBurstPause);
  write_timer_.async_wait(
      [this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (!cancelled && !alive.expired()) keeper_.flush();
      });
}

void StateService::start() {
  if (keeper_.size() > 0) log_.notice("{} VSI(s) of an earlier run are resumed", keeper_.size());
  resume();
}

void StateService::resume() {
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
