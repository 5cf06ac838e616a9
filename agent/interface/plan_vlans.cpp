// SPDX-License-Identifier: Apache-2.0
// How the guest's frames come into the profile's VLANs: by a VLAN device, a virtual function, or a
// bridge that filters VLANs.
#include <linux/if_bridge.h>

#include <algorithm>

#include "agent/interface/planner.hpp"

namespace agent::interface {
namespace {

std::optional<std::uint16_t> pvid_of(const BridgeVlans& vlans) {
  for (const auto& [vid, flags] : vlans) {
    if ((flags & BRIDGE_VLAN_INFO_PVID) != 0) return vid;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::uint32_t> bridge_vids(const journal::Parameters& parameters,
                                       const net::Link& lower) {
  if (!is_vlan(lower)) return {parameters.tagged().begin(), parameters.tagged().end()};
  if (!parameters.has_untagged()) return {};
  return {parameters.untagged()};
}

const net::Link& Planner::ground() const {
  const auto* const link = lower();
  if (link == nullptr) return *find(situation_.links, physical_);
  const auto* const below = is_vlan(*link) ? find(situation_.links, link->lower) : nullptr;
  return below == nullptr ? *link : *below;
}

Checked Planner::vlan() {
  if (lower() != nullptr) function_ = situation_.kernel.vf_place(lower_);
  if (parameters_.has_untagged()) {
    if (auto done = untagged_vlan(); !done) return done;
  }
  return priority();
}

Checked Planner::untagged_vlan() {
  const auto* const link = lower();
  const auto vid = parameters_.untagged();
  const auto given = link == nullptr  ? std::optional(split_vlan_name(lower_)->vid)
                     : is_vlan(*link) ? std::optional<std::uint32_t>(link->vid)
                                      : std::nullopt;
  if (given == vid) return {};
  if (given) {
    return refused(pb::REFUSED,
                   "vlan: port profile '{}' puts the guest into VLAN {}, but {} is on VLAN {}",
                   wanted().profile(), vid, lower_, *given);
  }
  const auto* const end = bridge_end(situation_.links, *link);
  const auto now = end != nullptr ? situation_.kernel.bridge_vlans(end->name) : std::nullopt;
  const bool also_tagged = !parameters_.tagged().empty() || parameters_.any_vlan();
  if (now && (also_tagged || pvid_of(*now) == vid)) {
    bridge_untags_ = true;
    return {};
  }
  if (also_tagged) {
    return refused(
        pb::REFUSED,
        "vlan: port profile '{}' wants untagged frames in VLAN {} and tagged ones beside "
        "them; {} can give one or the other, a bridge port both",
        wanted().profile(), vid, lower_);
  }
  if (function_ && passthrough()) {
    vf_has_vlan_ = true;
    return {};
  }
  return add_vlan(*link, fmt::format("{}.{}", link->name, vid), vid);
}

/// Of the guest's untagged frames: the PCP of the tag that they get on their way.
Checked Planner::priority() {
  const auto wanted_one = parameters_.default_priority();
  if (!parameters_.has_default_priority() || vf_has_vlan_ || lower() == nullptr) return {};
  if (!is_vlan(*lower())) {
    if (wanted_one == 0) return {};
    return refused(pb::REFUSED,
                   "default_priority: port profile '{}' wants {}, and {} sends the guest's frames "
                   "untagged; a VLAN device or a virtual function would tag them",
                   wanted().profile(), wanted_one, lower_);
  }
  const auto now = situation_.kernel.vlan_priority(lower_);
  if (now == wanted_one) return {};
  return refused(pb::REFUSED,
                 "default_priority: port profile '{}' wants {}, and {}, which is there already, "
                 "gives {}; change that with 'ip link set {} type vlan egress-qos-map 0:{}'",
                 wanted().profile(), wanted_one, lower_, now, lower_, wanted_one);
}

Checked Planner::bridge() {
  if (!has_profile_) return {};
  const auto* const end = bridge_end(situation_.links, ground());
  const auto now = end != nullptr ? situation_.kernel.bridge_vlans(end->name) : std::nullopt;
  if (!now) return {};
  net::Link to_be_made;
  to_be_made.kind = "vlan";
  for (const auto vid : bridge_vids(parameters_, lower() == nullptr ? to_be_made : *lower())) {
    if (auto done = admit(*end, *now, vid, false); !done) return done;
  }
  return bridge_untags_ ? admit(*end, *now, parameters_.untagged(), true) : Checked();
}

Checked Planner::admit(const net::Link& end, const BridgeVlans& now, std::uint32_t vid,
                       bool untagged) {
  const auto* const shared = situation_.shared_vlan(end.name, vid);
  const auto found = now.find(static_cast<std::uint16_t>(vid));
  const bool member = found != now.end();
  const auto pvid = pvid_of(now);
  const bool untags = member && (found->second & BRIDGE_VLAN_INFO_UNTAGGED) != 0;
  if (!untagged && untags) {
    return refused(pb::REFUSED,
                   "vlan: port profile '{}' wants VLAN {} tagged, and the bridge sends it untagged "
                   "at {}",
                   wanted().profile(), vid, end.name);
  }
  if (shared != nullptr && shared->untagged() == untagged) {
    *step().mutable_bridge_vlan() = *shared;
    return {};
  }
  if (member && (!untagged || (pvid == vid && untags))) return {};
  if (auto done = untagged ? alone(ground()) : Checked(); !done) return done;
  auto& order = *step().mutable_bridge_vlan();
  order.set_port(end.name);
  order.set_vid(vid);
  order.set_untagged(untagged);
  order.set_member(member);
  if (member) order.set_flags(found->second);
  if (untagged && pvid && *pvid != vid) {
    order.set_pvid(*pvid);
    order.set_pvid_flags(now.at(*pvid));
  }
  return {};
}

Checked Planner::alone(const net::Link& link) const {
  const auto say = [&](const std::string& who) {
    return refused(pb::REFUSED,
                   "vlan: port profile '{}' wants untagged frames in VLAN {}; {} of {}, for which "
                   "they are in another VLAN",
                   plan_.wanted.profile(), parameters_.untagged(), who, link.name);
  };
  for (const auto& other : situation_.links) {
    if (other.lower == link.index && (other.macvlan_mode != 0 || other.kind == "vlan")) {
      return say(fmt::format("{} makes use", other.name));
    }
  }
  const auto use = situation_.kernel.host_use(link.index);
  return use.empty() ? Checked() : say(fmt::format("the host makes use ({})", use));
}

}  // namespace agent::interface
