// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "lldp/ecp_framing.hpp"
#include "lldp/ecp_receiver.hpp"
#include "lldp/ecp_transmitter.hpp"
#include "lldp/ethernet.hpp"
#include "vdp/bridge.hpp"
#include "vdp/dialect.hpp"
#include "vdp/port.hpp"
#include "vdp/station.hpp"

namespace vdp {

/// What is behind a Port; port.cpp has what comes in, port_frames.cpp what frames do, port_evb.cpp
/// what follows from EVB TLVs, port_cdcp.cpp what follows from CDCP TLVs.
struct Port::Impl {
  explicit Impl(const PortConfig& port_config);

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
  void refuse(const lldp::LldpduRefused& refused, Outputs& out) const;
  std::vector<lldp::OrganizationalTlv> organizational() const;
  void apply_evb(base::Instant now, Outputs& out);
  void apply_operational(base::Instant now, Outputs& out);
  void use(base::Instant now, const lldp::EvbOperational& values, Outputs& out);
  void speak(lldp::Dialect dialect);
  void watch_for_restart(base::Instant now, const std::optional<lldp::EvbTlv>& before,
                         Outputs& out);
  void send_lldp(base::Instant now, Outputs& out);
  // CDCP; each does nothing on a port without it.
  void start_cdcp();
  void configure_cdcp(base::Instant now, Outputs& out);
  void end_cdcp(base::Instant now, Outputs& out);
  void follow_cdcp(base::Instant now, Outputs& out);
  void carry_out_cdcp(base::Instant now, lldp::LldpOutputs& orders, Outputs& out);
  void pump(base::Instant now, Outputs& out);
  void send(const lldp::MacAddress& destination, std::uint16_t ethertype, base::Bytes payload,
            Outputs& out) const;

  struct Cdcp {
    lldp::CdcpMachine machine;
    lldp::MacAddress destination;
    /// Of cdcp_destination; nullopt: CDCP shares the EVB TLV's.
    std::optional<lldp::LldpAgent> agent;
  };

  PortConfig config;
  bool link_up = false;
  lldp::LldpAgent agent;
  lldp::EvbDialects evb;
  std::optional<Cdcp> cdcp;
  lldp::EvbOperational operational;  // as last applied
  const lldp::EcpFraming* framing;   // of its dialect
  const DialectRules* rules;
  bool relay_ordered = false;
  lldp::EcpTransmitter ecp_transmitter;
  lldp::EcpReceiver ecp_receiver;
  std::uint64_t ecp_refused = 0;
  Station station;  // of the two, the one of our role is used
  Bridge bridge;
};

}  // namespace vdp
