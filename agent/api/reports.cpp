// SPDX-License-Identifier: Apache-2.0
#include "agent/api/reports.hpp"

#include "agent/api/profile_messages.hpp"
#include "lldp/printable.hpp"

namespace agent::api {

bool Reports::vsi(const VsiKey& key, pb::Vsi& to) const {
  const auto* const core = ports_.core(key.port);
  if (core == nullptr) return false;
  const auto report = core->vsi(key.id);
  if (!report) return false;
  to_pb(*report, core->config(), {key.port, ports_, ports_.now()}, to);
  if (const auto* const asker = askers_.find(key)) {
    to.mutable_asked_by()->set_program(asker->program);
    to.mutable_asked_by()->set_uid(asker->peer.uid);
    to.mutable_asked_by()->set_pid(static_cast<std::uint32_t>(asker->peer.pid));
    to_pb(asker->at, *to.mutable_asked_by()->mutable_at());
  } else if (const auto other = host_.asker ? host_.asker(key.port, key.id) : std::nullopt) {
    to.mutable_asked_by()->set_program(other->program);
    to.mutable_asked_by()->set_pid(other->pid);
    to_pb(other->at, *to.mutable_asked_by()->mutable_at());
  }
  if (const auto change = ports_.type_change(key.port, key.id)) {
    to_pb(*change, *to.mutable_type_change());
  }
  if (host_.vm) to.set_vm(lldp::to_printable(host_.vm(*report)));
  return true;
}

bool Reports::port(std::string_view name, pb::Port& to) const {
  for (const auto& info : ports_.list()) {
    if (info.name != name) continue;
    const auto* const core = ports_.core(name);
    if (core == nullptr) return false;
    to_pb(info, *core, to);
    return true;
  }
  return false;
}

void Reports::all_ports(pb::Ports& to) const {
  for (const auto& info : ports_.list()) {
    if (const auto* const core = ports_.core(info.name)) to_pb(info, *core, *to.add_ports());
  }
}

void Reports::neighbors(const std::string& port, pb::Neighbors& to) const {
  for (const auto& info : ports_.list()) {
    if (!port.empty() && port != info.name) continue;
    const auto* const core = ports_.core(info.name);
    if (core == nullptr) continue;
    const ReportContext context{info.name, ports_, ports_.now()};
    for (const auto& neighbor : core->neighbors()) to_pb(neighbor, context, *to.add_neighbors());
  }
}

std::vector<VsiKey> Reports::select(const VsiSelection& selection) const {
  std::vector<VsiKey> keys;
  const auto whole_uuid = vdp::parse_uuid(selection.id_prefix);
  for (const auto& info : ports_.list()) {
    const auto* const core = ports_.core(info.name);
    if (core == nullptr || !selection.port_matches(info.name)) continue;
    if (whole_uuid && core->vsi(*whole_uuid)) {
      keys.push_back(VsiKey{info.name, *whole_uuid});
      continue;
    }
    for (const auto& report : core->vsis()) {
      if (selection.id_matches(report.id)) keys.push_back(VsiKey{info.name, report.id});
    }
  }
  return keys;
}

}  // namespace agent::api
