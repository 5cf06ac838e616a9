// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

#include "agent/api/askers.hpp"
#include "agent/api/client_link.hpp"
#include "agent/api/event_log.hpp"
#include "agent/api/past_failures.hpp"
#include "agent/api/reports.hpp"
#include "agent/api/validate.hpp"
#include "agent/api/waits.hpp"
#include "agent/capture/recorder.hpp"
#include "agent/ports.hpp"
#include "agent/version.hpp"

namespace agent::interface {
class Interfaces;
}
namespace evbd::journal {
class Entry;
}

namespace agent::api {

inline constexpr std::uint32_t kProtocolMajor = 1;
inline constexpr std::uint32_t kProtocolMinor = 0;

/// Bounds that no configuration changes.
inline constexpr std::size_t kMaxVsisPerRequest = 4096;
inline constexpr std::size_t kMaxRequestsInFlight = 64;
inline constexpr std::size_t kMaxStreams = 8;
inline constexpr std::size_t kLoggedEvents = 16384;

/// What AgentShow says that only the server knows.
struct AgentFacts {
  std::size_t connections = 0;
  std::size_t max_connections = 0;
  std::size_t max_message = 0;
  std::size_t watchers = 0;
};

/// The requests of the API, carried out on the ports. It knows no socket: messages come in, answers
/// go out through the client's link.
class Service {
 public:
  explicit Service(Ports& ports);

  /// Called when a wait's deadline came nearer or an event waits to be told to watchers.
  std::function<void()> on_work;
  std::function<AgentFacts()> facts;
  void set_host(HostFacts host) { reports_.set_host(std::move(host)); }
  /// Without them requests about interfaces are answered UNSUPPORTED.
  void set_interfaces(interface::Interfaces& interfaces) { interfaces_ = &interfaces; }

  /// What the capture requests work on; without it they are refused.
  void set_recorder(capture::Recorder* recorder) { recorder_ = recorder; }

  /// The first message of a connection. False: refused, the answer says why; the link closes.
  bool hello(ClientLink& client, const pb::Hello& hello);
  void handle(const std::shared_ptr<ClientLink>& client, const pb::Request& request);
  /// Nothing is kept for this client any more.
  void forget(const ClientLink* client);

  void port_outputs(std::string_view port, std::span<const vdp::Output> outputs);
  void port_changed(std::string_view port);
  void type_changed(std::string_view port, const TypeStanding& standing);

  std::optional<base::Instant> deadline() const { return waits_.deadline(); }
  void time_passed(base::Instant now) { waits_.time_passed(now); }

  const EventLog& log() const { return log_; }
  const Waits& waits() const { return waits_; }

 private:
  void show_agent(ClientLink& client, const pb::Request& request);
  void list_ports(ClientLink& client, const pb::Request& request);
  void list_neighbors(ClientLink& client, const pb::Request& request);
  void list_vsis(ClientLink& client, const pb::Request& request);
  void associate(const std::shared_ptr<ClientLink>& client, const pb::Request& request);
  void deassociate(const std::shared_ptr<ClientLink>& client, const pb::Request& request);
  void why(ClientLink& client, const pb::Request& request);
  void why_gone(ClientLink& client, const pb::Request& request);
  std::vector<std::string> libvirt_sentences(std::string_view port, const std::string& id_prefix,
                                             std::size_t most) const;
  void doctor(ClientLink& client, const pb::Request& request);
  void watch(ClientLink& client, const pb::Request& request);
  void capture(ClientLink& client, const pb::Request& request);
  void start_capture(ClientLink& client, const pb::Request& request);
  void save_capture(ClientLink& client, const pb::Request& request);
  void tell_capture(ClientLink& client, const pb::Request& request);
  void handle_interfaces(const std::shared_ptr<ClientLink>& client, const pb::Request& request);
  void list_interfaces(ClientLink& client, const pb::Request& request);
  void report_association(const ::evbd::journal::Entry& entry, pb::Interface& to) const;

  void apply_types(ClientLink& client, const pb::Request& request);

  bool may_start(ClientLink& client, std::uint32_t request, int vsis);
  bool may_stream(ClientLink& client, std::uint32_t request);
  bool port_exists(ClientLink& client, std::uint32_t request, const std::string& port);
  Checked<VsiKey> find(const pb::VsiName& name, const FieldPath& where) const;
  void finish(Waits::Batch& batch, pb::Wait wait, std::uint32_t limit_ms);
  void take(std::string_view port, base::Instant now, const vdp::Output& output);

  Ports& ports_;
  base::Instant started_;
  std::uint64_t epoch_;
  Askers askers_;
  Reports reports_;
  EventLog log_;
  PastFailures past_;
  Waits waits_;
  capture::Recorder* recorder_ = nullptr;
  interface::Interfaces* interfaces_ = nullptr;
};

/// A Response of this status, to one request or (id 0) about the connection.
pb::ServerMessage status_message(std::uint32_t request, pb::Code code, std::string sentence);
/// Sends it.
void reject(ClientLink& client, std::uint32_t request, pb::Code code, std::string sentence);

}  // namespace agent::api
