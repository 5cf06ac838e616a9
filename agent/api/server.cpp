// SPDX-License-Identifier: Apache-2.0
#include "agent/api/server.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cstring>
#include <unordered_map>

#include "agent/api/listener.hpp"
#include "agent/api/session.hpp"
#include "agent/config/config.hpp"

namespace agent::api {
namespace {

/// After an accept that failed for want of descriptors, say.
constexpr std::chrono::seconds kAcceptPause{1};

/// One message to a connection that is not taken; what does not fit its buffer is lost with it.
void turn_away(UnixSocket& socket, std::size_t limit) {
  std::string out;
  append_message(out, status_message(0, pb::OVERLOADED,
                                     fmt::format("evbd serves {} connections already, which is "
                                                 "its limit (max_connections).",
                                                 limit)));
  (void)!::send(socket.native_handle(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

struct Server::Impl {
  Impl(boost::asio::io_context& run_by, Ports& ports, const ApiConfig& api_config)
      : loop(run_by),
        config(api_config),
        service(ports),
        acceptor(run_by),
        accept_timer(run_by),
        wait_timer(run_by),
        clock(ports) {
    service.on_work = [this] { schedule_work(); };
    service.facts = [this] { return facts(); };
    admin_group = group_id(config.admin_group);
  }

  void accept();
  void accepted(UnixSocket socket);
  void schedule_work();
  void work();
  void arm_wait_timer();
  void stop();
  AgentFacts facts() const;

  boost::asio::io_context& loop;
  ApiConfig config;
  std::optional<gid_t> admin_group;
  Service service;
  boost::asio::local::stream_protocol::acceptor acceptor;
  boost::asio::steady_timer accept_timer;
  boost::asio::steady_timer wait_timer;
  const Ports& clock;
  std::optional<base::Instant> armed_for;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions;
  std::optional<SocketFile> file;
  bool work_scheduled = false;
  /// Lets handlers that are still in the loop's queue know that the server is gone.
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

void Server::Impl::accept() {
  acceptor.async_accept([this, guard = std::weak_ptr(alive)](const boost::system::error_code& error,
                                                             UnixSocket socket) {
    if (guard.expired() || error == boost::asio::error::operation_aborted) return;
    if (!error) {
      accepted(std::move(socket));
      return accept();
    }
    accept_timer.expires_after(kAcceptPause);
    accept_timer.async_wait([this, guard](const boost::system::error_code& cancelled) {
      if (!cancelled && !guard.expired()) accept();
    });
  });
}

void Server::Impl::accepted(UnixSocket socket) {
  if (sessions.size() >= config.max_connections) return turn_away(socket, config.max_connections);
  const auto peer = peer_of(socket.native_handle());
  if (!peer) return;
  const bool admin = may_change(*peer, groups_of(socket.native_handle()), admin_group);
  const auto session = std::make_shared<Session>(
      std::move(socket), service, SessionLimits{config.max_message, config.max_pending_output});
  session->peer = *peer;
  session->may_change = admin;
  session->on_closed = [this](Session* closed) { sessions.erase(closed); };
  sessions[session.get()] = session;
  session->start();
}

/// However many events one turn of the loop brings, watchers are served once after it.
void Server::Impl::schedule_work() {
  if (work_scheduled || sessions.empty()) return;
  work_scheduled = true;
  boost::asio::post(loop, [this, guard = std::weak_ptr(alive)] {
    if (!guard.expired()) work();
  });
}

void Server::Impl::work() {
  work_scheduled = false;
  std::vector<std::shared_ptr<Session>> watching;
  for (const auto& [key, session] : sessions) {
    if (session->streams() > 0) watching.push_back(session);
  }
  for (const auto& session : watching) session->pump();
  arm_wait_timer();
}

void Server::Impl::arm_wait_timer() {
  const auto deadline = service.deadline();
  if (deadline == armed_for) return;
  armed_for = deadline;
  if (!deadline) {
    wait_timer.cancel();
    return;
  }
  wait_timer.expires_after(*deadline - clock.now());
  wait_timer.async_wait(
      [this, guard = std::weak_ptr(alive)](const boost::system::error_code& cancelled) {
        if (cancelled || guard.expired()) return;
        armed_for.reset();
        service.time_passed(clock.now());
        arm_wait_timer();
      });
}

void Server::Impl::stop() {
  boost::system::error_code ignored;
  acceptor.close(ignored);
  accept_timer.cancel(ignored);
  wait_timer.cancel(ignored);
  const auto open = sessions;
  for (const auto& [key, session] : open) session->close();
  if (file) remove_socket_file(*file);
  file.reset();
}

AgentFacts Server::Impl::facts() const {
  AgentFacts known;
  known.connections = sessions.size();
  known.max_connections = config.max_connections;
  known.max_message = config.max_message;
  for (const auto& [key, session] : sessions) known.watchers += session->streams() > 0 ? 1 : 0;
  return known;
}

Server::Server(boost::asio::io_context& loop, Ports& ports, const ApiConfig& config)
    : impl_(std::make_unique<Impl>(loop, ports, config)) {}

Server::~Server() { impl_->stop(); }

tl::expected<void, std::string> Server::listen() {
  if (!impl_->config.admin_group.empty() && !impl_->admin_group) {
    return tl::unexpected(
        fmt::format("api.admin_group: there is no group '{}'; create it, or "
                    "leave the setting out.",
                    impl_->config.admin_group));
  }
  auto opened = open_listener(impl_->config);
  if (!opened) return tl::unexpected(opened.error());
  impl_->acceptor.assign(boost::asio::local::stream_protocol(), opened->descriptor);
  impl_->file = opened->file;
  impl_->accept();
  return {};
}

void Server::reconfigure(const ApiConfig& config) {
  impl_->config = config;
  impl_->admin_group = group_id(config.admin_group);
}

void Server::set_host(HostFacts host) { impl_->service.set_host(std::move(host)); }

void Server::set_recorder(capture::Recorder& recorder) { impl_->service.set_recorder(&recorder); }

void Server::set_interfaces(interface::Interfaces& interfaces) {
  impl_->service.set_interfaces(interfaces);
}

void Server::stop() { impl_->stop(); }

void Server::port_output(std::string_view port, const vdp::Output& output) {
  port_outputs(port, std::span(&output, 1));
}

void Server::port_outputs(std::string_view port, std::span<const vdp::Output> outputs) {
  impl_->service.port_outputs(port, outputs);
}

void Server::port_changed(std::string_view port) { impl_->service.port_changed(port); }

void Server::type_changed(std::string_view port, const TypeStanding& standing) {
  impl_->service.type_changed(port, standing);
}

std::size_t Server::connections() const { return impl_->sessions.size(); }

}  // namespace agent::api
