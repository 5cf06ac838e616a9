// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/doctor_facts.hpp"

#include <filesystem>

#include "agent/libvirt/service.hpp"

namespace agent::libvirt {
namespace {

constexpr base::Duration kRecently = std::chrono::minutes(10);
constexpr std::size_t kAllFiles = 100'000;

std::string driver_of(const std::string& interface) {
  std::error_code error;
  const auto link =
      std::filesystem::read_symlink("/sys/class/net/" + interface + "/device/driver", error);
  return error ? std::string() : link.filename().string();
}

PortFacts port_facts(const Daemon& daemon, const PortInfo& info) {
  PortFacts facts;
  facts.name = info.name;
  facts.trouble = info.trouble;
  if (const auto* const link = daemon.links().find(info.name)) facts.kind = link->kind;
  if (const auto* const core = daemon.core(info.name)) {
    const auto& values = core->evb().operational();
    facts.station = core->config().evb.role == lldp::EvbRole::kStation;
    facts.link_up = core->link_up();
    facts.evb_on = values.on;
    facts.relay_wanted = core->config().evb.reflective_relay;
    facts.relay_on = values.relay_status == lldp::RelayStatus::kOn;
    facts.response_wait = values.response_wait_time();
  }
  return facts;
}

void gather_libvirt(const Daemon& daemon, Service& libvirt, Facts& facts) {
  facts.enabled = true;
  facts.pid_file = libvirt.config().pid_file;
  facts.pid_file_number = read_pid_file(facts.pid_file);
  facts.own_port_id = libvirt.own_port_id();
  facts.daemons =
      sockets_of(find_libvirt_daemons(), read_netlink_table(), libvirt.agent().clients());
  facts.daemons_elsewhere = find_libvirt_daemons_elsewhere();
  // Its own polls that are held here wait for good reason.
  if (libvirt.agent().polls_held() > 0) {
    for (auto& each : facts.daemons) each.requests.clear();
  }
  libvirt.names().refresh(kAllFiles);
  facts.vms = libvirt.names().all();
  for (const auto* const vm : facts.vms) {
    for (const auto& interface : vm->interfaces) {
      const auto* const link = daemon.links().find(interface.source);
      if (interface.source.empty() || link == nullptr) continue;
      facts.sources.push_back({interface.source, link->kind, driver_of(interface.source)});
    }
  }
  const auto now = daemon.now();
  for (const auto& refusal : libvirt.agent().refusals()) {
    if (now - refusal.at <= kRecently) facts.refusals.push_back(refusal);
  }
}

}  // namespace

Facts gather_facts(const Daemon& daemon, Service* libvirt) {
  Facts facts;
  for (const auto& info : daemon.list()) facts.ports.push_back(port_facts(daemon, info));
  facts.lldp_agents = find_processes({"lldpad", "lldpd", "ladvd"});
  if (libvirt != nullptr) gather_libvirt(daemon, *libvirt, facts);
  return facts;
}

}  // namespace agent::libvirt
