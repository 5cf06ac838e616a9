// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "agent/api/explain.hpp"
#include "agent/ctl/table.hpp"
#include "agent/ctl/text.hpp"
#include "lldp/base/hex.hpp"

namespace agent::ctl {
namespace {

using api::duration_text;

std::string line(std::string_view name, std::string_view value) {
  return fmt::format("  {:<18}{}\n", name, value);
}

std::string_view yes_no(bool yes) { return yes ? "yes" : "no"; }

std::string duration(std::uint64_t us) { return duration_text(static_cast<std::int64_t>(us)); }

/// "14 (164 ms)"
std::string exponent(const pb::Exponent& value) {
  return fmt::format("{} ({})", value.exponent(), duration(value.us()));
}

std::string with_origin(const pb::Exponent& value, bool of_remote) {
  return exponent(value) + (of_remote ? " ROL" : "");
}

std::string relay(const pb::EvbSide& side) {
  if (side.mode() == "station") {
    return fmt::format("{}, sees {}", side.reflective_relay() ? "asks" : "does not ask",
                       side.relay_status());
  }
  return fmt::format("{}, {}", side.reflective_relay() ? "capable" : "not capable",
                     side.reflective_relay_on() ? "on" : "off");
}

/// Both sides of the EVB TLV, and what follows from them, side by side.
std::string evb_table(const pb::Port& port) {
  const auto cells = [](bool there, auto&& of) { return there ? std::string(of()) : "-"; };
  const auto& local = port.local();
  const auto& remote = port.remote();
  const auto& used = port.in_use();
  const bool ours = port.has_local();
  const bool theirs = port.has_remote();
  const auto in_use = [&](std::string text) { return used.on() ? text : "(" + text + ")"; };
  Table table({"EVB", "LOCAL", "REMOTE", "IN USE"});
  const auto add = [&](std::string_view name, auto&& of, std::string value) {
    table.add({std::string(name), cells(ours, [&] { return of(local); }),
               cells(theirs, [&] { return of(remote); }), std::move(value)});
  };
  add(
      "mode", [](const auto& side) { return side.mode(); }, used.on() ? "on" : "off");
  add("reflective relay", relay, used.relay_status());
  add(
      "GroupIDs", [](const auto& side) { return std::string(yes_no(side.group_ids())); },
      std::string(yes_no(used.group_ids())));
  add(
      "R (max retries)", [](const auto& side) { return fmt::format("{}", side.max_retries()); },
      in_use(fmt::format("{}", used.max_retries())));
  add(
      "RTE (ack timer)", [](const auto& side) { return exponent(side.retransmit()); },
      in_use(exponent(used.retransmit())));
  add(
      "RWD (resource wait)",
      [](const auto& side) {
        return with_origin(side.resource_wait(), side.uses_remote_resource_wait());
      },
      in_use(exponent(used.resource_wait())));
  add(
      "RKA (keep-alive)",
      [](const auto& side) {
        return with_origin(side.keep_alive(), side.uses_remote_keep_alive());
      },
      in_use(exponent(used.keep_alive())));
  return table.text("  ");
}

std::string words(const pb::Draft02Abilities& of) {
  std::string text = of.reflective_relay() && of.standard_bridging() ? "bridging, relay"
                     : of.reflective_relay()                         ? "relay"
                                                                     : "bridging";
  for (const auto& [there, name] :
       {std::pair(of.rte(), "RTE"), std::pair(of.ecp(), "ECP"), std::pair(of.vdp(), "VDP")}) {
    if (there) text += std::string(", ") + name;
  }
  return text;
}

/// The same for draft 0.2, whose times are fixed.
std::string draft02_table(const pb::Port& port) {
  const auto& used = port.in_use();
  Table table({"EVB (draft 0.2)", "LOCAL", "REMOTE", "IN USE"});
  const auto add = [&](std::string_view name, auto&& of, std::string value) {
    const auto cell = [&](bool there, const pb::Draft02Evb& tlv) {
      return there ? std::string(of(tlv)) : "-";
    };
    table.add({std::string(name), cell(port.has_draft02_local(), port.draft02_local()),
               cell(port.has_draft02_remote(), port.draft02_remote()), std::move(value)});
  };
  add(
      "supported", [](const auto& tlv) { return words(tlv.supported()); },
      used.on() ? "on" : "off");
  add(
      "chosen", [](const auto& tlv) { return words(tlv.configured()); },
      "relay " + used.relay_status());
  add(
      "VSIs",
      [](const auto& tlv) {
        return fmt::format("{} of {}", tlv.configured_vsis(), tlv.supported_vsis());
      },
      "-");
  add(
      "RTE", [](const auto& tlv) { return exponent(tlv.retransmit()); }, "-");
  auto text = table.text("  ");
  text += line("ack timer",
               fmt::format("{}, {} retries", duration(used.retransmit().us()), used.max_retries()));
  return text + line("keep-alive", duration(used.keep_alive().us()));
}

std::string ecp_lines(const pb::Ecp& ecp) {
  auto text = line("ECP transmitter",
                   fmt::format("{}, sequence {}", ecp.transmitter_state(), ecp.sequence()));
  text += line("ECP receiver",
               fmt::format("{}, last {}", ecp.receiver_state(),
                           ecp.has_last_received() ? fmt::format("{}", ecp.last_received()) : "-"));
  text +=
      line("ECP sent",
           fmt::format("{}, retried {}, failed {}, acknowledged {}, acks ignored {}", ecp.sent(),
                       ecp.retried(), ecp.failed(), ecp.acks_received(), ecp.acks_ignored()));
  return text + line("ECP received", fmt::format("{}, duplicate {}, refused {}", ecp.received(),
                                                 ecp.duplicates(), ecp.refused()));
}

std::string lldp_lines(const pb::Lldp& lldp) {
  auto text = line("LLDP frames",
                   fmt::format("sent {}, received {}, with errors {}, discarded {}", lldp.sent(),
                               lldp.received(), lldp.received_with_errors(), lldp.discarded()));
  text += line("LLDP TLVs",
               fmt::format("discarded {}, unrecognized {}, length errors {}", lldp.tlvs_discarded(),
                           lldp.tlvs_unrecognized(), lldp.length_errors()));
  return text + line("LLDP neighbours",
                     fmt::format("inserts {}, deletes {}, drops {}, ageouts {}{}", lldp.inserts(),
                                 lldp.deletes(), lldp.drops(), lldp.ageouts(),
                                 lldp.too_many_neighbors() ? ", TOO MANY now" : ""));
}

std::string id_text(const pb::Identifier& id) {
  return fmt::format("{} (subtype {})", id.text(), id.subtype());
}

std::string hex(const std::string& octets) {
  std::string text;
  for (const char c : octets) {
    base::put_hex(static_cast<std::uint8_t>(c), std::back_inserter(text));
  }
  return text;
}

std::string evb_line(const pb::EvbSide& evb) {
  return line("EVB",
              fmt::format("{}, reflective relay {}, GroupIDs {}, R {}, RTE {}, RWD {}, RKA {}",
                          evb.mode(), relay(evb), yes_no(evb.group_ids()), evb.max_retries(),
                          exponent(evb.retransmit()),
                          with_origin(evb.resource_wait(), evb.uses_remote_resource_wait()),
                          with_origin(evb.keep_alive(), evb.uses_remote_keep_alive())));
}

std::string mirror_lines(const pb::Mirror& mirror) {
  auto text = line("mirrors", fmt::format("{} at revision {}", mirror.source(), mirror.revision()));
  text += line("", fmt::format("cluster {}", mirror.cluster()));
  text += line("", fmt::format("{} {} ({} ago)", mirror.stale() ? "stale since" : "last contact",
                               date_and_time(mirror.last_contact()),
                               api::duration_text(mirror.contact_ago_us())));
  return mirror.trouble().empty() ? text : text + line("", mirror.trouble());
}

std::string profiles_lines(const pb::ProfileDatabase& database) {
  auto text = line("profiles", fmt::format("{}, revision {}, {} VSI type(s)", database.path(),
                                           database.revision(), database.vsi_types()));
  if (!database.trouble().empty()) text += line("", database.trouble());
  return database.has_mirror() ? text + mirror_lines(database.mirror()) : text;
}

}  // namespace

std::string agent_text(const pb::AgentReport& agent) {
  auto text = fmt::format("evbd {}\n", agent.version());
  text += line("process", fmt::format("{}", agent.pid()));
  text += line("started", fmt::format("{} ({} ago)", date_and_time(agent.started()),
                                      duration(agent.uptime_us())));
  text += line("ports", fmt::format("{}", agent.ports()));
  text += line("VSIs", fmt::format("{}", agent.vsis()));
  text += line("connections", fmt::format("{} of {}, {} watching", agent.connections(),
                                          agent.max_connections(), agent.watchers()));
  text += line("last event", fmt::format("{}", agent.last_event()));
  if (agent.has_profiles()) text += profiles_lines(agent.profiles());
  return text + line("you may", agent.may_change() ? "look and change" : "look");
}

std::string port_text(const pb::Port& port) {
  auto text = fmt::format("{}: {}{}, {}\n", port.name(), port.role(),
                          port.bridge().empty() ? "" : " on " + port.bridge(),
                          !port.present()  ? "device absent"
                          : port.link_up() ? "link up"
                                           : "link down");
  if (!port.trouble().empty()) text += line("trouble", port.trouble());
  text += line("address", fmt::format("{}, MTU {}", port.address(), port.mtu()));
  text += line("sends to",
               fmt::format("LLDP {}, ECP {}", port.lldp_destination(), port.ecp_destination()));
  if (!port.dialect().empty()) {
    text += line("dialect", port.dialect_choice() == port.dialect()
                                ? port.dialect()
                                : fmt::format("{} ({})", port.dialect(), port.dialect_choice()));
  }
  text += s_channels_text(port);
  text += port.dialect() == "draft02" ? draft02_table(port) : evb_table(port);
  text += line("respWaitDelay", duration(port.in_use().response_wait_us()));
  text += line("toutKeepAlive", duration(port.in_use().keep_alive_timeout_us()));
  text += ecp_lines(port.ecp());
  text += line("VDP TLVs", fmt::format("sent {}, received {}, refused {}", port.vdp().tlvs_sent(),
                                       port.vdp().tlvs_received(), port.vdp().tlvs_refused()));
  text += lldp_lines(port.lldp());
  return text + line("holds", fmt::format("neighbours {}, VSIs {}", port.neighbors(), port.vsis()));
}

std::string neighbor_text(const pb::Neighbor& neighbor) {
  auto text = fmt::format(
      "{}: {}\n", neighbor.port(),
      neighbor.has_system_name() ? neighbor.system_name() : neighbor.chassis_id().text());
  text += line("chassis ID", id_text(neighbor.chassis_id()));
  text += line("port ID", id_text(neighbor.port_id()));
  text += line("source address", neighbor.source());
  text += line("TTL", fmt::format("{} s, ends in {}", neighbor.ttl(),
                                  duration_text(neighbor.expires_in_us())));
  text += line("heard since", date_and_time(neighbor.first_heard()));
  text += line("last changed", date_and_time(neighbor.last_changed()));
  if (neighbor.has_port_description()) text += line("port", neighbor.port_description());
  if (neighbor.has_system_description()) text += line("system", neighbor.system_description());
  if (!neighbor.capabilities().empty()) {
    text += line("capabilities",
                 fmt::format("{} (enabled: {})", fmt::join(neighbor.capabilities(), ", "),
                             fmt::join(neighbor.capabilities_enabled(), ", ")));
  }
  for (const auto& address : neighbor.management_addresses()) {
    text += line("management",
                 fmt::format("{} (interface {})", address.text(), address.interface_number()));
  }
  if (neighbor.has_evb()) text += evb_line(neighbor.evb());
  if (neighbor.has_draft02_evb()) {
    const auto& evb = neighbor.draft02_evb();
    text += line("EVB, draft 0.2",
                 fmt::format("supports {}; chose {}; VSIs {} of {}, RTE {}", words(evb.supported()),
                             words(evb.configured()), evb.configured_vsis(), evb.supported_vsis(),
                             exponent(evb.retransmit())));
  }
  for (const auto& tlv : neighbor.organizational()) {
    text += line(
        "TLV", fmt::format("{} subtype {}: {}", tlv.oui(), tlv.subtype(), hex(tlv.information())));
  }
  if (neighbor.unrecognized_tlvs() > 0) {
    text += line("unrecognized", fmt::format("{} TLVs", neighbor.unrecognized_tlvs()));
  }
  return text;
}

}  // namespace agent::ctl
