// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <google/protobuf/timestamp.pb.h>

#include "agent/api/convert.hpp"
#include "agent/interface/doubts.hpp"
#include "agent/interface/interface.hpp"

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

void report_filter(const journal::Filter& wanted, const journal::Filter& in_force,
                   const std::string& trouble, pb::Interface& to) {
  const auto state = [&](const std::string& now) { return trouble.empty() ? now : "none"; };
  if (!wanted.sources().empty()) {
    add(to, "macs", fmt::format("{}", fmt::join(wanted.sources(), ", ")),
        state(fmt::format("{}", fmt::join(in_force.sources(), ", "))));
  }
  if (!wanted.all_vlans()) {
    add(to, "vlans", vlans_text(wanted.untagged(), wanted.tagged()),
        state(vlans_text(in_force.untagged(), in_force.tagged())));
  }
}

}  // namespace

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
  const auto siblings = siblings_of(links, link->lower, wanted.name());
  for (auto& doubt : doubts(wanted.mode(), wanted.device(), siblings, ports_,
                            !is_open(interface.filter) && interface.filter_trouble.empty())) {
    to.add_notes(std::move(doubt));
  }
  if (entry.has_parameters()) report_parameters(entry, *link, links, to);
}

void Interfaces::report_parameters(const journal::Entry& entry, const net::Link& link,
                                   const std::vector<net::Link>& links, pb::Interface& to) {
  const auto& wanted = entry.wanted();
  const auto& parameters = entry.parameters();
  if (parameters.has_untagged()) {
    const auto* const lower = find(links, link.lower);
    const auto function = function_now(entry);
    const auto vid = function ? function->vlan() : lower != nullptr ? lower->vid : 0U;
    add(to, "vlan", std::to_string(parameters.untagged()), vid == 0 ? "none" : std::to_string(vid));
  }
  if (parameters.has_mtu()) {
    add(to, "mtu", std::to_string(parameters.mtu()), std::to_string(link.mtu));
  }
  report_rates(entry, to);
  const auto& interface = *interfaces_.find(wanted.name())->second;
  report_filter(filter_for(wanted.name(), wanted.mac(), wanted.mode(), parameters,
                           siblings_of(links, link.lower, wanted.name())),
                interface.filter, interface.filter_trouble, to);
  const auto now = this->parameters(wanted);
  to.set_profile_changed(!now || !*now ||
                         (*now)->SerializeAsString() != parameters.SerializeAsString());
}

}  // namespace agent::interface
