// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "agent/api/client.hpp"
#include "agent/evbd/log.hpp"
#include "agent/profile_sync/backoff.hpp"
#include "agent/profile_sync/etcd.hpp"
#include "agent/profile_sync/host_report.hpp"
#include "agent/profile_sync/settings.hpp"

namespace agent::profile_sync {

/// Carries what this host's evbd tells into etcd, and keeps the lease alive.
class Reporter {
 public:
  using Clock = std::chrono::steady_clock;
  Reporter(Etcd& etcd, const Settings& settings, Log& log, std::uint_fast32_t seed);

  /// Listens to evbd for a moment, then brings etcd up to date. False: the Etcd was stopped.
  bool step();

 private:
  void listen();
  void connect();
  void lose(const std::string& why);
  bool tell_etcd();
  std::optional<EtcdError> keep_lease();

  Etcd& etcd_;
  const Settings& settings_;
  Log& log_;
  HostReport report_;
  std::optional<api::Client> evbd_;
  Backoff evbd_backoff_;
  Backoff etcd_backoff_;
  Clock::time_point next_connect_;
  Clock::time_point next_try_;
  Clock::time_point next_alive_;
  std::int64_t lease_ = 0;
  std::string told_;
};

}  // namespace agent::profile_sync
