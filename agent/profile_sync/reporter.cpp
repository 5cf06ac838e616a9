// SPDX-License-Identifier: Apache-2.0
#include "agent/profile_sync/reporter.hpp"

#include <thread>
#include <utility>

namespace agent::profile_sync {
namespace {

constexpr std::chrono::milliseconds kMoment{200};
constexpr std::chrono::seconds kHello{2};
constexpr int kEventsAtOnce = 1000;

}  // namespace

Reporter::Reporter(Etcd& etcd, const Settings& settings, Log& log, std::uint_fast32_t seed)
    : etcd_(etcd),
      settings_(settings),
      log_(log),
      report_(settings.prefix, settings.host),
      evbd_backoff_(seed),
      etcd_backoff_(seed + 1) {}

bool Reporter::step() {
  listen();
  return Clock::now() < next_try_ || tell_etcd();
}

void Reporter::listen() {
  if (!evbd_ && Clock::now() >= next_connect_) connect();
  if (!evbd_) return std::this_thread::sleep_for(kMoment);
  auto wait = kMoment;
  for (int i = 0; i < kEventsAtOnce; ++i) {
    const auto event = evbd_->next_event(wait);
    if (!event && event.error().kind == api::ClientError::Kind::kTimedOut) return;
    if (!event) return lose(event.error().sentence);
    if (event->has_lost()) return lose("evbd told more than was read in time");
    report_.take(*event);
    wait = std::chrono::milliseconds(0);
  }
}

void Reporter::connect() {
  auto client = api::Client::connect(settings_.evbd_socket, "evb-profile-sync", kHello);
  if (!client) return lose(client.error().sentence);
  evbd::v1::Request request;
  request.mutable_watch()->set_snapshot(true);
  const auto begun = client->call(std::move(request), kHello);
  if (!begun) return lose(begun.error().sentence);
  if (begun->status().code() != evbd::v1::OK) return lose(begun->status().sentence());
  evbd_.emplace(std::move(*client));
  evbd_backoff_.reset();
  report_.connected();
}

void Reporter::lose(const std::string& why) {
  evbd_.reset();
  next_connect_ = Clock::now() + evbd_backoff_.next();
  report_.disconnected(why);
}

std::optional<EtcdError> Reporter::keep_lease() {
  if (lease_ != 0 && Clock::now() >= next_alive_) {
    const auto alive = etcd_.keep_alive(lease_);
    if (!alive) return alive.error();
    if (!*alive) lease_ = 0;
    next_alive_ = Clock::now() + settings_.lease / 3;
  }
  if (lease_ != 0) return std::nullopt;
  report_.lost();
  const auto lease = etcd_.grant(settings_.lease);
  if (!lease) return lease.error();
  lease_ = *lease;
  next_alive_ = Clock::now() + settings_.lease / 3;
  return std::nullopt;
}

bool Reporter::tell_etcd() {
  auto error = keep_lease();
  const auto changes = report_.changes();
  if (!error && !changes.empty()) {
    const auto done = etcd_.report(lease_, changes);
    if (done) {
      report_.made();
    } else {
      error = done.error();
      lease_ = 0;  // it may be the lease; the next one finds out
    }
  }
  if (!error) {
    told_.clear();
    etcd_backoff_.reset();
    return true;
  }
  if (error->kind == EtcdError::Kind::kStopped) return false;
  if (std::exchange(told_, error->text) != error->text) {
    log_.warning("this host's VSIs are not reported: {}", error->text);
  }
  next_try_ = Clock::now() + etcd_backoff_.next();
  return true;
}

}  // namespace agent::profile_sync
