// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/service.hpp"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "agent/evbd/monotonic.hpp"
#include "agent/net/link_message.hpp"

namespace agent::libvirt {
namespace {

/// Datagrams per turn of the loop: a flood must not keep the ports from their frames.
constexpr int kDatagramsPerTurn = 64;
constexpr std::chrono::milliseconds kLinksPause{100};
/// libvirt waits 2 s by its own reckoning; who waits longer than this waits for ever.
constexpr std::chrono::milliseconds kStuckAfter{3000};
constexpr std::chrono::milliseconds kFreedAfter{500};  // libvirt has closed the sockets by then
/// libvirtd reads its event socket between other things, and that holds some 80 messages.
constexpr std::size_t kGreetingsPerTurn = 16;
constexpr std::chrono::milliseconds kGreetingPause{50};
constexpr std::chrono::milliseconds kNamesPause{500};
constexpr std::size_t kNamesPerTurn = 20;
/// A list of VSIs without names looks at the files once in this time, not once a VSI.
constexpr std::chrono::milliseconds kNamesMissed{200};
constexpr unsigned kNamesRounds = 5;  // 0.5, 1, 2, 4 and 8 s

}  // namespace

Service::Service(boost::asio::io_context& loop, Log& log, Daemon& daemon, state::Keeper& keeper,
                 const LibvirtConfig& config, NetlinkSocket socket)
    : loop_(loop),
      log_(log),
      daemon_(daemon),
      keeper_(keeper),
      config_(config),
      socket_(std::move(socket)),
      readable_(loop),
      names_(config.vm_dir),
      agent_(daemon, *this, config.hold),
      timer_(loop),
      links_timer_(loop),
      stuck_timer_(loop),
      resync_timer_(loop),
      names_timer_(loop) {
  agent_.set_notify_after(config.notify_after);
  daemon_.when_links_change([this] { links_changed(); });
}

Service::~Service() {
  // The descriptor is the socket's to close.
  if (readable_.is_open()) readable_.release();
}

template <class Handler>
void Service::after(boost::asio::steady_timer& timer, std::chrono::milliseconds time,
                    Handler handler) {
  timer.expires_after(time);
  timer.async_wait(
      [handler, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (!cancelled && !alive.expired()) handler();
      });
}

tl::expected<void, std::string> Service::start() {
  agent_.restore(monotonic_now(), keeper_.wishes());
  auto published = PidFile::publish(config_.pid_file, socket_.port_id());
  if (!published) return tl::unexpected(published.error());
  pid_file_.emplace(std::move(*published));
  log_.info("libvirt: its 802.1Qbg agent has netlink port id {}, told in {}", socket_.port_id(),
            config_.pid_file);
  look_for_stuck_requests();
  readable_.assign(socket_.native_handle());
  wait();
  arm_timer();
  links_changed();
  expect_names();
  return {};
}

void Service::reconfigure(const LibvirtConfig& config) {
  const bool fixed = config.enable != config_.enable || config.pid_file != config_.pid_file ||
                     config.vm_dir != config_.vm_dir;
  if (fixed) log_.warning("libvirt: enable, pid_file and vm_dir change with a restart of evbd");
  config_.hold = config.hold;
  agent_.set_hold(config.hold);
  config_.notify_after = config.notify_after;
  agent_.set_notify_after(config.notify_after);
}

void Service::stop() {
  pid_file_.reset();
  // What has arrived so far would wait for ever.
  if (readable_.is_open()) serve();
  agent_.work(monotonic_now());
  agent_.stop();
}

void Service::wait() {
  readable_.async_wait(readable_.wait_read, [this, alive = std::weak_ptr<int>(alive_)](
                                                const boost::system::error_code& error) {
    if (error || alive.expired()) return;
    serve();
    wait();
  });
}

void Service::serve() {
  for (int count = 0; count < kDatagramsPerTurn; ++count) {
    const auto datagram = socket_.receive();
    if (!datagram) break;
    agent_.receive(monotonic_now(), datagram->from, datagram->octets);
  }
  wake();
}

void Service::send(std::uint32_t to, const base::Octets& message) {
  if (!socket_.send(to, message) && errno != ECONNREFUSED) ++dropped_;
}

void Service::wake() {
  if (std::exchange(working_, true)) return;
  boost::asio::post(loop_, [this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) work();
  });
}

void Service::work() {
  working_ = false;
  agent_.work(monotonic_now());
  arm_timer();
}

void Service::arm_timer() {
  const auto next = agent_.deadline();
  if (!next) return;
  if (*next <= monotonic_now()) return go_on();
  if (armed_ && *armed_ <= *next) return;
  armed_ = next;
  timer_.expires_at(to_steady(*next));
  timer_.async_wait(
      [this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& cancelled) {
        if (!cancelled && !alive.expired()) time_passed();
      });
}

/// After a look at the sockets; to set a timer for that would cost more than the turn.
void Service::go_on() {
  if (std::exchange(going_on_, true)) return;
  boost::asio::post(loop_, [this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    going_on_ = false;
    time_passed();
  });
}

void Service::time_passed() {
  armed_.reset();
  agent_.time_passed(monotonic_now());
  arm_timer();
}

void Service::links_changed() {
  if (std::exchange(links_pending_, true)) return;
  after(links_timer_, kLinksPause, [this] {
    links_pending_ = false;
    agent_.devices_changed(monotonic_now());
  });
}

std::vector<DaemonSockets> Service::daemons() const {
  return sockets_of(find_libvirt_daemons(), read_netlink_table(), agent_.clients());
}

/// Predecessors that died between a request and its answer left libvirt waiting without limit. As
/// long as its event port is but guessed among them, nothing else can be asked of libvirt.
void Service::look_for_stuck_requests() {
  bool guessed = false;
  for (const auto& each : daemons()) {
    guessed = guessed || each.guessed;
    if (each.requests.empty()) continue;
    suspects_.insert(suspects_.end(), each.requests.begin(), each.requests.end());
    suspects_.push_back(each.event);
  }
  if (!suspects_.empty()) after(stuck_timer_, kStuckAfter, [this] { free_stuck_requests(); });
  if (guessed) {
    after(resync_timer_, kStuckAfter + kFreedAfter, [this] { plan_resync(); });
  } else {
    plan_resync();
  }
}

/// Where the event port is a guess, it gets the message, too: libvirt ignores it there.
void Service::free_stuck_requests() {
  for (const auto& each : daemons()) {
    auto stuck = each.requests;
    if (each.guessed) stuck.push_back(each.event);
    std::erase_if(stuck, [&](const RouteSocketEntry& entry) {
      return std::ranges::find(suspects_, entry) == suspects_.end();
    });
    if (each.guessed && stuck.size() < 2) continue;
    for (const auto& request : stuck) {
      socket_.send(request.port_id, acknowledgement(nlmsghdr{}, -ETIMEDOUT));
    }
    if (stuck.empty()) continue;
    log_.notice("libvirt: {} (PID {}) waits for an agent that is gone: {} request(s) freed",
                each.daemon.name, each.daemon.pid, stuck.size() - (each.guessed ? 1 : 0));
  }
  suspects_.clear();
}

/// Asks every libvirt daemon for the VSIs of all macvtaps on our ports that no state tells of.
void Service::plan_resync() {
  std::vector<std::uint32_t> clients;
  for (const auto& each : daemons()) {
    if (each.event.port_id != 0) clients.push_back(each.event.port_id);
  }
  if (clients.empty()) return;
  for (const auto& [index, link] : daemon_.links().links()) {
    if (!net::is_guest_device(link) || agent_.knows(link.address)) continue;
    // Not daemon_.place(): that catches up with the kernel, and changes the table under this walk.
    const auto place = net::place_device(daemon_.links(), is_port(), link.name);
    if (!place) continue;
    const auto* const port = daemon_.links().find(place->port);
    if (port == nullptr) continue;
    Notification notification;
    notification.ifindex = port->index;
    notification.ifname = place->port;
    notification.mac = link.address;
    for (const auto client : clients) greetings_.push_back(Greeting{client, notification});
  }
  if (greetings_.empty()) return;
  log_.notice("libvirt: asked about {} interface(s) that evbd remembers nothing of",
              greetings_.size() / clients.size());
  resync_some();
}

void Service::resync_some() {
  for (std::size_t count = 0; count < kGreetingsPerTurn && !greetings_.empty(); ++count) {
    const auto greeting = std::move(greetings_.front());
    greetings_.pop_front();
    if (agent_.knows(greeting.notification.mac)) continue;
    const auto message = encode(greeting.notification, 0, socket_.port_id());
    socket_.send(greeting.client, message);
  }
  if (!greetings_.empty()) after(resync_timer_, kGreetingPause, [this] { resync_some(); });
}

/// libvirt writes a VM's file some time after it has asked for its VSIs.
void Service::expect_names() {
  names_rounds_ = kNamesRounds;
  refresh_names();
}

/// A few files at a time, at doubling distances.
void Service::refresh_names() {
  if (names_rounds_ == 0 || std::exchange(names_pending_, true)) return;
  after(names_timer_, kNamesPause * (1U << (kNamesRounds - names_rounds_)), [this] {
    names_pending_ = false;
    if (!names_.refresh(kNamesPerTurn)) --names_rounds_;
    refresh_names();
  });
}

std::string Service::vm_name(const vdp::VsiId& id, const std::optional<lldp::MacAddress>& mac) {
  const auto name = names_.name_of(id, mac);
  const auto now = monotonic_now();
  if (!name.empty() || (names_missed_ && now - *names_missed_ < kNamesMissed)) {
    return std::string(name);
  }
  names_missed_ = now;
  names_.refresh(kNamesPerTurn);
  return std::string(names_.name_of(id, mac));
}

std::string Service::interface_name(int index) const {
  const auto* const link = daemon_.links().find(index);
  return link == nullptr ? std::string() : link->name;
}

std::vector<DevicePlace> Service::guest_places(const net::GuestDevice& told) const {
  return net::guest_places(daemon_.links(), is_port(), told);
}

net::IsPort Service::is_port() const {
  return [this](std::string_view name) { return daemon_.settings(name) != nullptr; };
}

bool Service::guest_device_exists(const lldp::MacAddress& mac) const {
  return daemon_.links().has_guest_device(mac);
}

bool Service::guest_device_moved(const lldp::MacAddress& mac) const {
  return daemon_.links().has_moved_away(mac);
}

bool Service::vm_is_leaving(const vdp::VsiId& id, const lldp::MacAddress& mac) const {
  return names_.is_leaving(id, mac);
}

bool Service::bridge_may_assign_vlan(std::string_view port) const {
  const auto* const settings = daemon_.settings(port);
  return settings == nullptr || settings->bridge_assigns_vlan;
}

void Service::remember(const VsiKey& key, const state::LibvirtOrigin& origin) {
  keeper_.asked_by_libvirt(key, origin);
  expect_names();
}

void Service::log(LogLevel level, const std::string& sentence) {
  if (level != LogLevel::kWarning) return log_.line(level, "{}", sentence);
  const auto silent = refusals_.pass(monotonic_now());
  if (!silent) return;
  log_.line(level, "{}", sentence);
  if (*silent > 0) log_.line(level, "libvirt: {} more refusals were not logged", *silent);
}

}  // namespace agent::libvirt
