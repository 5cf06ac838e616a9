// SPDX-License-Identifier: Apache-2.0
// The requests about guests' interfaces, carried out by agent/interface.
#include <fmt/format.h>

#include "agent/api/service.hpp"
#include "agent/interface/interfaces.hpp"
#include "lldp/printable.hpp"

namespace agent::api {

void Service::handle_interfaces(const std::shared_ptr<ClientLink>& client,
                                const pb::Request& request) {
  if (interfaces_ == nullptr) {
    return reject(*client, request.id(), pb::UNSUPPORTED, "This evbd attaches no interfaces.");
  }
  if (request.has_interface_list()) return list_interfaces(*client, request);
  // One of each request is looked at as one thing: the bounds of VSIs hold for interfaces, too.
  if (!may_start(*client, request.id(), 1)) return;
  ++client->in_flight;
  const auto answer = [this, to = std::weak_ptr(client),
                       id = request.id()](const pb::InterfaceResults& results) {
    const auto asker = to.lock();
    if (!asker) return false;
    --asker->in_flight;
    pb::ServerMessage message;
    auto& response = *message.mutable_response();
    response.set_id(id);
    response.mutable_status();
    *response.mutable_interface_results() = results;
    for (auto& result : *response.mutable_interface_results()->mutable_results()) {
      if (!result.has_interface()) continue;
      for (const auto* const entry : interfaces_->entries(result.name())) {
        report_association(*entry, *result.mutable_interface());
      }
    }
    asker->send(message);
    return true;
  };
  if (request.has_interface_attach())
    return interfaces_->attach(request.interface_attach(), answer);
  if (request.has_interface_detach())
    return interfaces_->detach(request.interface_detach(), answer);
  interfaces_->apply(request.interface_apply(), answer);
}

void Service::list_interfaces(ClientLink& client, const pb::Request& request) {
  const auto& name = request.interface_list().name();
  const auto entries = interfaces_->entries(name);
  if (entries.empty() && !name.empty()) {
    return reject(client, request.id(), pb::NOT_FOUND,
                  fmt::format("There is no interface '{}' of evbd.", lldp::to_printable(name)));
  }
  pb::ServerMessage message;
  auto& response = *message.mutable_response();
  response.set_id(request.id());
  response.mutable_status();
  auto& interfaces = *response.mutable_interfaces();
  for (const auto* const entry : entries) {
    auto& interface = *interfaces.add_interfaces();
    interfaces_->report(*entry, interface);
    report_association(*entry, interface);
  }
  client.send(message);
}

void Service::report_association(const ::evbd::journal::Entry& entry, pb::Interface& to) const {
  for (const auto& step : entry.steps()) {
    if (!step.has_association()) continue;
    const auto& vsi = step.association().vsi();
    const auto id = check_id(vsi.id_format(), vsi.id(), FieldPath{"vsi"});
    if (!id) return;
    const auto& port = step.association().port();
    auto& report = *to.mutable_association();
    if (reports_.vsi({port, *id}, report)) continue;
    // It has ended: what is remembered of it is who ended it, and why.
    report.Clear();
    report.set_port(port);
    report.set_id(vsi.id());
    report.set_id_format(vsi.id_format());
    const auto failures = past_.find(port, bare_id(vdp::to_string(*id)));
    if (!failures.empty()) {
      to_pb(failures.front()->failure, {port, ports_, ports_.now()},
            *report.mutable_last_failure());
    }
  }
}

}  // namespace agent::api
