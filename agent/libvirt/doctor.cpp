// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace agent::libvirt {
namespace {

using Findings = std::vector<Finding>;

constexpr base::Duration kLibvirtPatience = std::chrono::seconds(10);
constexpr std::uint32_t kTopBit = 0x80000000;

void look_at_port(const PortFacts& port, Findings& found) {
  if (!port.trouble.empty()) {
    found.push_back({port.name, port.trouble, "see 'evbctl port show " + port.name + "'"});
  }
  if (!port.link_up) {
    found.push_back({port.name, "the port has no carrier or is down",
                     "check the cable and 'ip link show " + port.name + "'"});
    return;
  }
  if (!port.evb_on) {
    found.push_back({port.name, "no EVB peer is heard, so no VSI can be associated",
                     "enable LLDP with the EVB TLV at the other end ('evbctl neighbor show')"});
  } else if (port.station && port.relay_wanted && !port.relay_on) {
    found.push_back({port.name,
                     "the bridge does not grant reflective relay: VMs of this host do "
                     "not reach each other over a VEPA",
                     "enable it on the bridge port, or set reflective_relay = false"});
  }
  if (port.station && port.evb_on && port.response_wait > kLibvirtPatience) {
    found.push_back(
        {port.name,
         fmt::format("the bridge may take {} s for an answer, and libvirt waits 10 s",
                     std::chrono::duration_cast<std::chrono::seconds>(port.response_wait).count()),
         "make the bridge's resource wait delay (RWD) shorter"});
  }
  if (port.station && port.kind == "veth") {
    found.push_back({port.name,
                     "the port is a veth: libvirt takes its peer for the device below "
                     "and loops or fails",
                     "use a physical interface, or a tap, for VMs"});
  }
}

void look_at_agents(const Facts& facts, Findings& found) {
  for (const auto& process : facts.lldp_agents) {
    found.push_back({fmt::format("{} (PID {})", process.name, process.pid),
                     "another LLDP agent runs here and may send on the same ports",
                     "stop and disable it, or keep it off evbd's ports"});
  }
}

void look_at_daemons(const Facts& facts, Findings& found) {
  if (facts.pid_file_number != facts.own_port_id) {
    found.push_back(
        {facts.pid_file,
         facts.pid_file_number
             ? fmt::format("the file names port id {} instead of evbd's {}", *facts.pid_file_number,
                           facts.own_port_id)
             : std::string("the file is missing or unreadable, so libvirt finds no agent"),
         "find out who changed it, and restart evbd"});
  }
  for (const auto& each : facts.daemons) {
    const auto subject = fmt::format("{} (PID {})", each.daemon.name, each.daemon.pid);
    if (each.event.port_id >= kTopBit) {
      found.push_back({subject,
                       fmt::format("its netlink port id {} is above 2^31, and then it "
                                   "cannot send any request",
                                   each.event.port_id),
                       "restart it in some minutes: the id depends on the time of day"});
    }
    if (!each.requests.empty()) {
      found.push_back({subject,
                       fmt::format("{} request(s) of it wait for an answer", each.requests.size()),
                       "if this is still so after some seconds, restart evbd: it frees them"});
    }
  }
  for (const auto& process : facts.daemons_elsewhere) {
    // Beside one of the same name that can reach evbd, it is that of some container.
    const auto is_same = [&](const DaemonSockets& each) {
      return each.daemon.name == process.name;
    };
    if (std::ranges::any_of(facts.daemons, is_same)) continue;
    found.push_back({fmt::format("{} (PID {})", process.name, process.pid),
                     "it runs in another network namespace and cannot reach evbd",
                     "run both in the same network namespace"});
  }
}

const SourceFacts* find_source(const Facts& facts, const std::string& name) {
  const auto found = std::ranges::find(facts.sources, name, &SourceFacts::name);
  return found == facts.sources.end() ? nullptr : &*found;
}

void look_at_source(const Facts& facts, const VmDescription& vm, const VmInterface& interface,
                    Findings& found) {
  const auto* const source = find_source(facts, interface.source);
  if (source == nullptr) return;
  if (interface.port_type == "802.1Qbh" && source->driver != "enic") {
    found.push_back({vm.name,
                     fmt::format("802.1Qbh on {}, whose driver {} has no port profiles",
                                 source->name, source->driver.empty() ? "-" : source->driver),
                     "use virtualport type 802.1Qbg, which evbd serves"});
  }
  static const std::set<std::string, std::less<>> kNoPorts{"veth", "bond", "bridge", "team"};
  const bool is_port =
      std::ranges::find(facts.ports, source->name, &PortFacts::name) != facts.ports.end();
  if (interface.port_type == "802.1Qbg" && kNoPorts.contains(source->kind) && !is_port) {
    found.push_back({vm.name,
                     fmt::format("its interface stands on {}, a {}, which evbd does not serve",
                                 source->name, source->kind),
                     "name a configured port, or a VLAN device of one, as source dev"});
  }
}

void look_at_vms(const Facts& facts, Findings& found) {
  std::map<vdp::VsiId, std::string> instances;
  std::map<lldp::MacAddress, std::string> addresses;
  for (const auto* const vm : facts.vms) {
    for (const auto& interface : vm->interfaces) {
      if (interface.port_type.empty()) continue;
      look_at_source(facts, *vm, interface, found);
      if (interface.instance && !instances.emplace(*interface.instance, vm->name).second) {
        found.push_back(
            {vm->name,
             fmt::format("its instanceid {} is also that of VM {}",
                         vdp::to_string(*interface.instance), instances[*interface.instance]),
             "give each interface its own, or leave it out: libvirt draws one"});
      }
      if (interface.mac && !addresses.emplace(*interface.mac, vm->name).second) {
        found.push_back({vm->name,
                         fmt::format("its MAC address {} is also that of VM {}",
                                     lldp::to_string(*interface.mac), addresses[*interface.mac]),
                         "give each interface its own"});
      }
    }
  }
}

void look_at_refusals(const Facts& facts, Findings& found) {
  std::set<std::string> told;
  for (const auto& refusal : facts.refusals) {
    const bool vlan = refusal.response == number_of(Response::kVlanMissing);
    if (!vlan || !told.insert(refusal.port).second) continue;
    found.push_back({refusal.port,
                     fmt::format("VSI {} was refused: it has no VLAN, and vid_zero is \"refuse\"",
                                 vdp::to_string(refusal.id)),
                     "name a VLAN device as source dev, or set vid_zero = \"bridge-assigns\""});
  }
}

}  // namespace

std::vector<Finding> diagnose(const Facts& facts) {
  Findings found;
  for (const auto& port : facts.ports) look_at_port(port, found);
  look_at_agents(facts, found);
  if (facts.enabled) {
    look_at_daemons(facts, found);
    look_at_refusals(facts, found);
  }
  look_at_vms(facts, found);
  return found;
}

}  // namespace agent::libvirt
