// SPDX-License-Identifier: Apache-2.0
// What each step does, and how it is undone.
#include <fmt/format.h>

#include <algorithm>

#include "agent/api/convert.hpp"
#include "agent/api/explain.hpp"
#include "agent/api/validate.hpp"
#include "agent/interface/doubts.hpp"
#include "agent/interface/interface.hpp"

namespace agent::interface {
namespace {

using Taken = tl::expected<void, Refusal>;

Taken refused(pb::Code code, std::string sentence) {
  return tl::unexpected(Refusal{code, std::move(sentence)});
}

Taken as_refusal(const Done& done) { return done ? Taken() : refused(pb::REFUSED, done.error()); }

lldp::MacAddress mac_of(const std::string& text) {
  return lldp::parse_mac_address(text).value_or(lldp::MacAddress{});
}

VfPlace place_of(const journal::VirtualFunction& step) { return {step.physical(), step.number()}; }

}  // namespace

tl::expected<void, Refusal> Interfaces::take(Interface& interface, const journal::Step& step) {
  switch (step.kind_case()) {
    case journal::Step::kVlanDevice: return as_refusal(kernel_.add_vlan(step.vlan_device()));
    case journal::Step::kBridgeVlan: return as_refusal(kernel_.set_bridge_vlan(step.bridge_vlan()));
    case journal::Step::kLowerAddress:
      return as_refusal(
          kernel_.set_address(step.lower_address().device(), mac_of(step.lower_address().mac())));
    case journal::Step::kVirtualFunction:
      return as_refusal(kernel_.set_vf(place_of(step.virtual_function()),
                                       step.virtual_function().before(),
                                       step.virtual_function().wanted()));
    case journal::Step::kEndpoint: return as_refusal(kernel_.add_endpoint(step.endpoint()));
    case journal::Step::kMtu:
      return as_refusal(kernel_.set_mtu(step.mtu().device(), step.mtu().mtu()));
    case journal::Step::kFilter: return as_refusal(take_filter(interface, step.filter()));
    case journal::Step::kTransmit: return as_refusal(kernel_.transmit(step.transmit()));
    case journal::Step::kReceive: return as_refusal(kernel_.receive(step.receive()));
    case journal::Step::kPortProfile: {
      const auto done = kernel_.port_profile(step.port_profile(), true);
      if (!done) return as_refusal(done);
      interface.waiting = Interface::Waiting::kPortProfile;
      interface.wait_until = ports_.now() + kPortProfilePoll;
      return {};
    }
    case journal::Step::kAssociation: return associate(interface, step.association());
    case journal::Step::kUp: return take_up(interface, step.up());
    case journal::Step::KIND_NOT_SET: break;
  }
  return {};
}

/// Without a profile the filter only closes what mode private leaves open, where it can be closed;
/// otherwise it is a parameter like the others.
Done Interfaces::take_filter(Interface& interface, const journal::Filter& step) {
  auto done = kernel_.filter(step);
  interface.filter_trouble = done ? std::string() : done.error();
  if (done) interface.filter = step;
  if (!done && step.sources().empty() && step.all_vlans()) return {};
  return done;
}

tl::expected<void, Refusal> Interfaces::associate(Interface& interface,
                                                  const journal::Association& step) {
  auto checked = api::VsiChecker(ports_).check(step.vsi(), pb::ASSOCIATE, api::FieldPath{"vsi"});
  if (!checked) return refused(checked.error().code, checked.error().sentence);
  interface.waiting = Interface::Waiting::kAssociation;
  interface.vsi = checked->request.id;
  interface.port = checked->port;
  interface.wait_until = ports_.now() + kAttachLimit;
  ports_.feed(checked->port, vdp::AssociateRequested{std::move(checked->request)});
  return {};
}

tl::expected<void, Refusal> Interfaces::take_up(Interface& interface, const journal::Up& step) {
  const auto& wanted = interface.entry.wanted();
  if (wanted.require_relay() && wanted.mode() == pb::MODE_VEPA) {
    if (const auto doubt = relay_doubt(ports_, wanted.device())) {
      return refused(pb::REFUSED, fmt::format("mode: {}; reflective relay is required", *doubt));
    }
  }
  return as_refusal(kernel_.set_up(step.device(), true));
}

Done Interfaces::undo(Interface& interface, const journal::Step& step) {
  switch (step.kind_case()) {
    case journal::Step::kUp: return kernel_.set_up(step.up().device(), false);
    case journal::Step::kAssociation: return release(interface, step.association());
    case journal::Step::kPortProfile: return kernel_.port_profile(step.port_profile(), false);
    case journal::Step::kReceive: {
      auto none = step.receive();
      none.clear_rate();
      return kernel_.receive(none);
    }
    case journal::Step::kEndpoint: return undo_endpoint(step.endpoint());
    case journal::Step::kVirtualFunction: {
      const auto& function = step.virtual_function();
      const auto now = kernel_.vf(place_of(function));
      return now ? kernel_.set_vf(place_of(function), *now, function.before()) : Done();
    }
    case journal::Step::kBridgeVlan:
      return shared_vlan(step.bridge_vlan().port(), step.bridge_vlan().vid(), interface.name())
                 ? Done()
                 : kernel_.restore_bridge_vlan(step.bridge_vlan());
    case journal::Step::kLowerAddress: return undo_address(step.lower_address());
    case journal::Step::kVlanDevice: return undo_vlan(interface, step.vlan_device());
    default: return {};  // what is part of the endpoint goes with it
  }
}

/// Only what is as it was made: after a kill another one may have the name by now.
Done Interfaces::undo_endpoint(const journal::Endpoint& step) {
  const auto links = kernel_.links();
  const auto* const link = find(links, step.name());
  const auto* const lower = find(links, step.lower());
  const bool ours = link != nullptr && mode_of(*link) == step.mode() &&
                    (lower == nullptr || link->lower == lower->index);
  return ours ? kernel_.remove(step.name()) : Done();
}

Done Interfaces::undo_address(const journal::LowerAddress& step) {
  const auto links = kernel_.links();
  const auto* const link = find(links, step.device());
  if (link == nullptr || link->address != mac_of(step.mac())) return {};
  return kernel_.set_address(step.device(), mac_of(step.before()));
}

const journal::BridgeVlan* Interfaces::shared_vlan(const std::string& port, std::uint32_t vid,
                                                   const std::string& except) const {
  for (const auto& [name, interface] : interfaces_) {
    if (name == except) continue;
    for (const auto& step : interface->entry.steps()) {
      const auto& vlan = step.bridge_vlan();
      if (step.has_bridge_vlan() && vlan.port() == port && vlan.vid() == vid) return &vlan;
    }
  }
  return nullptr;
}

/// Others may stand on it by now: then it is theirs to remove, or nobody's.
Done Interfaces::undo_vlan(Interface& interface, const journal::VlanDevice& step) {
  const auto links = kernel_.links();
  const auto* const link = find(links, step.name());
  if (link == nullptr || link->kind != "vlan" || link->vid != step.vid()) return {};
  for (auto& [name, other] : interfaces_) {
    const auto* const endpoint = other->endpoint();
    if (other.get() == &interface || endpoint == nullptr || endpoint->lower() != step.name()) {
      continue;
    }
    auto& steps = *other->entry.mutable_steps();
    *steps.Add()->mutable_vlan_device() = step;
    std::rotate(steps.pointer_begin(), steps.pointer_end() - 1, steps.pointer_end());
    auto without = interface.entry;
    without.mutable_steps()->RemoveLast();
    return file_.write({&other->entry, &without});
  }
  const bool used = std::ranges::any_of(links, [&](const auto& each) {
    return each.lower == link->index && each.index != link->index;
  });
  if (used || !kernel_.host_use(link->index).empty()) {
    log(fmt::format("{} stays, as it is used by others by now", step.name()));
    return {};
  }
  return kernel_.remove(step.name());
}

/// The bridge has to hear of the end. What an earlier run asked for may be on its way again, or be
/// known to the bridge alone: it is confirmed first.
Done Interfaces::release(Interface& interface, const journal::Association& step) {
  auto checked = api::VsiChecker(ports_).check(step.vsi(), pb::ASSOCIATE, api::FieldPath{"vsi"});
  const auto* const core = checked ? ports_.core(checked->port) : nullptr;
  if (core == nullptr) return {};  // the port is not configured any more
  interface.vsi = checked->request.id;
  interface.port = checked->port;
  const auto report = core->vsi(interface.vsi);
  const bool stands = report && report->state == vdp::VsiState::kAssociated;
  if (interface.of_earlier_run && !stands) {
    interface.waiting = Interface::Waiting::kConfirmation;
    interface.wait_until = ports_.now() + kEndingWait;
    if (!report) ports_.feed(interface.port, vdp::AssociateRequested{std::move(checked->request)});
    return {};
  }
  if (report) end_association(interface);
  return {};
}

void Interfaces::end_association(Interface& interface) {
  interface.waiting = Interface::Waiting::kRelease;
  interface.wait_until = ports_.now() + kReleaseLimit;
  interface.of_earlier_run = false;
  ports_.feed(interface.port, vdp::DeassociateRequested{interface.vsi, {}});
}

/// An output about the VSI that is waited for.
void Interfaces::heard(Interface& interface, const vdp::Output& output) {
  using Waiting = Interface::Waiting;
  const auto* const changed = std::get_if<vdp::VsiChanged>(&output);
  const auto* const refusal = std::get_if<vdp::RequestRefused>(&output);
  if (changed == nullptr && refusal == nullptr) return;
  if (interface.waiting == Waiting::kNothing || interface.waiting == Waiting::kPortProfile) return;
  if ((changed != nullptr ? changed->id : refusal->id) != interface.vsi) return;
  const bool confirmed = changed != nullptr && changed->cause == vdp::VsiCause::kConfirmed;
  const bool ended = refusal != nullptr || changed->gone;
  const bool failed = ended || changed->failure.has_value();
  if (interface.waiting == Waiting::kRelease) {
    if (ended) undone(interface);
  } else if (interface.waiting == Waiting::kConfirmation) {
    if (ended) return undone(interface);
    if (confirmed || failed) end_association(interface);
  } else if (confirmed && changed->state == vdp::VsiState::kAssociated) {
    interface.waiting = Waiting::kNothing;
    advance_soon_.push_back(interface.name());
  } else if (failed) {
    not_granted(interface, output);
  }
}

void Interfaces::not_granted(Interface& interface, const vdp::Output& output) {
  pb::Failure failure;
  const api::ReportContext context{interface.port, ports_, ports_.now()};
  if (const auto* const refusal = std::get_if<vdp::RequestRefused>(&output)) {
    api::to_pb(refusal->refusal, context, failure);
  } else if (const auto& why = std::get<vdp::VsiChanged>(output).failure) {
    api::to_pb(*why, context, failure);
  }
  interface.waiting = Interface::Waiting::kNothing;
  const auto sentence =
      fmt::format("the association was not granted: {}", api::failure_sentence(failure));
  for (const auto& batch : std::vector<Shared>(interface.batches)) {
    fail(batch, interface.name(), {pb::REFUSED, sentence});
  }
}

}  // namespace agent::interface
