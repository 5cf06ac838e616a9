// SPDX-License-Identifier: Apache-2.0
#include "agent/api/service.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "agent/api/explain.hpp"
#include "agent/api/profile_messages.hpp"
#include "agent/api/streams.hpp"
#include "lldp/base/overload.hpp"
#include "lldp/printable.hpp"

namespace agent::api {
namespace {

constexpr std::size_t kMaxProgramName = 64;

/// Begins the one Response to a request that succeeded.
pb::Response& begin(pb::ServerMessage& message, const pb::Request& request) {
  auto& response = *message.mutable_response();
  response.set_id(request.id());
  response.mutable_status();
  return response;
}

void report(const ProfileDatabase& database, std::chrono::system_clock::time_point now,
            pb::ProfileDatabase& to) {
  to.set_path(lldp::to_printable(database.path));
  to.set_revision(database.revision);
  to.set_vsi_types(static_cast<std::uint32_t>(database.vsi_types));
  to.set_trouble(lldp::to_printable(database.trouble));
  if (database.mirror) to_pb(*database.mirror, now, *to.mutable_mirror());
}

}  // namespace

void reject(ClientLink& client, std::uint32_t request, pb::Code code, std::string sentence) {
  client.send(status_message(request, code, std::move(sentence)));
}

pb::ServerMessage status_message(std::uint32_t request, pb::Code code, std::string sentence) {
  pb::ServerMessage message;
  message.mutable_response()->set_id(request);
  message.mutable_response()->mutable_status()->set_code(code);
  message.mutable_response()->mutable_status()->set_sentence(std::move(sentence));
  return message;
}

Service::Service(Ports& ports)
    : ports_(ports),
      started_(ports.now()),
      epoch_(static_cast<std::uint64_t>(ports.wall_clock(started_).time_since_epoch() /
                                        std::chrono::microseconds(1))),
      reports_(ports, askers_),
      log_(kLoggedEvents),
      waits_(ports) {}

bool Service::hello(ClientLink& client, const pb::Hello& hello) {
  client.program = lldp::to_printable(hello.program().substr(0, kMaxProgramName));
  if (hello.protocol_major() != kProtocolMajor) {
    reject(client, 0, pb::UNSUPPORTED,
           fmt::format("This evbd {} speaks version {} of the protocol and {} version {}; install "
                       "both from the same release.",
                       kVersion, kProtocolMajor,
                       client.program.empty() ? "the client" : client.program,
                       hello.protocol_major()));
    return false;
  }
  pb::ServerMessage message;
  auto& answer = *message.mutable_hello();
  answer.set_protocol_major(kProtocolMajor);
  answer.set_protocol_minor(kProtocolMinor);
  answer.set_program("evbd");
  answer.set_version(std::string(kVersion));
  client.send(message);
  return true;
}

void Service::handle(const std::shared_ptr<ClientLink>& client, const pb::Request& request) {
  if (request.id() == 0) {
    return reject(*client, 0, pb::INVALID, "A request's id is 0, which stands for the connection.");
  }
  switch (request.kind_case()) {
    case pb::Request::kAgentShow: return show_agent(*client, request);
    case pb::Request::kPortList: return list_ports(*client, request);
    case pb::Request::kNeighborList: return list_neighbors(*client, request);
    case pb::Request::kVsiList: return list_vsis(*client, request);
    case pb::Request::kVsiAssociate: return associate(client, request);
    case pb::Request::kVsiDeassociate: return deassociate(client, request);
    case pb::Request::kVsiWhy: return why(*client, request);
    case pb::Request::kWatch: return watch(*client, request);
    case pb::Request::kDoctor: return doctor(*client, request);
    case pb::Request::kCaptureStart:
    case pb::Request::kCaptureStop:
    case pb::Request::kCaptureShow:
    case pb::Request::kCaptureSave: return capture(*client, request);
    case pb::Request::kInterfaceAttach:
    case pb::Request::kInterfaceDetach:
    case pb::Request::kInterfaceList:
    case pb::Request::kInterfaceApply: return handle_interfaces(client, request);
    case pb::Request::kTypeApply: return apply_types(*client, request);
    case pb::Request::KIND_NOT_SET: break;
  }
  reject(*client, request.id(), pb::UNSUPPORTED,
         fmt::format("This evbd {} does not know the request.", kVersion));
}

void Service::forget(const ClientLink* client) { waits_.forget(client); }

void Service::show_agent(ClientLink& client, const pb::Request& request) {
  pb::ServerMessage message;
  auto& agent = *begin(message, request).mutable_agent();
  agent.set_version(std::string(kVersion));
  agent.set_pid(static_cast<std::uint32_t>(getpid()));
  to_pb(ports_.wall_clock(started_), *agent.mutable_started());
  agent.set_uptime_us(static_cast<std::uint64_t>((ports_.now() - started_).count()));
  std::size_t vsis = 0;
  const auto ports = ports_.list();
  for (const auto& port : ports) {
    if (const auto* const core = ports_.core(port.name)) vsis += core->vsi_count();
  }
  agent.set_ports(static_cast<std::uint32_t>(ports.size()));
  agent.set_vsis(static_cast<std::uint32_t>(vsis));
  const auto known = facts ? facts() : AgentFacts{};
  agent.set_connections(static_cast<std::uint32_t>(known.connections));
  agent.set_watchers(static_cast<std::uint32_t>(known.watchers));
  agent.set_max_connections(static_cast<std::uint32_t>(known.max_connections));
  agent.set_max_message(known.max_message);
  agent.set_last_event(log_.last());
  agent.set_epoch(epoch_);
  agent.set_may_change(client.may_change);
  if (reports_.host().profiles) {
    report(reports_.host().profiles(), ports_.wall_clock(ports_.now()), *agent.mutable_profiles());
  }
  client.send(message);
}

bool Service::port_exists(ClientLink& client, std::uint32_t request, const std::string& port) {
  if (port.empty() || ports_.core(port) != nullptr) return true;
  reject(client, request, pb::NOT_FOUND,
         fmt::format("There is no port '{}'.", lldp::to_printable(port)));
  return false;
}

void Service::list_ports(ClientLink& client, const pb::Request& request) {
  const auto& name = request.port_list().port();
  if (!port_exists(client, request.id(), name)) return;
  pb::ServerMessage message;
  auto& ports = *begin(message, request).mutable_ports();
  if (name.empty()) {
    reports_.all_ports(ports);
  } else if (!reports_.port(name, *ports.add_ports())) {
    ports.clear_ports();
  }
  client.send(message);
}

void Service::list_neighbors(ClientLink& client, const pb::Request& request) {
  const auto& name = request.neighbor_list().port();
  if (!port_exists(client, request.id(), name)) return;
  pb::ServerMessage message;
  reports_.neighbors(name, *begin(message, request).mutable_neighbors());
  client.send(message);
}

bool Service::may_stream(ClientLink& client, std::uint32_t request) {
  if (client.streams() < kMaxStreams) return true;
  reject(client, request, pb::OVERLOADED,
         fmt::format("This connection has {} lists and watches under way, which is the limit.",
                     kMaxStreams));
  return false;
}

void Service::list_vsis(ClientLink& client, const pb::Request& request) {
  const auto& asked = request.vsi_list();
  if (!port_exists(client, request.id(), asked.port()) || !may_stream(client, request.id())) return;
  client.add(std::make_unique<VsiListStream>(
      request.id(), reports_, reports_.select({asked.port(), bare_id(asked.id_prefix())})));
}

void Service::doctor(ClientLink& client, const pb::Request& request) {
  pb::ServerMessage message;
  auto& findings = *begin(message, request).mutable_findings();
  const auto& look = reports_.host().doctor;
  for (const auto& finding : look ? look() : std::vector<Finding>()) {
    auto& added = *findings.add_findings();
    added.set_subject(lldp::to_printable(finding.subject));
    added.set_sentence(lldp::to_printable(finding.sentence));
    added.set_todo(lldp::to_printable(finding.todo));
  }
  client.send(message);
}

void Service::watch(ClientLink& client, const pb::Request& request) {
  const auto& asked = request.watch();
  if (!port_exists(client, request.id(), asked.port()) || !may_stream(client, request.id())) return;
  std::uint64_t after = log_.last();
  if (asked.has_resume()) {
    // Numbers of an earlier run of evbd mean nothing now: everything of this run is new.
    after = asked.epoch() == epoch_ ? std::min(asked.resume(), log_.last()) : 0;
  }
  pb::ServerMessage message;
  auto& watching = *begin(message, request).mutable_watching();
  watching.set_epoch(epoch_);
  watching.set_sequence(after);
  client.send(message);
  client.add(std::make_unique<WatchStream>(request, reports_, log_, after));
}

void Service::port_outputs(std::string_view port, std::span<const vdp::Output> outputs) {
  const auto now = ports_.now();
  const auto last = log_.last();
  for (const auto& output : outputs) take(port, now, output);
  if (log_.last() != last && on_work) on_work();
}

void Service::take(std::string_view port, base::Instant now, const vdp::Output& output) {
  std::visit(base::Overload{
                 [&](const vdp::VsiChanged& change) {
                   log_.append({now, std::string(port), change});
                   past_.changed(port, change);
                   waits_.changed(port, change);
                   if (change.gone) askers_.forget({std::string(port), change.id});
                 },
                 [&](const vdp::RequestRefused& refusal) {
                   waits_.refused(port, refusal);
                   const auto* const core = ports_.core(port);
                   if (core != nullptr && !core->holds(refusal.id)) {
                     askers_.forget({std::string(port), refusal.id});
                   }
                 },
                 [&](const vdp::EvbChanged& change) {
                   log_.append({now, std::string(port), change});
                 },
                 [&](const vdp::SChannelsChanged& change) {
                   log_.append({now, std::string(port), change});
                 },
                 [&](const vdp::NeighborsChanged& change) {
                   log_.append({now, std::string(port), change});
                 },
                 [](const auto&) {},
             },
             output);
}

void Service::port_changed(std::string_view port) {
  log_.append({ports_.now(), std::string(port), PortChanged{}});
  if (on_work) on_work();
}

void Service::type_changed(std::string_view port, const TypeStanding& standing) {
  log_.append({ports_.now(), std::string(port), standing});
  if (on_work) on_work();
}

}  // namespace agent::api
