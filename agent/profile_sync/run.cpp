// SPDX-License-Identifier: Apache-2.0
#include "agent/profile_sync/run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <systemd/sd-daemon.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <mutex>
#include <random>
#include <thread>

#include "agent/profile_sync/mirror.hpp"
#include "agent/profile_sync/settings.hpp"

namespace agent::profile_sync {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongFile = 2;

std::optional<Settings> settings_of(const std::string& file) {
  profiles::Problems problems;
  std::optional<Settings> settings;
  if (const auto text = profiles::read_file(file, problems)) {
    settings = read_settings(*text, file, problems);
  }
  for (const auto& problem : problems) fmt::print(stderr, "{}\n", to_string(problem));
  return settings;
}

std::string source_of(const Settings& settings) {
  const auto* const scheme = settings.etcd.tls ? "https://" : "http://";
  return fmt::format("{}{} {}", scheme, fmt::join(settings.etcd.endpoints, ","), settings.prefix);
}

/// The signals that end the program, which every thread leaves to this one's wait.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void wait() { sigwaitinfo(&set_, nullptr); }

 private:
  sigset_t set_{};
};

/// Mirrors until the Etcd is stopped.
void mirror(Etcd& etcd, profiles::Store& store, const Settings& settings, Log& log,
            const std::function<bool(std::chrono::milliseconds)>& pause) {
  Mirror mirror(etcd, store, Keys(settings.prefix), source_of(settings), log,
                [] { return std::chrono::system_clock::now(); });
  Backoff backoff(std::random_device{}());
  follow(mirror, backoff, pause);
}

tl::expected<profiles::Document, profiles::Problems> read(const std::string& file) {
  profiles::Problems problems;
  const auto text =
      file == "-"
          ? std::optional<std::string>(std::string(std::istreambuf_iterator<char>(std::cin), {}))
          : profiles::read_file(file, problems);
  if (!text) return tl::unexpected(std::move(problems));
  return profiles::read_document(*text, file == "-" ? "the standard input" : file);
}

}  // namespace

int check(const std::string& config_file) { return settings_of(config_file) ? 0 : 1; }

int run(const RunOptions& options) {
  const auto settings = settings_of(options.config_file);
  if (!settings) return 1;
  Log log(settings->log_level, options.log_prefix ? Log::Format::kPrefixed : Log::Format::kPlain);
  Signals signals;  // before any thread is made
  auto store = profiles::Store::open(settings->database, profiles::Access::kWrite);
  if (!store) {
    log.error("{}", store.error().text);
    return 1;
  }
  const auto etcd = connect(settings->etcd);
  if (!etcd) {
    log.error("{}", etcd.error());
    return 1;
  }
  std::mutex mutex;
  std::condition_variable stopped;
  bool stop = false;
  std::thread thread([&] {
    mirror(**etcd, *store, *settings, log, [&](std::chrono::milliseconds time) {
      std::unique_lock lock(mutex);
      return !stopped.wait_for(lock, time, [&] { return stop; });
    });
  });
  log.notice("mirrors {} into {}", source_of(*settings), settings->database);
  sd_notify(0, "READY=1");
  signals.wait();
  {
    const std::lock_guard lock(mutex);
    stop = true;
  }
  stopped.notify_all();
  (*etcd)->stop();
  thread.join();
  return 0;
}

int publish_file(const std::string& config_file, const std::string& file,
                 const PublishOptions& options, bool json) {
  const auto settings = settings_of(config_file);
  if (!settings) return kWrongFile;
  const auto document = read(file);
  if (!document) {
    for (const auto& problem : document.error()) fmt::print(stderr, "{}\n", to_string(problem));
    return kWrongFile;
  }
  const auto etcd = connect(settings->etcd);
  if (!etcd) {
    fmt::print(stderr, "{}\n", etcd.error());
    return kFailed;
  }
  const auto done = publish(**etcd, Keys(settings->prefix), *document, file, options);
  if (!done) {
    for (const auto& sentence : done.error()) fmt::print(stderr, "{}\n", sentence);
    return kFailed;
  }
  if (json) {
    fmt::print("[{{\"revision\": \"{}\", \"added\": {}, \"changed\": {}, \"removed\": {}}}]\n",
               done->revision, done->added, done->changed, done->removed);
  } else {
    fmt::print("published at revision {}: {} added, {} changed, {} removed\n", done->revision,
               done->added, done->changed, done->removed);
  }
  return 0;
}

}  // namespace agent::profile_sync
