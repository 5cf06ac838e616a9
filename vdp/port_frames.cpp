// SPDX-License-Identifier: Apache-2.0
// What a received frame does, and what is sent.
#include "lldp/base/overload.hpp"
#include "vdp/port_impl.hpp"

namespace vdp {
namespace {

using base::DecodeError;
using base::Fault;

constexpr std::size_t kSourceOctet = 6;
constexpr std::size_t kEthertypeOctet = 12;

/// Whether the port may come to speak ECP below this Ethertype.
bool may_serve(const PortConfig& config, std::uint16_t ethertype) {
  const auto is_of = [&](lldp::Dialect dialect) {
    return may_speak(config.evb.dialect, dialect) &&
           lldp::ecp_framing(dialect).ethertype == ethertype;
  };
  return is_of(lldp::Dialect::kRatified) || is_of(lldp::Dialect::kDraft02);
}

}  // namespace

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
  } else if (frame->ethertype == framing->ethertype) {
    receive_ecp(now, *frame, out);
  } else if (may_serve(config, frame->ethertype)) {  // the other dialect's ECP
    out.push_back(FrameRefused{{Fault::kNotPermitted, kEthertypeOctet}});
  } else {
    out.push_back(FrameRefused{{Fault::kWrongEthertype, kEthertypeOctet}});
  }
}

void Port::Impl::receive_lldp(base::Instant now, const lldp::EthernetFrame& frame, Outputs& out) {
  lldp::LldpOutputs orders;
  if (frame.destination == config.lldp_destination) {
    agent.receive(now, frame.payload, frame.source, orders);
    carry_out(now, orders, out);
  } else if (cdcp && cdcp->agent && frame.destination == cdcp->destination) {
    cdcp->agent->receive(now, frame.payload, frame.source, orders);
    carry_out_cdcp(now, orders, out);
  } else {  // another agent's, see 802.1AB 7.1
    out.push_back(FrameRefused{{Fault::kWrongAddress, 0}});
    return;
  }
  send_lldp(now, out);
}

void Port::Impl::receive_ecp(base::Instant now, const lldp::EthernetFrame& frame, Outputs& out) {
  std::optional<DecodeError> error;
  const auto ecpdu = framing->decode(frame.payload);
  if (frame.destination != ecp_destination(config, operational.dialect)) {
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
  const auto refuse = [&](const DecodeError& error) {
    const auto offset = lldp::kEthernetHeaderSize + framing->header_size;
    out.push_back(FrameRefused{{error.fault, error.octet + offset}});
  };
  const auto vdpdus = rules->read(ulpdu, config.evb.role);
  if (!vdpdus) {
    refuse(vdpdus.error());
    return;
  }
  for (const auto& vdpdu : *vdpdus) {
    for (const auto& refused : vdpdu.refused) refuse(refused.error);
    if (is_station()) {
      station.receive(now, vdpdu, out);
    } else {
      bridge.receive(now, vdpdu, out);
    }
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
                     if (cdcp && !cdcp->agent) follow_cdcp(now, out);
                     apply_evb(now, out);
                   },
                   [&](lldp::LldpduRefused& refused) { refuse(refused, out); },
               },
               order);
  }
}

void Port::Impl::carry_out(base::Instant now, lldp::EcpOutputs& orders, Outputs& out) {
  for (auto& order : orders) {
    std::visit(base::Overload{
                   [&](lldp::SendEcpdu& pdu) {
                     send(ecp_destination(config, operational.dialect), framing->ethertype,
                          pdu.ecpdu, out);
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

void Port::Impl::refuse(const lldp::LldpduRefused& refused, Outputs& out) const {
  out.push_back(
      FrameRefused{{refused.error.fault, refused.error.octet + lldp::kEthernetHeaderSize}});
}

void Port::Impl::send_lldp(base::Instant now, Outputs& out) {
  lldp::LldpOutputs orders;
  agent.time_passed(now, orders);
  carry_out(now, orders, out);
  if (!cdcp || !cdcp->agent) return;
  lldp::LldpOutputs channel_orders;
  cdcp->agent->time_passed(now, channel_orders);
  carry_out_cdcp(now, channel_orders, out);
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

}  // namespace vdp
