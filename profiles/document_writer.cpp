// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "profiles/document.hpp"
#include "profiles/units.hpp"

namespace profiles {
namespace {

/// Text in quotes, as TOML escapes it.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (octet < 0x20 || octet == 0x7F) {
      out += fmt::format("\\u{:04X}", octet);
    } else {
      out += c;
    }
  }
  return out + '"';
}

template <class List, class Write>
std::string array(const List& list, Write write) {
  std::string text;
  for (const auto& each : list) text += (text.empty() ? "" : ", ") + write(each);
  return '[' + text + ']';
}

std::string rate(const Rate& rate) {
  auto bits = quoted(bit_rate_text(rate.bits_per_second));
  if (rate.burst_octets == 0) return bits;
  return fmt::format("{{ rate = {}, burst = {} }}", bits, quoted(octets_text(rate.burst_octets)));
}

void write_vlans(const NetworkParameters& from, std::string& to) {
  if (from.untagged) to += fmt::format("untagged = {}\n", *from.untagged);
  if (!from.tagged.empty()) {
    to += fmt::format("tagged = {}\n",
                      array(from.tagged, [](std::uint16_t vid) { return std::to_string(vid); }));
  }
  if (from.any_vlan) to += "any_vlan = true\n";
  if (from.default_vlan && from.default_vlan != implied_default_vlan(from)) {
    to += fmt::format("default_vlan = {}\n", *from.default_vlan);
  }
  if (from.groups.empty()) return;
  std::string groups;
  for (const auto& [group, vid] : from.groups) {
    groups += fmt::format("{}\"{}\" = {}", groups.empty() ? "" : ", ", group, vid);
  }
  to += fmt::format("groups = {{ {} }}\n", groups);
}

std::string write_parameters(const NetworkParameters& from) {
  std::string to;
  write_vlans(from, to);
  if (from.default_priority) to += fmt::format("default_priority = {}\n", *from.default_priority);
  if (!from.macs.empty()) {
    to +=
        fmt::format("macs = {}\n",
                    array(from.macs, [](const auto& mac) { return quoted(lldp::to_string(mac)); }));
  }
  if (from.mtu) to += fmt::format("mtu = {}\n", *from.mtu);
  if (from.transmit) to += fmt::format("transmit = {}\n", rate(*from.transmit));
  if (from.receive) to += fmt::format("receive = {}\n", rate(*from.receive));
  if (!from.modes.empty()) {
    std::vector<DeliveryMode> modes;
    for (const auto mode : kDeliveryModes) {
      if (from.modes.contains(mode)) modes.push_back(mode);
    }
    to += fmt::format("modes = {}\n",
                      array(modes, [](DeliveryMode mode) { return quoted(to_string(mode)); }));
  }
  if (from.max_instances) to += fmt::format("max_instances = {}\n", *from.max_instances);
  return to;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

LineDifference line_difference(std::string_view before, std::string_view after) {
  LineDifference difference{lines_of(before), lines_of(after)};
  const auto lines_before = difference.before;
  const auto drop = [](std::vector<std::string>& from, const std::vector<std::string>& common) {
    std::erase_if(
        from, [&](const auto& line) { return std::ranges::find(common, line) != common.end(); });
  };
  drop(difference.before, difference.after);
  drop(difference.after, lines_before);
  return difference;
}

std::string write_entry(const PortProfile& profile) {
  auto text = fmt::format("[[port_profile]]\nname = {}\n", quoted(profile.name));
  if (const auto& type = profile.vsi_type) {
    text += fmt::format(
        "vsi_type = {{ {}id = {}, version = {} }}\n",
        type->manager ? fmt::format("manager = {}, ", quoted(manager_text(*type->manager))) : "",
        type->type.id, type->type.version);
  }
  if (profile.require_relay) text += "require_relay = true\n";
  return text + write_parameters(profile.parameters);
}

std::string write_entry(const VsiTypeEntry& type) {
  std::string text = "[[vsi_type]]\n";
  if (type.name.manager) {
    text += fmt::format("manager = {}\n", quoted(manager_text(*type.name.manager)));
  }
  text += fmt::format("id = {}\nversion = {}\n", type.name.type.id, type.name.type.version);
  if (!type.parameters.name.empty()) {
    text += fmt::format("name = {}\n", quoted(type.parameters.name));
  }
  return text + write_parameters(type.parameters);
}

std::string write_document(const Contents& contents) {
  std::string text;
  for (const auto& type : contents.types) text += (text.empty() ? "" : "\n") + write_entry(type);
  for (const auto& profile : contents.profiles) {
    text += (text.empty() ? "" : "\n") + write_entry(profile);
  }
  return text;
}

}  // namespace profiles
