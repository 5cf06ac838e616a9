// SPDX-License-Identifier: Apache-2.0
#include "agent/interface/kernel.hpp"

#include <linux/if.h>
#include <linux/if_link.h>

#include <algorithm>

#include "agent/interface/plan.hpp"

namespace agent::interface {

const net::Link* find(const std::vector<net::Link>& links, std::string_view name) {
  const auto found =
      std::ranges::find_if(links, [&](const auto& link) { return link.name == name; });
  return found == links.end() ? nullptr : &*found;
}

const net::Link* find(const std::vector<net::Link>& links, int index) {
  const auto found =
      std::ranges::find_if(links, [&](const auto& link) { return link.index == index; });
  return found == links.end() ? nullptr : &*found;
}

bool is_vlan(const net::Link& link) { return link.kind == "vlan" && !link.service_vlan; }

const net::Link* bridge_end(const std::vector<net::Link>& links, const net::Link& device) {
  if (device.kind == "bridge") return find(links, device.index);
  const auto* const peer = device.kind == "veth" ? find(links, device.lower) : nullptr;
  return peer != nullptr && peer->bridge_port ? peer : nullptr;
}

pb::InterfaceMode mode_of(const net::Link& link) {
  switch (link.macvlan_mode) {
    case MACVLAN_MODE_PRIVATE: return pb::MODE_PRIVATE;
    case MACVLAN_MODE_VEPA: return pb::MODE_VEPA;
    case MACVLAN_MODE_BRIDGE: return pb::MODE_BRIDGE;
    case MACVLAN_MODE_PASSTHRU: return pb::MODE_PASSTHROUGH;
    default: return pb::INTERFACE_MODE_UNSPECIFIED;
  }
}

std::string_view to_string(pb::InterfaceMode mode) {
  switch (mode) {
    case pb::MODE_VEPA: return "vepa";
    case pb::MODE_BRIDGE: return "bridge";
    case pb::MODE_PRIVATE: return "private";
    case pb::MODE_PASSTHROUGH: return "passthrough";
    default: return "unknown";
  }
}

std::vector<net::Link> siblings_of(const std::vector<net::Link>& links, int lower,
                                   std::string_view except) {
  std::vector<net::Link> siblings;
  for (const auto& link : links) {
    if (link.lower == lower && link.macvlan_mode != 0 && link.name != except) {
      siblings.push_back(link);
    }
  }
  return siblings;
}

journal::Filter filter_for(const std::string& device, const std::string& mac,
                           pb::InterfaceMode mode,
                           const std::optional<journal::Parameters>& parameters,
                           const std::vector<net::Link>& siblings) {
  journal::Filter filter;
  filter.set_device(device);
  filter.set_all_vlans(true);
  for (const auto& sibling : siblings) {
    if (mode == pb::MODE_PRIVATE || mode_of(sibling) == pb::MODE_PRIVATE) {
      filter.add_siblings(lldp::to_string(sibling.address));
    }
  }
  if (!parameters) return filter;
  if (parameters->own_mac_only()) {
    filter.add_sources(mac);
  } else {
    *filter.mutable_sources() = parameters->macs();
  }
  filter.set_all_vlans(parameters->any_vlan());
  // Without any VLAN in it a profile says nothing of them.
  if (!parameters->has_untagged() && parameters->tagged().empty()) filter.set_all_vlans(true);
  filter.set_untagged(parameters->has_untagged());
  *filter.mutable_tagged() = parameters->tagged();
  return filter;
}

std::string buffer_name(const std::string& interface) {
  static constexpr std::string_view kTail = "-rx";
  return interface.substr(0, IFNAMSIZ - 1 - kTail.size()) + std::string(kTail);
}

bool is_open(const journal::Filter& filter) {
  return filter.sources().empty() && filter.siblings().empty() && filter.all_vlans();
}

}  // namespace agent::interface
