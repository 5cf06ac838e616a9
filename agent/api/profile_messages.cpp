// SPDX-License-Identifier: Apache-2.0
#include "agent/api/profile_messages.hpp"

#include <fmt/format.h>

#include "agent/api/convert.hpp"
#include "lldp/printable.hpp"
#include "profiles/document.hpp"
#include "profiles/managers.hpp"
#include "profiles/staleness.hpp"

namespace agent::api {
namespace {

void rate_to_pb(const profiles::Rate& rate, pb::Rate& to) {
  to.set_bits_per_second(rate.bits_per_second);
  to.set_burst_octets(rate.burst_octets);
}

}  // namespace

void to_pb(const profiles::NetworkParameters& from, pb::NetworkParameters& to) {
  to.set_name(lldp::to_printable(from.name));
  if (from.untagged) to.set_untagged(*from.untagged);
  for (const auto vid : from.tagged) to.add_tagged(vid);
  to.set_any_vlan(from.any_vlan);
  if (from.default_vlan) to.set_default_vlan(*from.default_vlan);
  for (const auto& [group, vid] : from.groups) (*to.mutable_groups())[group] = vid;
  if (from.default_priority) to.set_default_priority(*from.default_priority);
  to.set_mac_policy(from.mac_policy == profiles::MacPolicy::kListed ? "listed" : "own");
  for (const auto& mac : from.macs) to.add_macs(lldp::to_string(mac));
  if (from.mtu) to.set_mtu(*from.mtu);
  if (from.transmit) rate_to_pb(*from.transmit, *to.mutable_transmit());
  if (from.receive) rate_to_pb(*from.receive, *to.mutable_receive());
  for (const auto mode : profiles::kDeliveryModes) {
    if (from.modes.contains(mode)) to.add_modes(std::string(to_string(mode)));
  }
  if (from.max_instances) to.set_max_instances(*from.max_instances);
}

void to_pb(const profiles::TypeName& name, pb::TypeName& to) {
  if (name.manager) to.set_manager(profiles::manager_text(*name.manager));
  to.set_id(name.type.id);
  to.set_version(name.type.version);
}

void to_pb(const profiles::PortProfile& profile, pb::PortProfile& to) {
  to.set_name(profile.name);
  to_pb(profile.parameters, *to.mutable_parameters());
  if (profile.vsi_type) to_pb(*profile.vsi_type, *to.mutable_vsi_type());
  to.set_require_relay(profile.require_relay);
}

void to_pb(const profiles::VsiTypeEntry& type, pb::VsiTypeDefinition& to) {
  to_pb(type.name, *to.mutable_name());
  to_pb(type.parameters, *to.mutable_parameters());
}

void to_pb(const profiles::MirrorState& state, std::chrono::system_clock::time_point now,
           pb::Mirror& to) {
  to.set_source(lldp::to_printable(state.source));
  to.set_cluster(lldp::to_printable(state.cluster));
  to.set_revision(state.revision);
  to_pb(state.contact, *to.mutable_last_contact());
  to.set_contact_ago_us((now - state.contact) / std::chrono::microseconds(1));
  to.set_stale(profiles::is_stale(state, now));
  to.set_trouble(lldp::to_printable(state.trouble));
}

void to_pb(const TypeChange& change, pb::TypeChange& to) {
  to.set_gone(change.is_gone());
  if (change.is_gone()) return;
  const profiles::TypeName name{change.manager, change.type};
  auto lines = profiles::line_difference(profiles::write_entry({name, *change.in_force}),
                                         profiles::write_entry({name, *change.now}));
  for (auto& line : lines.before) to.add_in_force(std::move(line));
  for (auto& line : lines.after) to.add_now(std::move(line));
}

void to_pb(const TypeApplied& applied, pb::TypeResult& to) {
  to.set_port(applied.port);
  to.set_id(vdp::to_string(applied.vsi));
  to.set_id_format(to_pb(applied.vsi.format));
  to_pb(profiles::TypeName{applied.change.manager, applied.change.type}, *to.mutable_type());
  to.set_deassociated(applied.outcome == TypeApplied::Outcome::kDeassociated);
  to.set_reason(static_cast<std::uint32_t>(applied.reason));
  auto& status = *to.mutable_status();
  if (applied.outcome == TypeApplied::Outcome::kApplied) return;
  if (applied.outcome == TypeApplied::Outcome::kKept) status.set_code(pb::REFUSED);
  status.set_sentence(fmt::format("{} (reason {}): {}", explain_reason(to.reason()).name,
                                  to.reason(), lldp::to_printable(applied.trouble)));
}

}  // namespace agent::api
