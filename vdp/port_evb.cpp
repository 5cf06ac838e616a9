// SPDX-License-Identifier: Apache-2.0
// What follows from the EVB TLVs: ours, the neighbour's, the dialect and the values in use.
#include "lldp/organizational.hpp"
#include "vdp/port_impl.hpp"

namespace vdp {

/// What the LLDPDUs with the EVB TLV carry.
std::vector<lldp::OrganizationalTlv> Port::Impl::organizational() const {
  auto tlvs = evb.to_send();
  if (cdcp && !cdcp->agent) tlvs.push_back(lldp::to_organizational(cdcp->machine.local()));
  return tlvs;
}

/// Follows the neighbours and our own proposal: what we send, the relay, and the values in use.
void Port::Impl::apply_evb(base::Instant now, Outputs& out) {
  const auto before = evb.remote();
  evb.set_neighbors(agent.neighbors());
  lldp::LldpOutputs orders;
  agent.set_organizational(now, organizational(), orders);
  carry_out(now, orders, out);
  if (evb.relay_wanted() != relay_ordered) {
    relay_ordered = evb.relay_wanted();
    out.push_back(SetReflectiveRelay{relay_ordered});
  }
  apply_operational(now, out);
  watch_for_restart(now, before, out);
}

void Port::Impl::apply_operational(base::Instant now, Outputs& out) {
  const auto& values = evb.operational();
  if (values == operational) return;
  if (operational.on && values.on && operational.dialect != values.dialect) {
    auto off = operational;  // what was agreed in the old dialect ends in it
    off.on = false;
    use(now, off, out);
  }
  use(now, values, out);
}

void Port::Impl::use(base::Instant now, const lldp::EvbOperational& values, Outputs& out) {
  operational = values;
  out.push_back(EvbChanged{operational});
  ecp_transmitter.set_limits({operational.max_retries, operational.ack_time()});
  ecp_receiver.port_enabled(operational.on);
  lldp::EcpOutputs orders;
  ecp_transmitter.port_enabled(now, operational.on, orders);
  carry_out(now, orders, out);
  speak(operational.dialect);
  if (is_station()) {
    station.evb_changed(now, operational, out);
  } else {
    bridge.evb_changed(now, operational, out);
  }
}

void Port::Impl::speak(lldp::Dialect dialect) {
  framing = &lldp::ecp_framing(dialect);
  rules = &rules_of(dialect);
  ecp_transmitter.set_framing(*framing);
  ecp_receiver.set_framing(*framing);
  station.speak(*rules);
  bridge.speak(*rules);
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

}  // namespace vdp
