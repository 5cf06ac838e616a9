// SPDX-License-Identifier: Apache-2.0
#include "agent/api/convert.hpp"

#include <fmt/format.h>

#include <array>

#include "agent/api/identifiers.hpp"

namespace agent::api {
namespace {

void timestamp(const ReportContext& context, base::Instant instant,
               google::protobuf::Timestamp& to) {
  to_pb(context.ports.wall_clock(instant), to);
}

std::int64_t microseconds_until(const ReportContext& context, base::Instant instant) {
  return (instant - context.now).count();
}

void exponent(unsigned value, pb::Exponent& to) {
  to.set_exponent(value);
  to.set_us(static_cast<std::uint64_t>(base::exponent_time(value).count()));
}

std::string_view word(lldp::RelayStatus status) {
  switch (status) {
    case lldp::RelayStatus::kOff: return "off";
    case lldp::RelayStatus::kOn: return "on";
    default: return "unknown";
  }
}

void abilities(const lldp::Draft02Abilities& of, pb::Draft02Abilities& to) {
  to.set_standard_bridging(of.standard_bridging);
  to.set_reflective_relay(of.reflective_relay);
  to.set_rte(of.rte);
  to.set_ecp(of.ecp);
  to.set_vdp(of.vdp);
}

void in_use(unsigned exponent, base::Duration time, pb::Exponent& to) {
  to.set_exponent(exponent);
  to.set_us(static_cast<std::uint64_t>(time.count()));
}

void in_use(const lldp::EvbOperational& values, pb::EvbInUse& to) {
  to.set_on(values.on);
  to.set_max_retries(values.max_retries);
  in_use(values.retransmit_exponent, values.ack_time(), *to.mutable_retransmit());
  in_use(values.resource_wait_delay, values.resource_wait_time(), *to.mutable_resource_wait());
  in_use(values.reinit_keep_alive, values.keep_alive_time(), *to.mutable_keep_alive());
  to.set_response_wait_us(static_cast<std::uint64_t>(values.response_wait_time().count()));
  to.set_keep_alive_timeout_us(static_cast<std::uint64_t>(values.keep_alive_timeout().count()));
  to.set_group_ids(values.group_ids);
  to.set_relay_status(std::string(word(values.relay_status)));
}

void ecp(const vdp::EcpReport& report, pb::Ecp& to) {
  to.set_transmitter_state(std::string(report.transmitter_state));
  to.set_receiver_state(std::string(report.receiver_state));
  to.set_sequence(report.sequence);
  if (report.last_received) to.set_last_received(*report.last_received);
  to.set_sent(report.counters.requests_sent);
  to.set_retried(report.counters.retries);
  to.set_failed(report.counters.failures);
  to.set_acks_received(report.counters.acks_received);
  to.set_acks_ignored(report.counters.acks_ignored);
  to.set_received(report.counters.requests_received);
  to.set_duplicates(report.counters.duplicates);
  to.set_refused(report.counters.refused);
}

void lldp_counters(const lldp::LldpCounters& counters, pb::Lldp& to) {
  to.set_sent(counters.frames_out);
  to.set_received(counters.frames_in);
  to.set_received_with_errors(counters.frames_in_errors);
  to.set_discarded(counters.frames_discarded);
  to.set_tlvs_discarded(counters.tlvs_discarded);
  to.set_tlvs_unrecognized(counters.tlvs_unrecognized);
  to.set_ageouts(counters.ageouts);
  to.set_inserts(counters.inserts);
  to.set_drops(counters.drops);
  to.set_deletes(counters.deletes);
  to.set_length_errors(counters.length_errors);
}

std::string_view said_by(const vdp::Failure& failure) {
  switch (failure.cause) {
    case vdp::VsiCause::kRefusedByBridge:
    case vdp::VsiCause::kDeassociatedByBridge: return "bridge";
    case vdp::VsiCause::kRefusedLocally:
    case vdp::VsiCause::kNoResources:
    case vdp::VsiCause::kDeassociatedByClient: return "evbd";
    default: return "nobody";
  }
}

void cdcp_side(const lldp::CdcpTlv& tlv, pb::CdcpSide& to) {
  to.set_role(tlv.role == lldp::CdcpRole::kStation ? "station" : "bridge");
  to.set_s_component(tlv.s_component);
  to.set_capacity(tlv.channel_capacity);
  for (const auto& channel : tlv.channels) {
    auto& entry = *to.add_channels();
    entry.set_scid(channel.scid);
    entry.set_svid(channel.svid);
  }
}

void s_channels(const PortInfo& info, const vdp::Port& core, pb::Port& to) {
  to.set_uplink(info.uplink);
  to.set_scid(info.scid);
  to.set_svid(info.svid);
  const auto* const machine = core.cdcp();
  if (machine == nullptr) return;
  auto& cdcp = *to.mutable_cdcp();
  cdcp.set_state(std::string(to_string(machine->state())));
  cdcp.set_destination(lldp::to_string(core.config().cdcp_destination));
  cdcp_side(machine->local(), *cdcp.mutable_local());
  if (const auto& remote = machine->remote()) cdcp_side(*remote, *cdcp.mutable_remote());
  cdcp.set_capacity(machine->capacity());
  for (const auto& channel : machine->channels()) {
    auto& entry = *cdcp.add_channels();
    entry.set_scid(channel.scid);
    entry.set_svid(channel.svid);
  }
  for (auto* const list : {cdcp.mutable_local()->mutable_channels(), cdcp.mutable_channels()}) {
    for (auto& entry : *list) {
      const auto port = info.s_channels.find(static_cast<std::uint16_t>(entry.scid()));
      if (port != info.s_channels.end()) entry.set_port(port->second);
    }
  }
}

}  // namespace

void to_pb(std::chrono::system_clock::time_point time, google::protobuf::Timestamp& to) {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  const auto since = time.time_since_epoch();
  const auto whole = std::chrono::floor<seconds>(since);
  to.set_seconds(whole.count());
  to.set_nanos(static_cast<std::int32_t>(nanoseconds(since - whole).count()));
}

void to_pb(const vdp::FilterInfo& filters,
           google::protobuf::RepeatedPtrField<pb::FilterEntry>& to) {
  for (const auto& entry : filters.entries) {
    auto& added = *to.Add();
    added.set_vid(entry.vid);
    if (vdp::has_mac(filters.format)) added.set_mac(lldp::to_string(entry.mac));
    if (vdp::has_group(filters.format)) added.set_group(entry.group);
    if (entry.ps) added.set_pcp(entry.pcp);
  }
}

void to_pb(const vdp::Failure& failure, const ReportContext& context, pb::Failure& to) {
  to.set_cause(to_pb(failure.cause));
  to.set_command(to_pb(failure.command));
  to.set_reason(static_cast<std::uint32_t>(failure.reason));
  if (failure.reason != vdp::Reason::kSuccess) {
    to.set_reason_text(std::string(explain_reason(to.reason()).name));
  }
  to.set_hard(failure.hard);
  to.set_keep(failure.keep);
  if (failure.local != vdp::LocalRefusal::kNone) {
    to.set_local_refusal(std::string(vdp::to_string(failure.local)));
  }
  to.set_ecp_unacknowledged(failure.ecp_unacknowledged);
  to.set_said_by(std::string(said_by(failure)));
  timestamp(context, failure.since, *to.mutable_since());
}

void to_pb(vdp::LocalRefusal refusal, const ReportContext& context, pb::Failure& to) {
  vdp::Failure failure;
  failure.cause = vdp::VsiCause::kRefusedLocally;
  failure.local = refusal;
  failure.since = context.now;
  to_pb(failure, context, to);
}

void to_pb(const vdp::VsiReport& report, const vdp::PortConfig& config,
           const ReportContext& context, pb::Vsi& to) {
  to.set_port(std::string(context.port));
  to.set_role(config.evb.role == lldp::EvbRole::kStation ? "station" : "bridge");
  to.set_id(vdp::to_string(report.id));
  to.set_id_format(to_pb(report.id.format));
  to.set_state(to_pb(report.state));
  timestamp(context, report.since, *to.mutable_since());
  if (report.wanted) to.set_wanted(to_pb(*report.wanted));
  to.set_waiting_for_evb(report.waiting_for_evb);
  to.set_manager(vdp::to_string(report.manager));
  to.set_manager_octets(report.manager.octets.data(), report.manager.octets.size());
  to.set_type_id(report.vsi_type.id);
  to.set_type_version(report.vsi_type.version);
  to.set_filter_format(to_pb(report.filters.format));
  to_pb(report.filters, *to.mutable_filters());
  to.mutable_migration()->set_to_here(report.migration.to_here);
  to.mutable_migration()->set_from_here(report.migration.from_here);
  to.set_machine_state(std::string(report.machine_state));
  if (report.timer_ends) {
    to.mutable_timer()->set_name(std::string(report.timer));
    timestamp(context, *report.timer_ends, *to.mutable_timer()->mutable_ends());
    to.mutable_timer()->set_remaining_us(microseconds_until(context, *report.timer_ends));
  }
  if (report.last_failure) to_pb(*report.last_failure, context, *to.mutable_last_failure());
  if (report.next_try) {
    timestamp(context, *report.next_try, *to.mutable_next_try());
    to.set_next_try_in_us(microseconds_until(context, *report.next_try));
  }
  to.set_tries(report.tries);
}

void to_pb(const lldp::EvbTlv& tlv, pb::EvbSide& to) {
  const bool station = tlv.mode == lldp::EvbMode::kEvbStation;
  switch (tlv.mode) {
    case lldp::EvbMode::kEvbStation: to.set_mode("station"); break;
    case lldp::EvbMode::kEvbBridge: to.set_mode("bridge"); break;
    case lldp::EvbMode::kNotSupported: to.set_mode("not supported"); break;
  }
  to.set_reflective_relay(station ? tlv.relay_request : tlv.relay_capable);
  to.set_reflective_relay_on(tlv.relay_control);
  if (station) to.set_relay_status(std::string(word(tlv.relay_status)));
  to.set_group_ids(station ? tlv.station_group_ids : tlv.bridge_group_ids);
  to.set_max_retries(tlv.max_retries);
  exponent(tlv.retransmit_exponent, *to.mutable_retransmit());
  exponent(tlv.resource_wait_delay, *to.mutable_resource_wait());
  exponent(tlv.reinit_keep_alive, *to.mutable_keep_alive());
  to.set_uses_remote_resource_wait(tlv.remote_rwd);
  to.set_uses_remote_keep_alive(tlv.remote_rka);
}

void to_pb(const lldp::Draft02EvbTlv& tlv, pb::Draft02Evb& to) {
  abilities(tlv.supported, *to.mutable_supported());
  abilities(tlv.configured, *to.mutable_configured());
  to.set_supported_vsis(tlv.supported_vsis);
  to.set_configured_vsis(tlv.configured_vsis);
  exponent(tlv.retransmit_exponent, *to.mutable_retransmit());
}

void to_pb(const PortInfo& info, const vdp::Port& core, pb::Port& to) {
  const auto& config = core.config();
  s_channels(info, core, to);
  to.set_name(info.name);
  to.set_role(config.evb.role == lldp::EvbRole::kStation ? "station" : "bridge");
  to.set_bridge(info.bridge);
  to.set_present(info.present);
  to.set_link_up(core.link_up());
  to.set_trouble(info.trouble);
  to.set_address(lldp::to_string(config.address));
  to.set_mtu(static_cast<std::uint32_t>(config.mtu));
  to.set_lldp_destination(lldp::to_string(config.lldp_destination));
  const auto dialect = core.evb().dialect();
  to.set_ecp_destination(lldp::to_string(vdp::ecp_destination(config, dialect)));
  to.set_dialect(std::string(lldp::to_string(dialect)));
  to.set_dialect_choice(std::string(lldp::to_string(config.evb.dialect)));
  if (const auto ours = core.evb().draft02_local()) to_pb(*ours, *to.mutable_draft02_local());
  if (const auto& theirs = core.evb().draft02_remote()) {
    to_pb(*theirs, *to.mutable_draft02_remote());
  }
  if (const auto local = core.evb().local()) to_pb(*local, *to.mutable_local());
  if (const auto& remote = core.evb().remote()) to_pb(*remote, *to.mutable_remote());
  in_use(core.evb().operational(), *to.mutable_in_use());
  ecp(core.ecp(), *to.mutable_ecp());
  lldp_counters(core.lldp_counters(), *to.mutable_lldp());
  to.mutable_lldp()->set_too_many_neighbors(core.too_many_neighbors());
  const auto vdp = core.vdp_counters();
  to.mutable_vdp()->set_tlvs_sent(vdp.tlvs_sent);
  to.mutable_vdp()->set_tlvs_received(vdp.tlvs_received);
  to.mutable_vdp()->set_tlvs_refused(vdp.tlvs_refused);
  to.set_neighbors(static_cast<std::uint32_t>(core.neighbors().size()));
  to.set_vsis(static_cast<std::uint32_t>(core.vsi_count()));
}

void to_pb(const lldp::Neighbor& neighbor, const ReportContext& context, pb::Neighbor& to) {
  to.set_port(std::string(context.port));
  to.set_source(lldp::to_string(neighbor.source));
  describe(neighbor.information, to);
  to.set_ttl(neighbor.ttl);
  timestamp(context, neighbor.expires, *to.mutable_expires());
  to.set_expires_in_us(microseconds_until(context, neighbor.expires));
  timestamp(context, neighbor.first_heard, *to.mutable_first_heard());
  timestamp(context, neighbor.last_changed, *to.mutable_last_changed());
  to.set_unrecognized_tlvs(neighbor.unrecognized_tlvs);
}

}  // namespace agent::api
