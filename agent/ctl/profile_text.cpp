// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/profile_text.hpp"

#include <fmt/format.h>

#include "agent/ctl/table.hpp"
#include "profiles/units.hpp"

namespace agent::ctl {
namespace {

using profiles::NetworkParameters;

void add_word(std::string& to, std::string_view word, std::string_view between = ", ") {
  if (!to.empty()) to += between;
  to += word;
}

/// "2 untagged, 10, 11", "any"
std::string vlans(const NetworkParameters& of) {
  std::string text;
  if (of.untagged) add_word(text, fmt::format("{} untagged", *of.untagged));
  for (const auto vid : of.tagged) add_word(text, std::to_string(vid));
  if (of.any_vlan) add_word(text, "any");
  return text.empty() ? "-" : text;
}

std::string rate(const std::optional<profiles::Rate>& of) {
  return of ? profiles::bit_rate_text(of->bits_per_second) : "-";
}

std::string rate_and_burst(const profiles::Rate& of) {
  return fmt::format("{}, bursts of {}{}", profiles::bit_rate_text(of.bits_per_second),
                     profiles::octets_text(of.burst()), of.burst_octets == 0 ? " (default)" : "");
}

std::string modes(const NetworkParameters& of) {
  std::string text;
  for (const auto mode : profiles::kDeliveryModes) {
    if (of.modes.contains(mode)) add_word(text, to_string(mode));
  }
  return text.empty() ? "all" : text;
}

std::string macs(const NetworkParameters& of) {
  std::string text;
  for (const auto& mac : of.macs) add_word(text, lldp::to_string(mac));
  return text.empty() ? "the guest's own" : text;
}

std::string line(std::string_view what, std::string_view value) {
  return fmt::format("  {:<18}{}\n", what, value);
}

std::string parameters_text(const NetworkParameters& of) {
  auto text = line("VLANs", vlans(of));
  if (of.default_vlan) text += line("default VLAN", std::to_string(*of.default_vlan));
  std::string groups;
  for (const auto& [group, vid] : of.groups) add_word(groups, fmt::format("{} is {}", group, vid));
  if (!groups.empty()) text += line("groups", groups);
  if (of.default_priority) text += line("default priority", std::to_string(*of.default_priority));
  text += line("MAC addresses", macs(of));
  if (of.mtu) text += line("MTU", std::to_string(*of.mtu));
  if (of.transmit) text += line("guest transmits", rate_and_burst(*of.transmit));
  if (of.receive) text += line("guest receives", rate_and_burst(*of.receive));
  text += line("modes", modes(of));
  if (of.max_instances) text += line("instances", fmt::format("{} at most", *of.max_instances));
  return text;
}

std::string mtu(const NetworkParameters& of) { return of.mtu ? std::to_string(*of.mtu) : "-"; }

}  // namespace

std::string profile_table(std::span<const profiles::PortProfile> profiles) {
  Table table({"PROFILE", "VLANS", "MTU", "TRANSMIT", "RECEIVE", "MODES", "VSI TYPE"});
  for (const auto& profile : profiles) {
    const auto& of = profile.parameters;
    table.add({profile.name, vlans(of), mtu(of), rate(of.transmit), rate(of.receive), modes(of),
               profile.vsi_type ? to_string(*profile.vsi_type) : "-"});
  }
  return table.text();
}

std::string type_table(std::span<const profiles::VsiTypeEntry> types) {
  Table table({"VSI TYPE", "NAME", "VLANS", "MTU", "TRANSMIT", "RECEIVE"});
  for (const auto& type : types) {
    const auto& of = type.parameters;
    table.add({to_string(type.name), of.name.empty() ? "-" : of.name, vlans(of), mtu(of),
               rate(of.transmit), rate(of.receive)});
  }
  return table.text();
}

std::string profile_text(const profiles::PortProfile& profile) {
  auto text = fmt::format("profile {}\n", profile.name);
  if (profile.vsi_type) text += line("stands for", "VSI type " + to_string(*profile.vsi_type));
  text += parameters_text(profile.parameters);
  if (profile.require_relay) text += line("reflective relay", "required in mode vepa");
  return text;
}

std::string type_text(const profiles::VsiTypeEntry& type) {
  auto text = fmt::format("VSI type {}\n", to_string(type.name));
  if (!type.parameters.name.empty()) text += line("name", type.parameters.name);
  return text + parameters_text(type.parameters);
}

}  // namespace agent::ctl
