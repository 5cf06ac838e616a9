// SPDX-License-Identifier: Apache-2.0
// What follows from the CDCP TLVs: ours, the neighbour's and the S-channels of the link.
#include "lldp/base/overload.hpp"
#include "lldp/organizational.hpp"
#include "vdp/port_impl.hpp"

namespace vdp {
namespace {

lldp::CdcpRole cdcp_role(lldp::EvbRole role) {
  return role == lldp::EvbRole::kStation ? lldp::CdcpRole::kStation : lldp::CdcpRole::kBridge;
}

}  // namespace

void Port::Impl::start_cdcp() {
  if (!config.cdcp) return;
  cdcp.emplace(Cdcp{lldp::CdcpMachine(cdcp_role(config.evb.role), *config.cdcp),
                    config.cdcp_destination, std::nullopt});
  if (config.cdcp_destination == config.lldp_destination) return;
  auto apart = config.lldp;
  apart.local.organizational = {lldp::to_organizational(cdcp->machine.local())};
  cdcp->agent.emplace(apart);
}

/// Takes over a changed configuration, which may begin or end CDCP. Where it shares the EVB TLV's
/// agent, apply_evb() sends what has changed.
void Port::Impl::configure_cdcp(base::Instant now, Outputs& out) {
  const bool apart = config.cdcp_destination != config.lldp_destination;
  if (cdcp && (!config.cdcp || cdcp->destination != config.cdcp_destination ||
               cdcp->agent.has_value() != apart)) {
    end_cdcp(now, out);
  }
  if (!config.cdcp) return;
  const bool changed = !cdcp || cdcp->machine.config() != *config.cdcp;
  lldp::LldpOutputs orders;
  if (cdcp) {
    cdcp->machine.set_config(*config.cdcp);
    if (cdcp->agent) cdcp->agent->set_config(now, config.lldp, orders);
  } else {
    start_cdcp();
    if (cdcp->agent) cdcp->agent->port_enabled(now, link_up, orders);
  }
  if (changed) out.push_back(SChannelsChanged{});
  carry_out_cdcp(now, orders, out);
  follow_cdcp(now, out);
}

/// The neighbour hears that we are gone and takes its channels back.
void Port::Impl::end_cdcp(base::Instant now, Outputs& out) {
  if (cdcp->agent) {
    auto disabled = config.lldp;
    disabled.admin_status = lldp::AdminStatus::kDisabled;
    lldp::LldpOutputs orders;
    cdcp->agent->set_config(now, disabled, orders);
    carry_out_cdcp(now, orders, out);
  }
  cdcp.reset();
  out.push_back(SChannelsChanged{});
}

/// Brings the machine what its neighbours say now, and them what it says.
void Port::Impl::follow_cdcp(base::Instant now, Outputs& out) {
  auto& machine = cdcp->machine;
  const auto& neighbors = cdcp->agent ? cdcp->agent->neighbors() : agent.neighbors();
  const auto remote = lldp::find_cdcp_tlv(neighbors, machine.role());
  const bool heard_news = remote != machine.remote();
  const auto said = machine.local();
  if (heard_news) {
    machine.set_remote(remote);
    out.push_back(SChannelsChanged{});
  }
  lldp::LldpOutputs orders;
  const bool repeat = heard_news && machine.local() == said && machine.remote_forgot();
  if (!cdcp->agent) {
    if (repeat) agent.repeat(now, orders);
    carry_out(now, orders, out);
    return;
  }
  if (repeat) cdcp->agent->repeat(now, orders);
  cdcp->agent->set_organizational(now, {lldp::to_organizational(machine.local())}, orders);
  carry_out_cdcp(now, orders, out);
}

/// What CDCP's own LLDP agent wants.
void Port::Impl::carry_out_cdcp(base::Instant now, lldp::LldpOutputs& orders, Outputs& out) {
  for (auto& order : orders) {
    std::visit(base::Overload{
                   [&](lldp::SendLldpdu& pdu) {
                     send(cdcp->destination, lldp::kLldpEthertype, pdu.lldpdu, out);
                   },
                   [&](lldp::NeighborsChanged&) { follow_cdcp(now, out); },
                   [&](lldp::LldpduRefused& refused) { refuse(refused, out); },
               },
               order);
  }
}

}  // namespace vdp
