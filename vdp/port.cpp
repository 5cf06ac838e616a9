// SPDX-License-Identifier: Apache-2.0
#include "vdp/port.hpp"

#include "lldp/base/deadlines.hpp"
#include "vdp/port_impl.hpp"

namespace vdp {
namespace {

lldp::LldpAgentConfig agent_config(const PortConfig& config) {
  auto agent = config.lldp;
  agent.local.organizational = lldp::EvbDialects(config.evb).to_send();
  return agent;
}

}  // namespace

Port::Impl::Impl(const PortConfig& port_config)
    : config(port_config),
      agent(agent_config(port_config)),
      evb(port_config.evb),
      ecp_transmitter(port_config.first_ecp_sequence),
      station(port_config),
      bridge(port_config) {
  operational.dialect = evb.dialect();
  speak(operational.dialect);
  start_cdcp();
}

void Port::Impl::take(base::Instant now, const LinkChanged& event, Outputs& out) {
  if (event.up == link_up) return;
  link_up = event.up;
  lldp::LldpOutputs orders;
  agent.port_enabled(now, link_up, orders);
  carry_out(now, orders, out);
  if (!cdcp || !cdcp->agent) return;
  lldp::LldpOutputs channel_orders;
  cdcp->agent->port_enabled(now, link_up, channel_orders);
  carry_out_cdcp(now, channel_orders, out);
}

void Port::Impl::take(base::Instant now, const PortReconfigured& event, Outputs& out) {
  const auto role = config.evb.role;
  config = *event.config;
  config.evb.role = role;
  station.configure(config);
  bridge.configure(config);
  evb.set_proposal(config.evb);
  configure_cdcp(now, out);
  lldp::LldpOutputs orders;
  agent.set_config(now, config.lldp, orders);
  carry_out(now, orders, out);
  apply_evb(now, out);
}

void Port::Impl::take(base::Instant now, const AdminStatusChanged& event, Outputs& out) {
  config.lldp.admin_status = event.status;
  configure_cdcp(now, out);
  lldp::LldpOutputs orders;
  agent.set_config(now, config.lldp, orders);
  carry_out(now, orders, out);
}

void Port::Impl::take(base::Instant now, const AssociateRequested& event, Outputs& out) {
  if (is_station()) {
    station.associate(now, event.request, out);
  } else {
    out.push_back(RequestRefused{event.request.id, LocalRefusal::kMissingFromBridge});
  }
}

void Port::Impl::take(base::Instant now, const DeassociateRequested& event, Outputs& out) {
  if (is_station()) {
    station.deassociate(now, event, out);
  } else {
    out.push_back(RequestRefused{event.id, LocalRefusal::kMissingFromBridge});
  }
}

void Port::Impl::take(base::Instant now, const ReflectiveRelayChanged& event, Outputs& out) {
  evb.set_relay_in_force(event.on);
  apply_evb(now, out);
}

void Port::Impl::take(base::Instant now, const TimePassed& /*event*/, Outputs& out) {
  send_lldp(now, out);
  lldp::EcpOutputs orders;
  ecp_transmitter.time_passed(now, orders);
  carry_out(now, orders, out);
  if (is_station()) {
    station.time_passed(now, out);
  } else {
    bridge.time_passed(now, out);
  }
}

Port::Port(const PortConfig& config) : impl_(std::make_unique<Impl>(config)) {}
Port::~Port() = default;
Port::Port(Port&&) noexcept = default;
Port& Port::operator=(Port&&) noexcept = default;

void Port::handle(base::Instant now, std::span<const Input> inputs, Outputs& out) {
  for (const auto& input : inputs) {
    std::visit([&](const auto& event) { impl_->take(now, event, out); }, input);
  }
  impl_->pump(now, out);
}

std::optional<base::Instant> Port::deadline() const {
  const bool station = impl_->is_station();
  auto next = station ? impl_->station.deadline() : impl_->bridge.deadline();
  if (impl_->ecp_transmitter.ready()) {  // else the next ECPDU waits for an acknowledgement
    next = base::earlier(next, station ? impl_->station.ready_at() : impl_->bridge.ready_at());
  }
  next = base::earlier(next, impl_->ecp_transmitter.deadline());
  if (impl_->cdcp && impl_->cdcp->agent) {
    next = base::earlier(next, impl_->cdcp->agent->deadline());
  }
  return base::earlier(next, impl_->agent.deadline());
}

const PortConfig& Port::config() const { return impl_->config; }
bool Port::link_up() const { return impl_->link_up; }
const lldp::EvbDialects& Port::evb() const { return impl_->evb; }
const std::vector<lldp::Neighbor>& Port::neighbors() const { return impl_->agent.neighbors(); }
const lldp::LldpCounters& Port::lldp_counters() const { return impl_->agent.counters(); }
bool Port::too_many_neighbors() const { return impl_->agent.too_many_neighbors(); }
const lldp::CdcpMachine* Port::cdcp() const {
  return impl_->cdcp ? &impl_->cdcp->machine : nullptr;
}

EcpReport Port::ecp() const {
  const auto& sent = impl_->ecp_transmitter.counters();
  const auto& received = impl_->ecp_receiver.counters();
  return EcpReport{
      .transmitter_state = to_string(impl_->ecp_transmitter.state()),
      .receiver_state = to_string(impl_->ecp_receiver.state()),
      .sequence = impl_->ecp_transmitter.sequence(),
      .last_received = impl_->ecp_receiver.last_sequence(),
      .counters = {sent.sent, sent.retries, sent.failures, sent.acks, sent.acks_ignored,
                   received.received, received.duplicates, impl_->ecp_refused},
  };
}

VdpCounters Port::vdp_counters() const {
  return impl_->is_station() ? impl_->station.counters() : impl_->bridge.counters();
}

std::size_t Port::vsi_count() const {
  return impl_->is_station() ? impl_->station.size() : impl_->bridge.size();
}

bool Port::holds(const VsiId& id) const {
  return impl_->is_station() ? impl_->station.holds(id) : impl_->bridge.holds(id);
}

std::optional<VsiReport> Port::vsi(const VsiId& id) const {
  return impl_->is_station() ? impl_->station.report(id) : impl_->bridge.report(id);
}

std::vector<VsiReport> Port::vsis() const {
  return impl_->is_station() ? impl_->station.reports() : impl_->bridge.reports();
}

}  // namespace vdp
