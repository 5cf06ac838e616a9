// SPDX-License-Identifier: Apache-2.0
// The requests that change something.
#include <fmt/format.h>

#include <map>

#include "agent/api/profile_messages.hpp"
#include "agent/api/service.hpp"
#include "agent/api/streams.hpp"
#include "lldp/printable.hpp"

namespace agent::api {

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
  std::map<std::string, std::vector<vdp::Input>, std::less<>> wanted;  // by port
  std::vector<VsiKey> keys;
  keys.reserve(static_cast<std::size_t>(asked.vsis_size()));
  for (int i = 0; i < asked.vsis_size(); ++i) {
    auto vsi = checker.check(asked.vsis(i), asked.type(), FieldPath{"vsis", i});
    if (!vsi) return reject(*client, request.id(), vsi.error().code, vsi.error().sentence);
    keys.push_back(VsiKey{vsi->port, vsi->request.id});
    wanted[vsi->port].emplace_back(vdp::AssociateRequested{std::move(vsi->request)});
  }
  const auto asker = std::make_shared<const Askers::Asker>(
      Askers::Asker{client->program, client->peer, ports_.wall_clock(ports_.now())});
  for (const auto& key : keys) askers_.note(key, asker);
  const auto type = static_cast<vdp::AssociationType>(asked.type());
  auto& batch = waits_.open(client, request.id(), type, std::move(keys));
  const auto* const mine = &batch;
  for (const auto& [port, inputs] : wanted) ports_.feed_all(port, inputs);
  if (waits_.is_open(mine)) finish(batch, asked.wait(), asked.wait_limit_ms());
}

Checked<VsiKey> Service::find(const pb::VsiName& name, const FieldPath& where) const {
  const auto id = check_id(name.id_format(), name.id(), where);
  if (!id) return tl::unexpected(id.error());
  std::vector<std::string> found;
  const auto look_at = [&](const std::string& port) {
    const auto* const core = ports_.core(port);
    if (core != nullptr && core->holds(*id)) found.push_back(port);
  };
  if (name.port().empty()) {
    for (const auto& info : ports_.list()) look_at(info.name);
  } else {
    look_at(name.port());
  }
  if (found.size() == 1) return VsiKey{found.front(), *id};
  if (found.empty()) {
    return tl::unexpected(Rejection{
        pb::NOT_FOUND,
        fmt::format(
            "{}: there is no VSI {}{}.", where.text(), vdp::to_string(*id),
            name.port().empty() ? std::string() : " on port " + lldp::to_printable(name.port()))});
  }
  return tl::unexpected(Rejection{
      pb::INVALID, fmt::format("{}.port: VSI {} is on the ports {}; name one of them.",
                               where.text(), vdp::to_string(*id), fmt::join(found, " and "))});
}

void Service::deassociate(const std::shared_ptr<ClientLink>& client, const pb::Request& request) {
  const auto& asked = request.vsi_deassociate();
  if (!may_start(*client, request.id(), asked.vsis_size())) return;
  std::vector<VsiKey> keys;
  keys.reserve(static_cast<std::size_t>(asked.vsis_size()));
  for (int i = 0; i < asked.vsis_size(); ++i) {
    auto key = find(asked.vsis(i), FieldPath{"vsis", i});
    if (!key) return reject(*client, request.id(), key.error().code, key.error().sentence);
    keys.push_back(std::move(*key));
  }
  const vdp::MigrationHint hint{asked.migration().to_here(), asked.migration().from_here()};
  std::map<std::string, std::vector<vdp::Input>, std::less<>> inputs;  // by port
  for (const auto& key : keys) {
    const bool bridge = ports_.core(key.port)->config().evb.role == lldp::EvbRole::kBridge;
    auto& ends = inputs[key.port];
    if (bridge) {
      ends.emplace_back(vdp::BridgeDeassociated{key.id});
    } else {
      ends.emplace_back(vdp::DeassociateRequested{key.id, hint});
    }
  }
  auto& batch =
      waits_.open(client, request.id(), vdp::AssociationType::kDeAssociate, std::move(keys));
  const auto* const mine = &batch;
  for (const auto& [port, ends] : inputs) ports_.feed_all(port, ends);
  if (waits_.is_open(mine)) finish(batch, asked.wait(), asked.wait_limit_ms());
}

void Service::apply_types(ClientLink& client, const pb::Request& request) {
  // What it is about is not counted: VSIs, not the types that the request names.
  if (!may_start(client, request.id(), 1) || !may_stream(client, request.id())) return;
  TypeSelection which;
  const auto& types = request.type_apply().types();
  for (int i = 0; i < types.size(); ++i) {
    auto type = check_type(types[i], FieldPath{"types", i});
    if (!type) return reject(client, request.id(), type.error().code, type.error().sentence);
    which.types.push_back(*type);
  }
  client.add(std::make_unique<TypeResultStream>(
      request.id(), ports_.apply_types(which, request.type_apply().deassociate())));
}

void Service::finish(Waits::Batch& batch, pb::Wait wait, std::uint32_t limit_ms) {
  if (wait != pb::FIRST_ANSWER) return waits_.accept_rest(batch);
  if (limit_ms == 0) return;
  waits_.limit(batch, ports_.now() + std::chrono::milliseconds(limit_ms));
  if (on_work) on_work();
}

}  // namespace agent::api
