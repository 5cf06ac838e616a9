// SPDX-License-Identifier: Apache-2.0
#include <net/if.h>
#include <sys/random.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "agent/interface/planner.hpp"
#include "agent/net/link_message.hpp"
#include "lldp/printable.hpp"

namespace agent::interface {
namespace {

constexpr std::size_t kLongestName = IFNAMSIZ - 1;
constexpr std::size_t kLongestProfile = 39;  // as in libvirt's XML
constexpr std::ptrdiff_t kNamed = 8;         // of many interfaces, in a sentence

}  // namespace

std::array<std::uint8_t, 16> random_octets() {
  std::array<std::uint8_t, 16> octets{};
  if (getrandom(octets.data(), octets.size(), 0) != 16) std::abort();
  return octets;
}

std::optional<VlanName> split_vlan_name(const std::string& name) {
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  VlanName split{name.substr(0, dot), 0};
  const auto* const end = name.data() + name.size();
  const auto [read, error] = std::from_chars(name.data() + dot + 1, end, split.vid);
  if (error != std::errc() || read != end || split.vid < 1 || split.vid > 4094) return std::nullopt;
  return split;
}

Checked Planner::name() {
  const auto taken = [&](const std::string& name) {
    return find(situation_.links, name) != nullptr || situation_.promised(name);
  };
  if (wanted().name().empty()) {
    unsigned number = 0;
    while (taken(fmt::format("evb{}", number))) ++number;
    wanted().set_name(fmt::format("evb{}", number));
    return {};
  }
  const auto& name = wanted().name();
  const bool good = name.size() <= kLongestName && name != "." && name != ".." &&
                    std::ranges::all_of(name, [](char c) {
                      return c > ' ' && c < 127 && c != '/' && c != ':' && c != '%';
                    });
  if (!good) {
    return refused(pb::INVALID,
                   "name: '{}' is no name for an interface: 1 to {} characters, no '/', ':', '%'",
                   lldp::to_printable(name), kLongestName);
  }
  if (taken(name)) {
    return refused(pb::INVALID, "name: there is an interface {} already; give another name", name);
  }
  return {};
}

Checked Planner::mode() {
  if (wanted().mode() == pb::INTERFACE_MODE_UNSPECIFIED) wanted().set_mode(pb::MODE_VEPA);
  if (!pb::InterfaceMode_IsValid(wanted().mode())) {
    return refused(pb::INVALID, "mode: {} is not 1..4", static_cast<int>(wanted().mode()));
  }
  if (wanted().has_vsi() && !wanted().profile().empty()) {
    return refused(pb::INVALID,
                   "vsi and profile: an interface has one of them, 802.1Qbg or 802.1Qbh");
  }
  if (wanted().profile().size() > kLongestProfile) {
    return refused(pb::INVALID, "profile: {} octets; a port profile's name has at most {}",
                   wanted().profile().size(), kLongestProfile);
  }
  const auto& allowed = parameters_.modes();
  if (!allowed.empty() && std::ranges::find(allowed, wanted().mode()) == allowed.end()) {
    return refused(pb::REFUSED, "mode: port profile '{}' does not allow mode {}",
                   wanted().profile(), to_string(wanted().mode()));
  }
  return {};
}

/// Of this host: what other hosts have attached is not known here.
Checked Planner::instances() {
  const auto& holders = situation_.same_profile;
  if (!parameters_.has_max_instances() || holders.size() < parameters_.max_instances()) return {};
  return refused(
      pb::REFUSED,
      "max_instances: port profile '{}' allows {} at a time, and {} of this host "
      "{} it already; detach one first",
      wanted().profile(),
      parameters_.max_instances() == 1 ? "one interface"
                                       : fmt::format("{} interfaces", parameters_.max_instances()),
      fmt::join(holders.begin(),
                holders.begin() + std::min<std::ptrdiff_t>(std::ssize(holders), kNamed), ", "),
      holders.size() == 1 ? "has" : "have");
}

/// Of an S-channel, whose device evbd sets up and nobody else; empty: it is none, or it works.
std::string Planner::channel_trouble(const std::string& device) const {
  for (const auto& port : situation_.ports.list()) {
    if (port.name == device && !port.uplink.empty()) return port.trouble;
  }
  return {};
}

Checked Planner::usable(const net::Link& link) const {
  if (net::is_guest_device(link)) {
    return refused(pb::INVALID, "device: {} is itself a {}; name the device below it", link.name,
                   link.kind);
  }
  if (link.address == lldp::MacAddress{}) {
    return refused(pb::INVALID, "device: {} has no MAC address; name an Ethernet interface",
                   link.name);
  }
  if (!link.admin_up) {
    if (const auto why = channel_trouble(link.name); !why.empty()) {
      return refused(pb::REFUSED, "device: {}", why);
    }
    return refused(pb::REFUSED, "device: {0} is down; set it up first (ip link set {0} up)",
                   link.name);
  }
  return {};
}

Checked Planner::add_vlan(const net::Link& base, const std::string& name, std::uint32_t vid) {
  for (const auto& link : situation_.links) {
    if (link.kind == "vlan" && link.lower == base.index && link.vid == vid && !link.service_vlan) {
      lower_ = link.name;
      return usable(link);
    }
  }
  if (find(situation_.links, name) != nullptr) {
    return refused(pb::REFUSED, "vlan: {} is needed for VLAN {} on {}, but it is something else",
                   name, vid, base.name);
  }
  if (name.size() > kLongestName) {
    return refused(pb::REFUSED,
                   "vlan: a VLAN device {} cannot be made, its name is longer than {} characters; "
                   "make one for VLAN {} on {} yourself",
                   name, kLongestName, vid, base.name);
  }
  auto& made = *step().mutable_vlan_device();
  made.set_lower(base.name);
  made.set_name(name);
  made.set_vid(vid);
  made.set_priority(parameters_.default_priority());
  lower_ = name;
  physical_ = base.name;
  return {};
}

Checked Planner::device() {
  const auto& name = wanted().device();
  if (name.empty()) return refused(pb::INVALID, "device is absent; name the host's interface");
  if (const auto* const link = find(situation_.links, name)) {
    lower_ = link->name;
    return usable(*link);
  }
  if (const auto why = channel_trouble(name); !why.empty()) {
    return refused(pb::REFUSED, "device: {}", why);
  }
  const auto split = split_vlan_name(name);
  const auto* const base = split ? find(situation_.links, split->base) : nullptr;
  if (base == nullptr) {
    return refused(pb::NOT_FOUND, "device: there is no interface '{}'", lldp::to_printable(name));
  }
  if (auto good = usable(*base); !good) return good;
  return add_vlan(*base, name, split->vid);
}

/// A device in mode passthrough is one guest's, and nobody else's.
Checked Planner::sharing() {
  const auto* const link = lower();
  if (link == nullptr) return {};
  for (const auto& other : siblings()) {
    if (passthrough() || mode_of(other) == pb::MODE_PASSTHROUGH) {
      return refused(pb::REFUSED,
                     "mode: {} is used by {} (mode {}); a device in mode passthrough has one user",
                     lower_, other.name, to_string(mode_of(other)));
    }
  }
  if (passthrough()) return unused(*link);
  const auto* const master = find(situation_.links, link->master);
  if (master == nullptr || master->kind == "vrf") return {};
  return refused(pb::REFUSED, "device: {} belongs to {}, which takes its frames; name {}", lower_,
                 master->name, master->name);
}

Checked Planner::unused(const net::Link& link) const {
  if (link.master != 0) {
    const auto* const master = find(situation_.links, link.master);
    return refused(pb::REFUSED, "mode: {} belongs to {}; passthrough needs a device of its own",
                   link.name, master == nullptr ? "another device" : master->name);
  }
  for (const auto& other : situation_.links) {
    if (other.lower != link.index || other.kind != "vlan") continue;
    return refused(pb::REFUSED, "mode: {} stands on {}; passthrough needs a device of its own",
                   other.name, link.name);
  }
  const auto use = situation_.kernel.host_use(link.index);
  if (use.empty()) return {};
  return refused(pb::REFUSED, "mode: the host uses {} for {}; passthrough would take it away",
                 link.name, use);
}

tl::expected<Plan, Refusal> plan(const pb::InterfaceWanted& wanted,
                                 const std::optional<journal::Parameters>& parameters,
                                 const Situation& situation) {
  return Planner(wanted, parameters, situation).make();
}

}  // namespace agent::interface
