// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/run.hpp"

#include <malloc.h>
#include <systemd/sd-daemon.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "agent/api/server.hpp"
#include "agent/evbd/daemon.hpp"
#include "agent/evbd/interface_service.hpp"
#include "agent/evbd/knock.hpp"
#include "agent/evbd/monotonic.hpp"
#include "agent/evbd/profile_mirror.hpp"
#include "agent/evbd/state_service.hpp"
#include "agent/evbd/type_database.hpp"
#include "agent/libvirt/host_facts.hpp"
#include "agent/libvirt/service.hpp"
#include "agent/version.hpp"

namespace agent {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongInput =
    2;  // a restart would not help: see RestartPreventExitStatus of the unit
/// The database is read before the first VSI is asked for, unless its disk is slower than this.
constexpr std::chrono::seconds kFirstRead{1};
constexpr int kKeptMemory = 2 << 20;  // octets

void print(const profiles::Problems& problems) {
  for (const auto& problem : problems) fmt::print(stderr, "{}\n", to_string(problem));
}

/// What is claimed on the host before anything runs.
struct Claims {
  std::optional<libvirt::NetlinkSocket> libvirt;  ///< absent: libvirt is not served
  state::Database::Opened state;
  net::BridgeControl bridges;
  interface::NetKernel kernel;
  interface::JournalFile::Opened interfaces;
};

/// The daemon, its front ends, and what ties them to the host: signals and systemd.
class Service {
 public:
  Service(const RunOptions& options, const Config& config, Log& log, Claims claims)
      : options_(options),
        log_(log),
        daemon_(loop_, log, config, std::move(claims.bridges)),
        types_(loop_, config.profiles.database,
               [this](const TypeDatabase::News& news) { database_changed(news); }),
        state_(loop_, log, daemon_, std::move(claims.state)),
        knock_(loop_, daemon_),
        interfaces_(loop_, log, daemon_, std::move(claims.kernel), std::move(claims.interfaces),
                    config.profiles.database),
        api_(loop_, daemon_, config.api),
        signals_(loop_, SIGTERM, SIGINT, SIGHUP),
        watchdog_(loop_) {
    if (claims.libvirt) {
      libvirt_.emplace(loop_, log, daemon_, state_.keeper(), config.libvirt,
                       std::move(*claims.libvirt));
      daemon_.add_observer(libvirt_->agent());
    }
    daemon_.add_observer(api_);
    api_.set_interfaces(interfaces_.interfaces());
    auto facts = libvirt::host_facts(daemon_, libvirt_ ? &*libvirt_ : nullptr);
    facts.doctor =
        with_mirror(std::move(facts.doctor), types_.path(), [this] { return types_.mirror(); });
    facts.profiles = [this] { return profile_database(); };
    api_.set_host(std::move(facts));
    api_.set_recorder(daemon_.recorder());
    daemon_.when_port_changes([this](std::string_view port) { api_.port_changed(port); });
    daemon_.when_type_changes([this](std::string_view port, const TypeStanding& standing) {
      api_.type_changed(port, standing);
    });
  }

  tl::expected<void, std::string> start() {
    types_.start(kFirstRead);
    if (auto done = daemon_.start(); !done) return done;
    state_.start();
    interfaces_.start();
    auto done = api_.listen();
    if (done && libvirt_) done = libvirt_->start();
    if (!done) {
      api_.stop();
      daemon_.shut_down();
      return done;
    }
    if (state_.keeper().size() > 0) knock_.start();
    wait_for_signal();
    start_watchdog();
    log_.notice("evbd {} runs", kVersion);
    ::sd_notify(0, "READY=1");
    return {};
  }

  void run() { loop_.run(); }

 private:
  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        reload();
        wait_for_signal();
      } else {
        stop(signal);
      }
    });
  }

  api::ProfileDatabase profile_database() const {
    const auto& told = types_.told();
    return {types_.path(), told.revision, told.types ? told.types->size() : 0, told.trouble,
            types_.mirror()};
  }

  void database_changed(const TypeDatabase::News& news) {
    if (news.trouble.empty()) {
      log_.info("database of profiles: {} VSI type(s), revision {}", news.types->size(),
                news.revision);
    } else {
      log_.error("database of profiles: {}; what was read of it before stays in force",
                 news.trouble);
    }
    daemon_.set_database_types(news.types, news.trouble);
  }

  void reload() {
    const auto now = monotonic_now().time_since_epoch().count();
    ::sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now).c_str());
    const auto config = load_config(options_.config_file);
    const auto fits = config ? daemon_.accepts(*config) : tl::expected<void, std::string>();
    if (!fits) {
      log_.error("the configuration stays as it was: {}", fits.error());
    } else if (config) {
      log_.set_level(options_.log_level.value_or(config->agent.log_level));
      log_.notice("{} is read again", options_.config_file);
      daemon_.apply(*config);
      state_.resume();
      api_.reconfigure(config->api);
      if (libvirt_) libvirt_->reconfigure(config->libvirt);
    } else {
      for (const auto& problem : config.error()) log_.error("{}", to_string(problem));
      log_.error("{} has problems: the configuration stays as it was", options_.config_file);
    }
    ::sd_notify(0, "READY=1");
  }

  void stop(int signal) {
    ::sd_notify(0, "STOPPING=1");
    log_.notice("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
    if (libvirt_) libvirt_->stop();
    api_.stop();
    daemon_.shut_down();
    loop_.stop();
  }

  void start_watchdog() {
    std::uint64_t period = 0;
    if (::sd_watchdog_enabled(0, &period) <= 0) return;
    watchdog_period_ = std::chrono::microseconds(period / 2);
    beat();
  }

  /// A beat from the loop itself: what hangs the loop stops the beats.
  void beat() {
    ::sd_notify(0, "WATCHDOG=1");
    watchdog_.expires_after(watchdog_period_);
    watchdog_.async_wait([this](const boost::system::error_code& error) {
      if (!error) beat();
    });
  }

  const RunOptions& options_;
  Log& log_;
  boost::asio::io_context loop_{1};
  Daemon daemon_;
  TypeDatabase types_;
  StateService state_;
  Knock knock_;
  InterfaceService interfaces_;
  std::optional<libvirt::Service> libvirt_;
  api::Server api_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer watchdog_;
  std::chrono::microseconds watchdog_period_{};
};

/// The folder must be there before the API listens in it and the bridge ports keep files in it.
tl::expected<void, std::string> make_run_dir(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return {};
  return tl::unexpected(
      fmt::format("cannot make run_dir {}: {}; check its parent folder", path, error.message()));
}

tl::expected<void, std::string> run_service(const RunOptions& options, const Config& config,
                                            Log& log) {
  if (auto done = make_run_dir(config.agent.run_dir); !done) return done;
  std::optional<libvirt::NetlinkSocket> libvirt;
  if (config.libvirt.enable) {
    // First of all: the kernel gives the process's PID as port id to whoever comes first.
    auto socket = libvirt::NetlinkSocket::open();
    if (!socket) return tl::unexpected(socket.error());
    auto free = libvirt::PidFile::check(config.libvirt.pid_file, socket->port_id());
    if (!free) return free;
    libvirt.emplace(std::move(*socket));
  }
  auto state = state::Database::open(config.agent.run_dir + "/state.db");
  if (!state) return tl::unexpected(state.error());
  auto bridges = net::BridgeControl::open(config.agent.run_dir);
  if (!bridges) return tl::unexpected(bridges.error());
  auto kernel = interface::NetKernel::open();
  if (!kernel) return tl::unexpected(kernel.error());
  auto interfaces = interface::JournalFile::open(config.agent.run_dir + "/interfaces.db");
  if (!interfaces) return tl::unexpected(interfaces.error());
  if (!interfaces->trouble.empty()) log.warning("{}", interfaces->trouble);
  Service service(options, config, log,
                  Claims{std::move(libvirt), std::move(*state), std::move(*bridges),
                         std::move(*kernel), std::move(*interfaces)});
  if (auto done = service.start(); !done) return done;
  service.run();
  return {};
}

}  // namespace

int check(const std::string& config_file) {
  const auto config = load_config(config_file);
  if (!config) {
    print(config.error());
    return kWrongInput;
  }
  fmt::print("{}: {} port(s), {} VSI type(s), no problems\n", config_file, config->ports.size(),
             config->types.size());
  return 0;
}

int run(const RunOptions& options) {
  const auto config = load_config(options.config_file);
  if (!config) {
    print(config.error());
    return kWrongInput;
  }
  const bool journal = options.log_prefix || std::getenv("JOURNAL_STREAM") != nullptr;
  Log log(options.log_level.value_or(config->agent.log_level),
          journal ? Log::Format::kPrefixed : Log::Format::kPlain);
  std::signal(SIGPIPE, SIG_IGN);
  // A burst's memory is asked for again with the next burst: giving it back costs page faults.
  ::mallopt(M_MMAP_THRESHOLD, kKeptMemory);
  ::mallopt(M_TRIM_THRESHOLD, kKeptMemory);
  if (const auto done = run_service(options, *config, log); !done) {
    log.error("evbd cannot start: {}", done.error());
    return kFailed;
  }
  return 0;
}

}  // namespace agent
