// SPDX-License-Identifier: Apache-2.0
// What the interface gets: addresses, network parameters, association.
#include <algorithm>

#include "agent/api/validate.hpp"
#include "agent/interface/doubts.hpp"
#include "agent/interface/planner.hpp"
#include "lldp/printable.hpp"

namespace agent::interface {
namespace {

constexpr std::uint32_t kLeastMtu = 68;  // RFC 791; less is no IPv4 link
constexpr std::uint64_t kMegabit = 1'000'000;

/// Of QEMU's and libvirt's block, so that it reads as a guest's.
lldp::MacAddress random_mac() {
  const auto octets = random_octets();
  return {{0x52, 0x54, 0x00, octets[0], octets[1], octets[2]}};
}

std::string random_id() {
  vdp::VsiId id;
  id.octets = random_octets();
  id.octets[6] = static_cast<std::uint8_t>((id.octets[6] & 0x0FU) | 0x40U);
  id.octets[8] = static_cast<std::uint8_t>((id.octets[8] & 0x3FU) | 0x80U);
  return vdp::to_string(id);
}

}  // namespace

Checked Planner::address() {
  auto mac = wanted().mac().empty() ? random_mac() : lldp::MacAddress{};
  if (!wanted().mac().empty()) {
    const auto parsed = lldp::parse_mac_address(wanted().mac());
    if (!parsed || parsed->is_group() || *parsed == lldp::MacAddress{}) {
      return refused(pb::INVALID, "mac: '{}' is no station's MAC address (six hexadecimal octets)",
                     lldp::to_printable(wanted().mac()));
    }
    mac = *parsed;
  }
  wanted().set_mac(lldp::to_string(mac));
  const auto& allowed = parameters_.macs();
  if (!allowed.empty() && std::ranges::find(allowed, wanted().mac()) == allowed.end()) {
    return refused(pb::REFUSED, "mac: port profile '{}' does not list {}", wanted().profile(),
                   wanted().mac());
  }
  const auto* const link = lower();
  const auto others = siblings();
  const auto same =
      std::ranges::find_if(others, [&](const auto& other) { return other.address == mac; });
  if (same != others.end()) {
    return refused(pb::REFUSED, "mac: {} on {} has the address {} already", same->name, lower_,
                   wanted().mac());
  }
  if (link != nullptr && link->address == mac && !passthrough()) {
    return refused(pb::REFUSED, "mac: {} is the address of {} itself", wanted().mac(), lower_);
  }
  if (!passthrough()) return {};
  const auto* const owner = link != nullptr ? link : find(situation_.links, physical_);
  if (owner->address == mac) return {};
  auto& change = *step().mutable_lower_address();
  change.set_device(lower_);
  change.set_mac(wanted().mac());
  change.set_before(lldp::to_string(owner->address));
  return {};
}

Checked Planner::mtu() {
  if (!parameters_.has_mtu()) return {};
  const auto* const link = lower() != nullptr ? lower() : find(situation_.links, physical_);
  if (parameters_.mtu() < kLeastMtu || parameters_.mtu() > link->mtu) {
    return refused(pb::REFUSED, "mtu: port profile '{}' wants {}, and {} takes {} to {}",
                   wanted().profile(), parameters_.mtu(), link->name, kLeastMtu, link->mtu);
  }
  return {};
}

Checked Planner::relay_required() {
  if (parameters_.require_relay()) wanted().set_require_relay(true);
  if (!wanted().require_relay() || wanted().mode() != pb::MODE_VEPA) return {};
  const auto now = relay(situation_.ports, wanted().device());
  const bool later = now == Relay::kNoBridge && (wanted().has_vsi() || parameters_.has_vsi());
  if (now == Relay::kGranted || later) return {};
  return refused(pb::REFUSED, "mode: {}; reflective relay is required",
                 *relay_doubt(situation_.ports, wanted().device()));
}

Checked Planner::function() {
  if (!function_ || !passthrough() || !has_profile_) return {};
  const auto rate = parameters_.transmit().bits_per_second();
  vf_has_rate_ = rate > 0;
  if (!vf_has_rate_ && !vf_has_vlan_) return {};
  if (vf_has_rate_ && rate < kMegabit) {
    return refused(pb::REFUSED,
                   "transmit: {} is a virtual function, which is limited in whole Mbit/s", lower_);
  }
  const auto before = situation_.kernel.vf(*function_);
  if (!before) return refused(pb::REFUSED, "vlan, transmit: {}", before.error());
  auto& change = *step().mutable_virtual_function();
  change.set_physical(function_->physical);
  change.set_number(function_->number);
  *change.mutable_before() = *before;
  *change.mutable_wanted() = *before;
  auto& settings = *change.mutable_wanted();
  if (vf_has_vlan_) {
    settings.set_vlan(parameters_.untagged());
    settings.set_priority(parameters_.default_priority());
  }
  if (vf_has_rate_) settings.set_max_tx_rate(static_cast<std::uint32_t>(rate / kMegabit));
  const auto able = situation_.kernel.check_vf(*function_, *before, settings);
  return able ? Checked() : refused(pb::REFUSED, "{}", able.error());
}

Checked Planner::endpoint() {
  auto& made = *step().mutable_endpoint();
  made.set_name(wanted().name());
  made.set_lower(lower_);
  made.set_mac(wanted().mac());
  made.set_mode(wanted().mode());
  made.set_macvlan(wanted().macvlan());
  if (parameters_.has_mtu()) {
    auto& mtu = *step().mutable_mtu();
    mtu.set_device(wanted().name());
    mtu.set_mtu(parameters_.mtu());
  }
  const auto filter =
      filter_for(wanted().name(), wanted().mac(), wanted().mode(),
                 has_profile_ ? std::optional(parameters_) : std::nullopt, siblings());
  if (!is_open(filter)) *step().mutable_filter() = filter;
  return {};
}

Checked Planner::bandwidth() {
  if (parameters_.has_transmit() && !vf_has_rate_) {
    auto& limit = *step().mutable_transmit();
    limit.set_device(wanted().name());
    *limit.mutable_rate() = parameters_.transmit();
  }
  if (parameters_.has_receive()) {
    auto& limit = *step().mutable_receive();
    limit.set_device(wanted().name());
    *limit.mutable_rate() = parameters_.receive();
    limit.set_buffer(buffer_name(wanted().name()));
    if (find(situation_.links, limit.buffer()) != nullptr) {
      return refused(pb::REFUSED,
                     "receive: there is an interface {} already; name this one otherwise",
                     limit.buffer());
    }
  }
  return {};
}

Checked Planner::port_profile() {
  if (wanted().profile().empty() || situation_.kernel.driver(lower_) != "enic") return {};
  auto& associate = *step().mutable_port_profile();
  associate.set_device(lower_);
  associate.set_profile(wanted().profile());
  const auto instance = random_octets();
  associate.set_instance(instance.data(), instance.size());
  associate.set_host(situation_.kernel.host_uuid());
  if (!function_) return {};
  associate.set_physical(function_->physical);
  associate.set_number(function_->number);
  associate.set_mac(wanted().mac());
  return {};
}

/// A VSI type may say in which modes it is delivered. Only the host knows the mode: VDP has no word
/// for it, so the bridge cannot hold anybody to it.
Checked Planner::type_allows(const vdp::VsiRequest& request) const {
  if (!situation_.find_type_modes) return {};
  const auto modes = situation_.find_type_modes(request.manager, request.vsi_type);
  if (!modes) return refused(pb::INTERNAL, "vsi type: {}", modes.error());
  const auto mode = static_cast<profiles::DeliveryMode>(plan_.wanted.mode() - pb::MODE_VEPA);
  if (modes->allows(mode)) return {};
  return refused(pb::REFUSED, "mode: VSI type {} does not allow mode {}",
                 to_string(profiles::TypeName{request.manager, request.vsi_type}),
                 to_string(plan_.wanted.mode()));
}

Checked Planner::association() {
  const bool by_profile = !wanted().has_vsi() && parameters_.has_vsi();
  if (!wanted().has_vsi() && !by_profile) return {};
  // A profile is of use where nobody speaks 802.1Qbg, too.
  if (by_profile && relay(situation_.ports, wanted().device()) == Relay::kNoPort) return {};
  pb::VsiWanted vsi = by_profile ? parameters_.vsi() : wanted().vsi();
  if (vsi.id().empty()) vsi.set_id(random_id());
  const auto given = vsi.filters_size() > 0 && vsi.filters(0).has_vid()
                         ? std::optional(vsi.filters(0).vid())
                         : std::nullopt;
  vsi.clear_filters();
  vsi.set_device(wanted().device());
  auto& filter = *vsi.add_filters();
  filter.set_mac(wanted().mac());
  if (given) filter.set_vid(*given);
  if (parameters_.has_untagged()) filter.set_vid(parameters_.untagged());
  const auto checked =
      api::VsiChecker(situation_.ports).check(vsi, pb::ASSOCIATE, api::FieldPath{"vsi"});
  if (!checked) return refused(checked.error().code, "{}", checked.error().sentence);
  if (auto allowed = type_allows(checked->request); !allowed) return allowed;
  const auto* const core = situation_.ports.core(checked->port);
  if (core->vsi(checked->request.id)) {
    return refused(pb::REFUSED, "vsi.id: VSI {} is on port {} already", vsi.id(), checked->port);
  }
  auto& associate = *step().mutable_association();
  associate.set_port(checked->port);
  *associate.mutable_vsi() = vsi;
  return {};
}

}  // namespace agent::interface
