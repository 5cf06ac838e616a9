// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/port_profiles.hpp"

#include "profiles/store.hpp"

namespace agent {
namespace {

using interface::pb::InterfaceMode;

/// The loop must not hang on a writer: a lookup that has to wait longer is refused.
constexpr std::chrono::milliseconds kPatience{200};

constexpr std::pair<profiles::DeliveryMode, InterfaceMode> kModes[] = {
    {profiles::DeliveryMode::kVepa, InterfaceMode::MODE_VEPA},
    {profiles::DeliveryMode::kBridge, InterfaceMode::MODE_BRIDGE},
    {profiles::DeliveryMode::kPrivate, InterfaceMode::MODE_PRIVATE},
    {profiles::DeliveryMode::kPassthrough, InterfaceMode::MODE_PASSTHROUGH},
};

void copy(const profiles::Rate& rate, interface::journal::Rate& to) {
  to.set_bits_per_second(rate.bits_per_second);
  to.set_burst_octets(rate.burst());
}

}  // namespace

interface::journal::Parameters interface_parameters(const profiles::PortProfile& profile) {
  const auto& from = profile.parameters;
  interface::journal::Parameters to;
  if (from.untagged) to.set_untagged(*from.untagged);
  to.mutable_tagged()->Add(from.tagged.begin(), from.tagged.end());
  to.set_any_vlan(from.any_vlan);
  if (from.default_priority) to.set_default_priority(*from.default_priority);
  if (from.mtu) to.set_mtu(*from.mtu);
  if (from.transmit) copy(*from.transmit, *to.mutable_transmit());
  if (from.receive) copy(*from.receive, *to.mutable_receive());
  to.set_own_mac_only(from.mac_policy == profiles::MacPolicy::kOwn);
  for (const auto& mac : from.macs) to.add_macs(lldp::to_string(mac));
  for (const auto& [mode, as] : kModes) {
    if (from.modes.contains(mode)) to.add_modes(as);
  }
  to.set_require_relay(profile.require_relay);
  if (from.max_instances) to.set_max_instances(*from.max_instances);
  if (profile.vsi_type) {
    auto& vsi = *to.mutable_vsi();
    const auto manager = profile.vsi_type->manager.value_or(vdp::ManagerId{});
    vsi.mutable_manager()->set_octets(manager.octets.data(), manager.octets.size());
    vsi.set_type_id(profile.vsi_type->type.id);
    vsi.set_type_version(profile.vsi_type->type.version);
  }
  return to;
}

decltype(interface::Surroundings::find_profile) profiles_of(std::string database) {
  using Found = tl::expected<std::optional<interface::journal::Parameters>, std::string>;
  return [path = std::move(database)](const std::string& name) -> Found {
    auto store = profiles::Store::open(path, profiles::Access::kRead, kPatience);
    if (!store && store.error().kind == profiles::StoreError::Kind::kMissing) return std::nullopt;
    if (!store) return tl::unexpected(store.error().text);
    const auto profile = store->find_profile(name);
    if (!profile) return tl::unexpected(profile.error().text);
    if (!*profile) return std::nullopt;
    return interface_parameters(**profile);
  };
}

interface::FindTypeModes type_modes_of(std::string database) {
  using Found = tl::expected<profiles::DeliveryModes, std::string>;
  return [path = std::move(database)](const vdp::ManagerId& manager, vdp::VsiType type) -> Found {
    auto store = profiles::Store::open(path, profiles::Access::kRead, kPatience);
    if (!store && store.error().kind == profiles::StoreError::Kind::kMissing) return {};
    if (!store) return tl::unexpected(store.error().text);
    const auto found = store->find_type(manager, type);
    if (!found) return tl::unexpected(found.error().text);
    return *found ? (*found)->modes : profiles::DeliveryModes();
  };
}

}  // namespace agent
