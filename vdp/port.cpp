// SPDX-License-Identifier: Apache-2.0
#include "vdp/port.hpp"

#include <utility>

#include "lldp/base/deadlines.hpp"
#include "lldp/base/overload.hpp"
#include "lldp/ecp_receiver.hpp"
#include "lldp/ecp_transmitter.hpp"
#include "lldp/ecpdu.hpp"
#include "lldp/ethernet.hpp"
#include "lldp/organizational.hpp"
#include "vdp/bridge.hpp"
#include "vdp/station.hpp"

namespace vdp {
namespace {

using base::DecodeError;
using base::Fault;

constexpr std::size_t kSourceOctet = 6;
constexpr std::size_t kEthertypeOctet = 12;

lldp::LldpAgentConfig agent_config(const PortConfig& config) {
  auto agent = config.lldp;
  agent.local.organizational.clear();
  if (const auto evb = lldp::EvbNegotiation(config.evb).local()) {
    agent.local.organizational.push_back(lldp::to_organizational(*evb));
  }
  return agent;
}

}  // namespace

struct Port::Impl {
  explicit Impl(const PortConfig& port_config)
      : config(port_config),
        agent(agent_config(port_config)),
        evb(port_config.evb),
        ecp_transmitter(port_config.first_ecp_sequence),
        station(port_config),
        bridge(port_config) {}

  bool is_station() const { return config.evb.role == lldp::EvbRole::kStation; }

  // One function per input.
  void take(base::Instant now, const FrameReceived& event, Outputs& out);
  void take(base::Instant now, const LinkChanged& event, Outputs& out);
  void take(base::Instant now, const PortReconfigured& event, Outputs& out);
  void take(base::Instant now, const AdminStatusChanged& event, Outputs& out);
  void take(base::Instant now, const AssociateRequested& event, Outputs& out);
  void take(base::Instant now, const DeassociateRequested& event, Outputs& out);
  void take(base::Instant now, const VsiTypeResolved& event, Outputs& out) {
    bridge.resolved(now, event, out);
  }
  void take(base::Instant now, const VsiAdmitted& event, Outputs& out) {
    bridge.admitted(now, event, out);
  }
  void take(base::Instant now, const BridgeDeassociated& event, Outputs& out) {
    bridge.deassociate(now, event, out);
  }
  void take(base::Instant now, const ReflectiveRelayChanged& event, Outputs& out);
  void take(base::Instant now, const TimePassed& event, Outputs& out);

  void receive_lldp(base::Instant now, const lldp::EthernetFrame& frame, Outputs& out);
  void receive_ecp(base::Instant now, const lldp::EthernetFrame& frame, Outputs& out);
  void receive_vdpdu(base::Instant now, base::Bytes ulpdu, Outputs& out);
  void carry_out(base::Instant now, lldp::LldpOutputs& orders, Outputs& out);
  void carry_out(base::Instant now, lldp::EcpOutputs& orders, Outputs& out);
  void apply_evb(base::Instant now, Outputs& out);
  void apply_operational(base::Instant now, Outputs& out);
  void watch_for_restart(base::Instant now, const std::optional<lldp::EvbTlv>& before,
                         Outputs& out);
  void send_lldp(base::Instant now, Outputs& out);
  void pump(base::Instant now, Outputs& out);
  void send(const lldp::MacAddress& destination, std::uint16_t ethertype, base::Bytes payload,
            Outputs& out) const;

  PortConfig config;
  bool link_up = false;
  lldp::LldpAgent agent;
  lldp::EvbNegotiation evb;
  lldp::EvbOperational operational;  // as last applied
  bool relay_ordered = false;
  lldp::EcpTransmitter ecp_transmitter;
  lldp::EcpReceiver ecp_receiver;
  std::uint64_t ecp_refused = 0;
  Station station;  // of the two, the one of our role is used
  Bridge bridge;
};

void Port::Impl::take(base::Instant now, const FrameReceived& event, Outputs& out) {
  const auto frame = lldp::decode_ethernet(event.frame);
  if (!frame) {
    out.push_back(FrameRefused{frame.error()});
    return;
  }
  if (frame->source == config.address) {  // a reflecting bridge may send us our own
    out.push_back(FrameRefused{{Fault::kOwnFrame, kSourceOctet}});
    return;
  }
  if (!link_up) {
    out.push_back(FrameRefused{{Fault::kNotPermitted, 0}});
  } else if (frame->ethertype == lldp::kLldpEthertype) {
    receive_lldp(now, *frame, out);
  } else if (frame->ethertype == lldp::kEcpEthertype) {
    receive_ecp(now, *frame, out);
  } else {
    out.push_back(FrameRefused{{Fault::kWrongEthertype, kEthertypeOctet}});
  }
}

void Port::Impl::receive_lldp(base::Instant now, const lldp::EthernetFrame& frame, Outputs& out) {
  if (frame.destination != config.lldp_destination) {  // another agent's, see 802.1AB 7.1
    out.push_back(FrameRefused{{Fault::kWrongAddress, 0}});
    return;
  }
  lldp::LldpOutputs orders;
  agent.receive(now, frame.payload, frame.source, orders);
  carry_out(now, orders, out);
  send_lldp(now, out);
}

void Port::Impl::receive_ecp(base::Instant now, const lldp::EthernetFrame& frame, Outputs& out) {
  std::optional<DecodeError> error;
  const auto ecpdu = lldp::decode_ecpdu(frame.payload);
  if (frame.destination != config.ecp_destination) {
    error = DecodeError{Fault::kWrongAddress, 0};
  } else if (!ecpdu) {
    error = DecodeError{ecpdu.error().fault, ecpdu.error().octet + lldp::kEthernetHeaderSize};
  } else if (!operational.on) {  // there is no ECP before EVB is agreed
    error = DecodeError{Fault::kNotPermitted, kEthertypeOctet};
  }
  if (error) {
    ++ecp_refused;
    out.push_back(FrameRefused{*error});
    return;
  }
  lldp::EcpOutputs orders;
  if (ecpdu->operation == lldp::EcpOperation::kRequest) {
    ecp_receiver.receive(ecpdu->sequence, ecpdu->ulpdu, orders);
  } else {
    ecp_transmitter.acknowledge(now, ecpdu->sequence, orders);
  }
  carry_out(now, orders, out);
}

void Port::Impl::receive_vdpdu(base::Instant now, base::Bytes ulpdu, Outputs& out) {
  constexpr auto kOffset = lldp::kEthernetHeaderSize + lldp::kEcpHeaderSize;
  const auto refuse = [&](const DecodeError& error) {
    out.push_back(FrameRefused{{error.fault, error.octet + kOffset}});
  };
  const auto vdpdu = decode_vdpdu(ulpdu);
  if (!vdpdu) {
    refuse(vdpdu.error());
    return;
  }
  for (const auto& refused : vdpdu->refused) refuse(refused.error);
  if (is_station()) {
    station.receive(now, *vdpdu, out);
  } else {
    bridge.receive(now, *vdpdu, out);
  }
}

void Port::Impl::take(base::Instant now, const LinkChanged& event, Outputs& out) {
  if (event.up == link_up) return;
  link_up = event.up;
  lldp::LldpOutputs orders;
  agent.port_enabled(now, link_up, orders);
  carry_out(now, orders, out);
}

void Port::Impl::take(base::Instant now, const PortReconfigured& event, Outputs& out) {
  const auto role = config.evb.role;
  config = *event.config;
  config.evb.role = role;
  station.configure(config);
  bridge.configure(config);
  evb.set_proposal(config.evb);
  lldp::LldpOutputs orders;
  agent.set_config(now, config.lldp, orders);
  carry_out(now, orders, out);
  apply_evb(now, out);
}

void Port::Impl::take(base::Instant now, const AdminStatusChanged& event, Outputs& out) {
  config.lldp.admin_status = event.status;
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

void Port::Impl::carry_out(base::Instant now, lldp::LldpOutputs& orders, Outputs& out) {
  for (auto& order : orders) {
    std::visit(base::Overload{
                   [&](lldp::SendLldpdu& pdu) {
                     send(config.lldp_destination, lldp::kLldpEthertype, pdu.lldpdu, out);
                   },
                   [&](lldp::NeighborsChanged&) {
                     out.push_back(NeighborsChanged{});
                     apply_evb(now, out);
                   },
                   [&](lldp::LldpduRefused& refused) {
                     out.push_back(FrameRefused{
                         {refused.error.fault, refused.error.octet + lldp::kEthernetHeaderSize}});
                   },
               },
               order);
  }
}

void Port::Impl::carry_out(base::Instant now, lldp::EcpOutputs& orders, Outputs& out) {
  for (auto& order : orders) {
    std::visit(base::Overload{
                   [&](lldp::SendEcpdu& pdu) {
                     send(config.ecp_destination, lldp::kEcpEthertype, pdu.ecpdu, out);
                   },
                   [&](lldp::EcpAcknowledged&) {},
                   [&](lldp::EcpGivenUp& given_up) {
                     station.undelivered();
                     out.push_back(EcpDeliveryFailed{given_up.sequence});
                   },
                   [&](lldp::DeliverUlpdu& pdu) { receive_vdpdu(now, pdu.ulpdu, out); },
               },
               order);
  }
}

/// Follows the neighbours and our own proposal: what we send, the relay, and the values in use.
void Port::Impl::apply_evb(base::Instant now, Outputs& out) {
  const auto before = evb.remote();
  evb.set_remote(lldp::find_evb_tlv(agent.neighbors(), config.evb.role));
  std::vector<lldp::OrganizationalTlv> tlvs;
  if (const auto local = evb.local()) tlvs.push_back(lldp::to_organizational(*local));
  lldp::LldpOutputs orders;
  agent.set_organizational(now, std::move(tlvs), orders);
  carry_out(now, orders, out);
  if (evb.relay_wanted() != relay_ordered) {
    relay_ordered = evb.relay_wanted();
    out.push_back(SetReflectiveRelay{relay_ordered});
  }
  apply_operational(now, out);
  watch_for_restart(now, before, out);
}

void Port::Impl::apply_operational(base::Instant now, Outputs& out) {
  if (evb.operational() == operational) return;
  operational = evb.operational();
  out.push_back(EvbChanged{operational});
  ecp_transmitter.set_limits({operational.max_retries, operational.ack_time()});
  ecp_receiver.port_enabled(operational.on);
  lldp::EcpOutputs orders;
  ecp_transmitter.port_enabled(now, operational.on, orders);
  carry_out(now, orders, out);
  if (is_station()) {
    station.evb_changed(now, operational, out);
  } else {
    bridge.evb_changed(now, operational, out);
  }
}

/// A bridge repeats our station status to us. One that did and now sends zeroes has forgotten us,
/// as after a restart, and with us our VSIs. A repeated association does no harm if it has not.
void Port::Impl::watch_for_restart(base::Instant now, const std::optional<lldp::EvbTlv>& before,
                                   Outputs& out) {
  const auto& remote = evb.remote();
  if (!is_station() || !before || !remote || !operational.on) return;
  const auto knows_us = [](const lldp::EvbTlv& tlv) {
    return tlv.station_group_ids || tlv.relay_request ||
           tlv.relay_status != lldp::RelayStatus::kOff;
  };
  if (knows_us(*before) && !knows_us(*remote) && knows_us(*evb.local())) {
    station.confirm_all(now, out);
  }
}

void Port::Impl::send_lldp(base::Instant now, Outputs& out) {
  lldp::LldpOutputs orders;
  agent.time_passed(now, orders);
  carry_out(now, orders, out);
}

/// Pulls ECPDUs while ECP can take one.
void Port::Impl::pump(base::Instant now, Outputs& out) {
  while (operational.on && ecp_transmitter.ready() &&
         (is_station() ? station.ready(now) : bridge.ready(now))) {
    const auto vdpdu = is_station() ? station.next_vdpdu(now) : bridge.next_vdpdu(now);
    if (vdpdu.empty()) continue;
    lldp::EcpOutputs orders;
    ecp_transmitter.request(now, vdpdu, orders);
    carry_out(now, orders, out);
  }
}

void Port::Impl::send(const lldp::MacAddress& destination, std::uint16_t ethertype,
                      base::Bytes payload, Outputs& out) const {
  out.push_back(
      SendFrame{lldp::encode_ethernet({destination, config.address, ethertype, payload})});
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
  return base::earlier(next, impl_->agent.deadline());
}

const PortConfig& Port::config() const { return impl_->config; }
bool Port::link_up() const { return impl_->link_up; }
const lldp::EvbNegotiation& Port::evb() const { return impl_->evb; }
const std::vector<lldp::Neighbor>& Port::neighbors() const { return impl_->agent.neighbors(); }
const lldp::LldpCounters& Port::lldp_counters() const { return impl_->agent.counters(); }
bool Port::too_many_neighbors() const { return impl_->agent.too_many_neighbors(); }

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
