// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/stimulus_text.hpp"

#include <functional>

#include "agent/capture/words.hpp"
#include "lldp/base/overload.hpp"
#include "lldp/printable.hpp"

namespace agent::capture {
namespace {

template <class T>
using Read = tl::expected<T, std::string>;
using Words = std::vector<std::string_view>;

// ---- One walk for each kind of line ----------------------------------------------------------

void walk_evb(auto& field, auto& evb) {
  field("role", evb.role);
  field("dialect", evb.dialect);
  field("transmit", evb.transmit);
  field("manual", evb.manual);
  field("relay", evb.reflective_relay);
  field("group-ids", evb.group_ids);
  field("r", evb.max_retries);
  field("rte", evb.retransmit_exponent);
  field("rwd", evb.resource_wait_delay);
  field("rka", evb.reinit_keep_alive);
}

void walk_lldp(auto& field, auto& lldp) {
  field("tx-interval", lldp.timers.msg_tx_interval);
  field("tx-hold", lldp.timers.msg_tx_hold);
  field("reinit-delay", lldp.timers.reinit_delay);
  field("tx-credit-max", lldp.timers.tx_credit_max);
  field("fast-tx", lldp.timers.msg_fast_tx);
  field("fast-init", lldp.timers.tx_fast_init);
  field("status", lldp.admin_status);
  field("max-neighbors", lldp.max_neighbors);
  field("chassis-id", lldp.local.chassis_id);
  field("port-id", lldp.local.port_id);
  field("port-description", lldp.local.port_description);
  field("system-name", lldp.local.system_name);
  field("system-description", lldp.local.system_description);
  field("capabilities", lldp.local.capabilities);
  field.list("management", lldp.local.management_addresses);
  field.list("organizational", lldp.local.organizational);
}

void walk(auto& field, auto& config) {
  walk_evb(field, config.evb);
  field("address", config.address);
  field("mtu", config.mtu);
  field("lldp-destination", config.lldp_destination);
  field("ecp-destination", config.ecp_destination);
  field("retry-first", config.retry.first);
  field("retry-longest", config.retry.longest);
  field("first-sequence", config.first_ecp_sequence);
  field("max-vsis", config.max_vsis);
  field("cdcp", config.cdcp);
  if (config.cdcp) field("cdcp-destination", config.cdcp_destination);
  walk_lldp(field, config.lldp);
}

void walk_hint(auto& field, auto& migration) {
  field.flag("migrating-to-here", migration.to_here);
  field.flag("migrating-from-here", migration.from_here);
}

void walk_request(auto& field, auto& request) {
  field("vsi", request.id);
  field("type", request.type);
  field("manager", request.manager);
  field("vsi-type", request.vsi_type.id);
  field("version", request.vsi_type.version);
  field("filters", request.filters);
  walk_hint(field, request.migration);
  field.list("organizational", request.organizational);
}

void walk_end(auto& field, auto& request) {
  field("vsi", request.id);
  walk_hint(field, request.migration);
}

void walk_resolved(auto& field, auto& answer) {
  field("vsi", answer.question.vsi);
  field("question", answer.question.number);
  field("reason", answer.reason);
  field.flag("hard", answer.hard);
  field("filters", answer.filters);
}

void walk_admitted(auto& field, auto& answer) {
  field("vsi", answer.question.vsi);
  field("question", answer.question.number);
  field("reason", answer.reason);
}

void walk_bridge_end(auto& field, auto& order) {
  field("vsi", order.id);
  field("reason", order.reason);
}

// ---- Reading ---------------------------------------------------------------------------------

/// A line of fields; the VSI's id, where it has one, must be there.
template <class Event>
Read<Stimulus> read_fields(const Words& words, void (*walk_event)(WordReader&, Event&),
                           Event& event) {
  WordReader reader(words);
  reader.require("vsi");
  walk_event(reader, event);
  if (auto fault = reader.finish()) return tl::unexpected(*std::move(fault));
  return Stimulus{{}, std::move(event), {}};
}

Read<Stimulus> one_of(const Words& words, std::string_view yes, const vdp::Input& if_yes,
                      std::string_view no, const vdp::Input& if_no) {
  if (words.size() == 1 && words[0] == yes) return Stimulus{{}, if_yes, {}};
  if (words.size() == 1 && words[0] == no) return Stimulus{{}, if_no, {}};
  return tl::unexpected(fmt::format("it takes one word, {} or {}", yes, no));
}

Read<Stimulus> read_frame(const Words& words) {
  const auto octets = words.size() == 1 ? octets_of(words[0]) : std::nullopt;
  if (!octets)
    return tl::unexpected(std::string("it takes the frame's octets as one hexadecimal word"));
  auto frame = std::make_shared<const base::Octets>(*octets);
  return Stimulus{{}, vdp::FrameReceived{*frame}, frame};
}

Read<Stimulus> read_link(const Words& words) {
  return one_of(words, "up", vdp::LinkChanged{true}, "down", vdp::LinkChanged{false});
}

Read<Stimulus> read_relay(const Words& words) {
  return one_of(words, "on", vdp::ReflectiveRelayChanged{true}, "off",
                vdp::ReflectiveRelayChanged{false});
}

Read<Stimulus> read_reconfigured(const Words& words) {
  auto config = read_config(words);
  if (!config) return tl::unexpected(config.error());
  return Stimulus{{}, vdp::PortReconfigured(*std::move(config)), {}};
}

Read<Stimulus> read_status(const Words& words) {
  const auto status = words.size() == 1 ? Text<lldp::AdminStatus>::read(words[0]) : std::nullopt;
  if (!status) {
    return tl::unexpected(fmt::format("it takes one {}", Text<lldp::AdminStatus>::kind));
  }
  return Stimulus{{}, vdp::AdminStatusChanged{*status}, {}};
}

Read<Stimulus> read_associate(const Words& words) {
  vdp::AssociateRequested event;
  WordReader reader(words);
  reader.require("vsi");
  walk_request(reader, event.request);
  if (auto fault = reader.finish()) return tl::unexpected(*std::move(fault));
  if (event.request.type == vdp::AssociationType::kDeAssociate) {
    return tl::unexpected(std::string("type: de-associate is a line of its own"));
  }
  return Stimulus{{}, std::move(event), {}};
}

Read<Stimulus> read_deassociate(const Words& words) {
  vdp::DeassociateRequested event;
  return read_fields<vdp::DeassociateRequested>(words, walk_end, event);
}

Read<Stimulus> read_resolved(const Words& words) {
  vdp::VsiTypeResolved event;
  return read_fields<vdp::VsiTypeResolved>(words, walk_resolved, event);
}

Read<Stimulus> read_admitted(const Words& words) {
  vdp::VsiAdmitted event;
  return read_fields<vdp::VsiAdmitted>(words, walk_admitted, event);
}

Read<Stimulus> read_bridge_end(const Words& words) {
  vdp::BridgeDeassociated event;
  return read_fields<vdp::BridgeDeassociated>(words, walk_bridge_end, event);
}

Read<Stimulus> read_time(const Words& words) {
  if (!words.empty()) return tl::unexpected(std::string("it takes nothing"));
  return Stimulus{{}, vdp::TimePassed{}, {}};
}

struct Verb {
  std::string_view name;
  Read<Stimulus> (*read)(const Words& words);
};
constexpr Verb kVerbs[] = {
    {"frame", read_frame},
    {"link", read_link},
    {"reconfigured", read_reconfigured},
    {"status", read_status},
    {"associate", read_associate},
    {"deassociate", read_deassociate},
    {"resolved", read_resolved},
    {"admitted", read_admitted},
    {"bridge-deassociate", read_bridge_end},
    {"relay", read_relay},
    {"time", read_time},
};

template <class Walk>
std::string written(std::string_view verb, Walk walk_fields) {
  WordWriter writer;
  walk_fields(writer);
  return std::string(verb) + std::move(writer).take();
}

}  // namespace

std::string config_text(const vdp::PortConfig& config) {
  WordWriter writer;
  walk(writer, config);
  return std::move(writer).take();
}

tl::expected<vdp::PortConfig, std::string> read_config(const std::vector<std::string_view>& words) {
  vdp::PortConfig config;
  WordReader reader(words);
  reader.require("role");
  reader.require("address");
  walk(reader, config);
  if (auto fault = reader.finish()) return tl::unexpected(*std::move(fault));
  return config;
}

std::string stimulus_text(const vdp::Input& input) {
  return std::visit(
      base::Overload{
          [](const vdp::FrameReceived& event) { return "frame " + lldp::to_hex(event.frame); },
          [](const vdp::LinkChanged& event) {
            return std::string(event.up ? "link up" : "link down");
          },
          [](const vdp::PortReconfigured& event) {
            return "reconfigured" + config_text(*event.config);
          },
          [](const vdp::AdminStatusChanged& event) {
            return "status " + Text<lldp::AdminStatus>::write(event.status);
          },
          [](const vdp::AssociateRequested& event) {
            return written("associate", [&](auto& field) { walk_request(field, event.request); });
          },
          [](const vdp::DeassociateRequested& event) {
            return written("deassociate", [&](auto& field) { walk_end(field, event); });
          },
          [](const vdp::VsiTypeResolved& event) {
            return written("resolved", [&](auto& field) { walk_resolved(field, event); });
          },
          [](const vdp::VsiAdmitted& event) {
            return written("admitted", [&](auto& field) { walk_admitted(field, event); });
          },
          [](const vdp::BridgeDeassociated& event) {
            return written("bridge-deassociate",
                           [&](auto& field) { walk_bridge_end(field, event); });
          },
          [](const vdp::ReflectiveRelayChanged& event) {
            return std::string(event.on ? "relay on" : "relay off");
          },
          [](const vdp::TimePassed&) { return std::string("time"); },
      },
      input);
}

tl::expected<Stimulus, std::string> read_stimulus(const std::vector<std::string_view>& words) {
  if (words.empty()) return tl::unexpected(std::string("nothing follows the time"));
  for (const auto& verb : kVerbs) {
    if (verb.name != words.front()) continue;
    auto read = verb.read({words.begin() + 1, words.end()});
    if (!read) return tl::unexpected(fmt::format("{}: {}", verb.name, read.error()));
    return read;
  }
  std::string known;
  for (const auto& verb : kVerbs)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", verb.name);
  return tl::unexpected(fmt::format("'{}' is no stimulus; known are {}",
                                    escaped(words.front().substr(0, 30)), known));
}

}  // namespace agent::capture
