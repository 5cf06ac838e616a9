// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/state_service.hpp"

#include <boost/asio/post.hpp>

#include "agent/evbd/monotonic.hpp"

namespace agent {
namespace {

/// So many changes are written in the same turn of the loop; more are a burst, which is written a
/// moment later, when its frames are out: what a crash takes from it in between, its client has to
/// ask for again.
constexpr std::size_t kAtOnce = 16;
/// A burst is over when nothing has changed for so long, and is written after the second in any
/// case.
constexpr auto kQuiet = std::chrono::milliseconds(10);
constexpr auto kLongest = std::chrono::milliseconds(100);
/// VSIs that are written before frames and clients get their turn again.
constexpr std::size_t kInOneTurn = 64;

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
    if (keeper_.unwritten() <= kAtOnce) {
      keeper_.flush();
    } else {
      await_quiet(monotonic_now() + kLongest);
    }
  });
}

void StateService::await_quiet(base::Instant latest) {
  write_timer_.expires_after(kQuiet);
  write_timer_.async_wait(
      [this, latest, before = keeper_.changes(),
       alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (cancelled || alive.expired()) return;
        if (keeper_.changes() != before && monotonic_now() < latest) return await_quiet(latest);
        write_burst(latest);
      });
}

/// One piece in each turn of the loop; another burst that begins meanwhile goes first.
void StateService::write_burst(base::Instant latest) {
  if (!keeper_.flush(kInOneTurn) || keeper_.unwritten() == 0) return;
  boost::asio::post(loop_,
                    [this, latest, before = keeper_.changes(), alive = std::weak_ptr<int>(alive_)] {
                      if (alive.expired()) return;
                      const bool more = keeper_.changes() != before && monotonic_now() < latest;
                      return more ? await_quiet(latest) : write_burst(latest);
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
