// SPDX-License-Identifier: Apache-2.0
// The requests that change something.
#include <fmt/format.h>

#include "agent/api/service.hpp"
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
        fmt::format(
            "{}: there is no VSI {}{}.", where, vdp::to_string(*id),
            name.port().empty() ? std::string() : " on port " + lldp::to_printable(name.port()))});
  }
  return tl::unexpected(
      Rejection{pb::INVALID, fmt::format("{}.port: VSI {} is on the ports {}; name one of them.",
                                         where, vdp::to_string(*id), fmt::join(found, " and "))});
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

}  // namespace agent::api
