// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/interface_service.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "agent/evbd/monotonic.hpp"
#include "agent/evbd/port_profiles.hpp"

namespace agent {

InterfaceService::InterfaceService(boost::asio::io_context& loop, Log& log, Daemon& daemon,
                                   interface::NetKernel kernel,
                                   interface::JournalFile::Opened journal, std::string database)
    : loop_(loop),
      log_(log),
      daemon_(daemon),
      kernel_(std::move(kernel)),
      timer_(loop),
      interfaces_(kernel_, daemon, std::move(journal), surroundings(std::move(database))) {
  daemon.add_observer(interfaces_);
  daemon.when_links_change([this] {
    links_changed_ = true;
    soon();
  });
}

interface::Surroundings InterfaceService::surroundings(std::string database) {
  interface::Surroundings around;
  around.find_profile = profiles_of(database);
  around.find_type_modes = type_modes_of(std::move(database));
  around.wake = [this] { soon(); };
  around.log = [this](const std::string& sentence) { log_.notice("{}", sentence); };
  around.moved_away = [this](const lldp::MacAddress& mac) {
    return daemon_.links().has_moved_away(mac);
  };
  return around;
}

void InterfaceService::start() {
  interfaces_.start();
  arm_timer();
}

/// Once per turn of the loop, however much has happened in it.
void InterfaceService::soon() {
  if (std::exchange(coming_, true)) return;
  boost::asio::post(loop_, [this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    coming_ = false;
    turn();
  });
}

void InterfaceService::turn() {
  if (std::exchange(links_changed_, false)) interfaces_.links_changed();
  interfaces_.work();
  arm_timer();
}

void InterfaceService::arm_timer() {
  const auto deadline = interfaces_.deadline();
  if (deadline == armed_) return;
  armed_ = deadline;
  if (!deadline) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(to_steady(*deadline));
  timer_.async_wait(
      [this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (cancelled || alive.expired()) return;
        armed_.reset();
        interfaces_.time_passed(monotonic_now());
        arm_timer();
      });
}

}  // namespace agent
