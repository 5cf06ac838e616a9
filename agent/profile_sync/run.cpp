// SPDX-License-Identifier: Apache-2.0
#include "agent/profile_sync/run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>
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

#include "agent/ctl/json.hpp"
#include "agent/ctl/text.hpp"
#include "agent/profile_sync/host_report.hpp"
#include "agent/profile_sync/mirror.hpp"
#include "agent/profile_sync/reporter.hpp"
#include "agent/profile_sync/settings.hpp"
#include "lldp/printable.hpp"

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

/// Reports this host's VSIs until its end, in a thread with a connection and a log of its own.
class Reporting {
 public:
  Reporting(const Settings& settings, Log::Format format)
      : log_(settings.log_level, format), etcd_(connect(settings.etcd)), thread_([this, &settings] {
          if (!etcd_) return log_.error("{}", etcd_.error());
          Reporter reporter(**etcd_, settings, log_, std::random_device{}());
          while (reporter.step()) {
          }
        }) {}
  ~Reporting() {
    if (etcd_) (*etcd_)->stop();
    thread_.join();
  }
  Reporting(const Reporting&) = delete;
  Reporting& operator=(const Reporting&) = delete;

 private:
  Log log_;
  tl::expected<std::unique_ptr<Etcd>, std::string> etcd_;
  std::thread thread_;
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

std::string hosts_text(const std::vector<HostVsis>& hosts) {
  std::string text;
  for (const auto& host : hosts) {
    text += fmt::format("{}{}: {}, {} VSI(s)\n", text.empty() ? "" : "\n",
                        lldp::to_printable(host.host), lldp::to_printable(host.status),
                        host.vsis.vsis_size());
    if (host.vsis.vsis_size() > 0) text += ctl::vsi_table(host.vsis);
    for (const auto& key : host.unreadable) {
      text += fmt::format("{} cannot be read\n", lldp::to_printable(key));
    }
  }
  return text.empty() ? "No host reports anything.\n" : text;
}

std::string json_text(const std::string& text) {
  google::protobuf::StringValue value;
  value.set_value(lldp::to_printable(text));
  std::string quoted;
  return google::protobuf::util::MessageToJsonString(value, &quoted).ok() ? quoted : "\"\"";
}

/// An array of {"host", "status", "vsis"}.
std::string hosts_json(const std::vector<HostVsis>& hosts) {
  std::string text;
  for (const auto& host : hosts) {
    text += fmt::format("{}{{\"host\": {}, \"status\": {}, \"vsis\": {}}}",
                        text.empty() ? "" : ",\n", json_text(host.host), json_text(host.status),
                        ctl::json_array_of(host.vsis.vsis()));
  }
  return fmt::format("[{}]\n", text);
}

}  // namespace

int check(const std::string& config_file) { return settings_of(config_file) ? 0 : 1; }

int run(const RunOptions& options) {
  const auto settings = settings_of(options.config_file);
  if (!settings) return 1;
  const auto format = options.log_prefix ? Log::Format::kPrefixed : Log::Format::kPlain;
  Log log(settings->log_level, format);
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
  log.notice("mirrors {} into {}", source_of(*settings), settings->database);
  std::mutex mutex;
  std::condition_variable stopped;
  bool stop = false;
  std::thread thread([&] {
    mirror(**etcd, *store, *settings, log, [&](std::chrono::milliseconds time) {
      std::unique_lock lock(mutex);
      return !stopped.wait_for(lock, time, [&] { return stop; });
    });
  });
  std::optional<Reporting> reporting;
  if (settings->report_host) reporting.emplace(*settings, format);
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

int show_hosts(const std::string& config_file, bool json) {
  const auto settings = settings_of(config_file);
  if (!settings) return kWrongFile;
  const auto etcd = connect(settings->etcd);
  if (!etcd) {
    fmt::print(stderr, "{}\n", etcd.error());
    return kFailed;
  }
  const auto found = (*etcd)->read_all(hosts_prefix(settings->prefix));
  if (!found) {
    fmt::print(stderr, "{}\n", found.error().text);
    return kFailed;
  }
  const auto hosts = read_hosts(settings->prefix, found->entries);
  fmt::print("{}", json ? hosts_json(hosts) : hosts_text(hosts));
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
