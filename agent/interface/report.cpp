// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <google/protobuf/timestamp.pb.h>
#include <linux/if_bridge.h>

#include <algorithm>
#include <iterator>

#include "agent/api/convert.hpp"
#include "agent/interface/doubts.hpp"
#include "agent/interface/interface.hpp"
#include "lldp/printable.hpp"

namespace agent::interface {
namespace {

constexpr std::uint64_t kMegabit = 1'000'000;

std::string phase_text(journal::Phase phase) {
  switch (phase) {
    case journal::ATTACHED: return "attached";
    case journal::DETACHING: return "detaching";
    default: return "attaching";
  }
}

std::string rate_text(std::uint64_t bits_per_second) {
  if (bits_per_second % kMegabit == 0) return fmt::format("{} Mbit/s", bits_per_second / kMegabit);
  return fmt::format("{} bit/s", bits_per_second);
}
std::string rate_text(const std::optional<std::uint64_t>& rate) {
  return rate ? rate_text(*rate) : std::string("unlimited");
}

void add(pb::Interface& to, std::string name, std::string wanted, std::string in_force) {
  auto& parameter = *to.add_parameters();
  parameter.set_name(std::move(name));
  parameter.set_wanted(std::move(wanted));
  parameter.set_in_force(std::move(in_force));
}

std::string vlans_text(bool untagged,
                       const google::protobuf::RepeatedField<std::uint32_t>& tagged) {
  return fmt::format("{}{}{}", untagged ? "untagged" : "", untagged && !tagged.empty() ? ", " : "",
                     fmt::join(tagged, ", "));
}

void report_filter(const journal::Filter& wanted, const journal::Filter& in_force, bool stands,
                   pb::Interface& to) {
  const auto state = [&](const std::string& now) { return stands ? now : "none"; };
  if (!wanted.sources().empty()) {
    add(to, "macs", fmt::format("{}", fmt::join(wanted.sources(), ", ")),
        state(fmt::format("{}", fmt::join(in_force.sources(), ", "))));
  }
  if (!wanted.all_vlans()) {
    add(to, "vlans", vlans_text(wanted.untagged(), wanted.tagged()),
        state(vlans_text(in_force.untagged(), in_force.tagged())));
  }
}

/// "2, 10 at port1"
std::string at(const std::vector<std::uint32_t>& vids, const std::string& end) {
  return vids.empty() ? "none" : fmt::format("{} at {}", fmt::join(vids, ", "), end);
}

std::uint32_t untagged_vlan(const BridgeVlans& vlans) {
  constexpr std::uint16_t kBoth = BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED;
  const auto found =
      std::ranges::find_if(vlans, [](const auto& vlan) { return (vlan.second & kBoth) == kBoth; });
  return found == vlans.end() ? 0U : found->first;
}

void report_differences(pb::Interface& to) {
  for (const auto& each : to.parameters()) {
    if (each.wanted() == each.in_force()) continue;
    to.add_notes(
        fmt::format("{}: {} is wanted, and {} is in force; 'evbctl interface apply {}' "
                    "sets what can be set again",
                    each.name(), each.wanted(), each.in_force(), to.name()));
  }
}

}  // namespace

const net::Link* Interfaces::bridge_of(const std::string& interface,
                                       const std::vector<net::Link>& links) const {
  const auto* const own = find(links, interface);
  const auto* lower = own == nullptr ? nullptr : find(links, own->lower);
  if (lower != nullptr && is_vlan(*lower)) lower = find(links, lower->lower);
  const auto* const end = lower == nullptr ? nullptr : bridge_end(links, *lower);
  return end != nullptr && kernel_.bridge_vlans(end->name) ? end : nullptr;
}

/// The settings of the virtual function that belongs to the interface; nullopt: none does.
std::optional<journal::VfSettings> Interfaces::function_now(const journal::Entry& entry) {
  for (const auto& step : entry.steps()) {
    if (!step.has_virtual_function()) continue;
    const auto now =
        kernel_.vf({step.virtual_function().physical(), step.virtual_function().number()});
    if (now) return *now;
  }
  return std::nullopt;
}

void Interfaces::report_rates(const journal::Entry& entry, pb::Interface& to) {
  const auto& parameters = entry.parameters();
  const auto& name = entry.wanted().name();
  if (parameters.has_transmit()) {
    const auto function = function_now(entry);
    const bool by_function = function && function->max_tx_rate() > 0;
    add(to, "transmit", rate_text(parameters.transmit().bits_per_second()),
        by_function ? rate_text(function->max_tx_rate() * kMegabit)
                    : rate_text(kernel_.rate(name)));
  }
  if (parameters.has_receive()) {
    add(to, "receive", rate_text(parameters.receive().bits_per_second()),
        rate_text(kernel_.rate(buffer_name(name))));
  }
}

void Interfaces::report(const journal::Entry& entry, pb::Interface& to) {
  const auto& wanted = entry.wanted();
  const auto& interface = *interfaces_.find(wanted.name())->second;
  to.set_name(wanted.name());
  to.set_device(wanted.device());
  to.set_mode(wanted.mode());
  to.set_macvlan(wanted.macvlan());
  to.set_mac(wanted.mac());
  to.set_profile(wanted.profile());
  to.set_guest(wanted.guest());
  to.set_state(phase_text(entry.phase()));
  api::to_pb(std::chrono::system_clock::time_point(std::chrono::microseconds(entry.since_us())),
             *to.mutable_since());
  if (const auto* const endpoint = interface.endpoint()) to.set_lower(endpoint->lower());
  if (!interface.stuck.empty()) to.add_notes(interface.stuck);
  const auto links = kernel_.links();
  const auto* const link = find(links, wanted.name());
  if (link == nullptr) return;
  to.set_index(static_cast<std::uint32_t>(link->index));
  to.set_up(link->admin_up);
  if (!wanted.macvlan()) to.set_tap(fmt::format("/dev/tap{}", link->index));
  if (link->address != lldp::parse_mac_address(wanted.mac())) {
    add(to, "mac", wanted.mac(), lldp::to_string(link->address));
  }
  if (mode_of(*link) != wanted.mode()) {
    add(to, "mode", std::string(to_string(wanted.mode())), std::string(to_string(mode_of(*link))));
  }
  const auto siblings = siblings_of(links, link->lower, wanted.name());
  for (auto& doubt : doubts(wanted.mode(), wanted.device(), siblings, ports_,
                            !is_open(interface.filter) && stands(interface))) {
    to.add_notes(std::move(doubt));
  }
  if (entry.has_parameters()) report_parameters(entry, *link, links, to);
  if (entry.phase() == journal::ATTACHED) report_differences(to);
}

bool Interfaces::stands(const Interface& interface) {
  if (!interface.filter_trouble.empty()) return false;
  return is_open(interface.filter) || kernel_.is_filtered(interface.filter);
}

void Interfaces::report_vlans(const journal::Entry& entry, const net::Link& link,
                              const std::vector<net::Link>& links, pb::Interface& to) {
  const auto& parameters = entry.parameters();
  const auto* const lower = find(links, link.lower);
  const auto function = function_now(entry);
  const auto* const end = bridge_of(link.name, links);
  const auto admitted = end == nullptr ? std::nullopt : kernel_.bridge_vlans(end->name);
  const bool device = lower != nullptr && is_vlan(*lower);
  if (parameters.has_untagged()) {
    const auto vid = function && function->vlan() != 0 ? function->vlan()
                     : device                          ? lower->vid
                     : admitted                        ? untagged_vlan(*admitted)
                                                       : 0U;
    add(to, "vlan", std::to_string(parameters.untagged()), vid == 0 ? "none" : std::to_string(vid));
  }
  if (parameters.has_default_priority()) {
    const auto now = device ? kernel_.vlan_priority(lower->name)
                            : function.value_or(journal::VfSettings()).priority();
    add(to, "priority", std::to_string(parameters.default_priority()), std::to_string(now));
  }
  if (!admitted || lower == nullptr) return;
  const auto vids = bridge_vids(parameters, *lower);
  std::vector<std::uint32_t> there;
  std::ranges::copy_if(vids, std::back_inserter(there), [&](std::uint32_t vid) {
    return admitted->contains(static_cast<std::uint16_t>(vid));
  });
  if (!vids.empty()) add(to, "bridge vlans", at(vids, end->name), at(there, end->name));
}

void Interfaces::report_parameters(const journal::Entry& entry, const net::Link& link,
                                   const std::vector<net::Link>& links, pb::Interface& to) {
  const auto& wanted = entry.wanted();
  const auto& parameters = entry.parameters();
  report_vlans(entry, link, links, to);
  if (parameters.has_mtu()) {
    add(to, "mtu", std::to_string(parameters.mtu()), std::to_string(link.mtu));
    if (!kernel_.is_held_to(wanted.name(), parameters.mtu())) {
      to.add_notes(
          fmt::format("mtu: longer frames of the guest, and to it, are not stopped; a kernel "
                      "with act_police does that after 'evbctl interface apply {}'",
                      wanted.name()));
    }
  }
  report_rates(entry, to);
  const auto& interface = *interfaces_.find(wanted.name())->second;
  report_filter(filter_for(wanted.name(), wanted.mac(), wanted.mode(), parameters,
                           siblings_of(links, link.lower, wanted.name())),
                interface.filter, stands(interface), to);
  const auto now = this->parameters(wanted);
  if (!now) {
    to.add_notes(now.error().code == pb::NOT_FOUND
                     ? fmt::format("profile: there is no port profile '{}' any more; what it said "
                                   "stays in force",
                                   lldp::to_printable(wanted.profile()))
                     : now.error().sentence);
  }
  to.set_profile_changed(!now || !*now ||
                         (*now)->SerializeAsString() != parameters.SerializeAsString());
}

}  // namespace agent::interface
