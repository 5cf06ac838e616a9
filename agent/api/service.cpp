// SPDX-License-Identifier: Apache-2.0
#include "agent/api/service.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "agent/api/explain.hpp"
#include "agent/api/streams.hpp"
#include "lldp/base/overload.hpp"
#include "lldp/printable.hpp"

namespace agent::api {
namespace {

constexpr std::size_t kMaxProgramName = 64;

void reject(ClientLink& client, std::uint32_t request, pb::Code code, std::string sentence) {
  client.send(status_message(request, code, std::move(sentence)));
}

/// Begins the one Response to a request that succeeded.
pb::Response& begin(pb::ServerMessage& message, const pb::Request& request) {
  auto& response = *message.mutable_response();
  response.set_id(request.id());
  response.mutable_status();
  return response;
}

}  // namespace

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
      epoch_(static_cast<std::uint64_t>(
          ports.wall_clock(started_).time_since_epoch() / std::chrono::microseconds(1))),
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

/// The checks that every change goes through before its VSIs are looked at.
bool Service::may_start(ClientLink& client, std::uint32_t request, int vsis) {
  if (!client.may_change) {
    reject(client, request, pb::PERMISSION_DENIED,
           fmt::format("User {} may look but not change: that needs root or a member of the group "
                       "that evbd's configuration names as admin_group.",
                       client.peer.uid));
  } else if (vsis == 0) {
    reject(client, request, pb::INVALID, "vsis: the request names no VSI.");
  } else if (static_cast<std::size_t>(vsis) > kMaxVsisPerRequest) {
    reject(client, request, pb::INVALID,
           fmt::format("vsis: {} in one request; at most {} are taken.", vsis, kMaxVsisPerRequest));
  } else if (client.in_flight >= kMaxRequestsInFlight) {
    reject(client, request, pb::OVERLOADED,
           fmt::format("{} requests of this connection wait for an answer, which is the limit.",
                       kMaxRequestsInFlight));
  } else {
    return true;
  }
  return false;
}

void Service::associate(const std::shared_ptr<ClientLink>& client, const pb::Request& request) {
  const auto& asked = request.vsi_associate();
  if (!may_start(*client, request.id(), asked.vsis_size())) return;
  if (asked.type() < pb::PRE_ASSOCIATE || asked.type() > pb::ASSOCIATE) {
    return reject(*client, request.id(), pb::INVALID,
                  fmt::format("type: {} is no association type (1, 2 or 3).",
                              static_cast<int>(asked.type())));
  }
  VsiChecker checker(ports_);
  std::vector<CheckedVsi> checked;
  std::vector<VsiKey> keys;
  checked.reserve(static_cast<std::size_t>(asked.vsis_size()));
  keys.reserve(checked.capacity());
  for (int i = 0; i < asked.vsis_size(); ++i) {
    auto vsi = checker.check(asked.vsis(i), asked.type(), fmt::format("vsis[{}]", i));
    if (!vsi) return reject(*client, request.id(), vsi.error().code, vsi.error().sentence);
    keys.push_back(VsiKey{vsi->port, vsi->request.id});
    checked.push_back(std::move(*vsi));
  }
  const auto asker = std::make_shared<const Askers::Asker>(
      Askers::Asker{client->program, client->peer, ports_.wall_clock(ports_.now())});
  for (const auto& key : keys) askers_.note(key, asker);
  auto& batch = waits_.open(client, request.id(), checked.front().request.type, std::move(keys));
  const auto* const mine = &batch;
  for (auto& vsi : checked) {
    ports_.feed(vsi.port, vdp::AssociateRequested{std::move(vsi.request)});
  }
  if (waits_.is_open(mine)) finish(batch, asked.wait(), asked.wait_limit_ms());
}

Checked<VsiKey> Service::find(const pb::VsiName& name, std::string_view where) const {
  const auto id = check_id(name.id_format(), name.id(), where);
  if (!id) return tl::unexpected(id.error());
  std::vector<std::string> found;
  for (const auto& info : ports_.list()) {
    const auto* const core = ports_.core(info.name);
    if (core == nullptr || (!name.port().empty() && name.port() != info.name)) continue;
    if (core->vsi(*id)) found.push_back(info.name);
  }
  if (found.size() == 1) return VsiKey{found.front(), *id};
  if (found.empty()) {
    return tl::unexpected(Rejection{
        pb::NOT_FOUND,
        fmt::format("{}: there is no VSI {}{}.", where, vdp::to_string(*id),
                    name.port().empty() ? std::string()
                                        : " on port " + lldp::to_printable(name.port()))});
  }
  return tl::unexpected(Rejection{
      pb::INVALID, fmt::format("{}.port: VSI {} is on the ports {}; name one of them.", where,
                               vdp::to_string(*id), fmt::join(found, " and "))});
}

void Service::deassociate(const std::shared_ptr<ClientLink>& client, const pb::Request& request) {
  const auto& asked = request.vsi_deassociate();
  if (!may_start(*client, request.id(), asked.vsis_size())) return;
  std::vector<VsiKey> keys;
  keys.reserve(static_cast<std::size_t>(asked.vsis_size()));
  for (int i = 0; i < asked.vsis_size(); ++i) {
    auto key = find(asked.vsis(i), fmt::format("vsis[{}]", i));
    if (!key) return reject(*client, request.id(), key.error().code, key.error().sentence);
    keys.push_back(std::move(*key));
  }
  auto& batch = waits_.open(client, request.id(), vdp::AssociationType::kDeAssociate, keys);
  const auto* const mine = &batch;
  const vdp::MigrationHint hint{asked.migration().to_here(), asked.migration().from_here()};
  for (const auto& key : keys) {
    const bool bridge = ports_.core(key.port)->config().evb.role == lldp::EvbRole::kBridge;
    if (bridge) {
      ports_.feed(key.port, vdp::BridgeDeassociated{key.id});
    } else {
      ports_.feed(key.port, vdp::DeassociateRequested{key.id, hint});
    }
  }
  if (waits_.is_open(mine)) finish(batch, asked.wait(), asked.wait_limit_ms());
}

void Service::finish(Waits::Batch& batch, pb::Wait wait, std::uint32_t limit_ms) {
  if (wait != pb::FIRST_ANSWER) return waits_.accept_rest(batch);
  if (limit_ms == 0) return;
  waits_.limit(batch, ports_.now() + std::chrono::milliseconds(limit_ms));
  if (on_work) on_work();
}

void Service::why(ClientLink& client, const pb::Request& request) {
  const auto key = find(request.vsi_why().vsi(), "vsi");
  if (!key) return reject(client, request.id(), key.error().code, key.error().sentence);
  pb::ServerMessage message;
  auto& explanation = *begin(message, request).mutable_explanation();
  reports_.vsi(*key, *explanation.mutable_vsi());
  for (auto& sentence : explain(explanation.vsi())) explanation.add_sentences(std::move(sentence));
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

void Service::log(std::string_view port, LoggedChange change) {
  log_.append(LoggedEvent{ports_.now(), std::string(port), std::move(change)});
  if (on_work) on_work();
}

void Service::port_output(std::string_view port, const vdp::Output& output) {
  std::visit(base::Overload{
                 [&](const vdp::VsiChanged& change) {
                   log(port, change);
                   waits_.changed(port, change);
                   if (change.gone) askers_.forget({std::string(port), change.id});
                 },
                 [&](const vdp::RequestRefused& refusal) {
                   waits_.refused(port, refusal);
                   const auto* const core = ports_.core(port);
                   if (core != nullptr && !core->vsi(refusal.id)) {
                     askers_.forget({std::string(port), refusal.id});
                   }
                 },
                 [&](const vdp::EvbChanged& change) { log(port, change); },
                 [&](const vdp::NeighborsChanged& change) { log(port, change); },
                 [](const auto&) {},
             },
             output);
}

void Service::port_changed(std::string_view port) { log(port, PortChanged{}); }

}  // namespace agent::api
