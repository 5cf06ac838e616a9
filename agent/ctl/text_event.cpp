// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "agent/api/explain.hpp"
#include "agent/ctl/table.hpp"
#include "agent/ctl/text.hpp"

namespace agent::ctl {
namespace {

std::string_view cause_word(pb::Cause cause) {
  switch (cause) {
    case pb::REQUESTED: return "requested";
    case pb::CONFIRMED: return "confirmed";
    case pb::DEASSOCIATED_BY_CLIENT: return "by a client";
    default: return "";
  }
}

std::string vsi_event(const pb::VsiEvent& event) {
  auto text = fmt::format("vsi {} {}", event.id(), api::word(event.state()));
  if (event.gone()) text += ", gone";
  if (const auto cause = cause_word(event.cause()); !cause.empty()) {
    text += fmt::format(", {}", cause);
  }
  if (event.has_failure()) {
    return text + ": " + api::failure_sentence(event.failure());
  }
  // An event without its failure: the report of that moment is gone, the cause is not.
  pb::Failure cause;
  cause.set_cause(event.cause());
  if (event.cause() > pb::CONFIRMED && event.cause() != pb::DEASSOCIATED_BY_CLIENT &&
      event.cause() != pb::REFUSED_BY_BRIDGE && event.cause() != pb::REFUSED_LOCALLY) {
    return text + ": " + api::failure_sentence(cause);
  }
  for (int i = 0; event.cause() == pb::CONFIRMED && i < event.vsi().filters_size(); ++i) {
    text += fmt::format("{} {}", i == 0 ? ":" : ",", filter_text(event.vsi().filters(i)));
  }
  return text;
}

std::string evb_event(const pb::Port& port) {
  if (!port.in_use().on()) return "EVB off";
  return fmt::format("EVB on, reflective relay {}", port.in_use().relay_status());
}

std::string port_event(const pb::Port& port) {
  if (!port.trouble().empty()) return "port: " + port.trouble();
  if (!port.present()) return "port: device absent";
  return port.link_up() ? "link up" : "link down";
}

std::string s_channels_event(const pb::Port& port) {
  if (!port.has_cdcp()) return "S-channels off";
  std::string text;
  for (const auto& channel : port.cdcp().channels()) {
    if (channel.scid() == 1) continue;  // the default one, which is always there
    text += fmt::format("{} {} (SVID {})", text.empty() ? "" : ",", channel.scid(), channel.svid());
  }
  return "S-channels:" + (text.empty() ? " none but the default one" : text);
}

std::string neighbors_event(const pb::Neighbors& neighbors) {
  if (neighbors.neighbors().empty()) return "no neighbours";
  std::string text = "neighbours:";
  for (const auto& neighbor : neighbors.neighbors()) {
    text += fmt::format(
        " {} ({})",
        neighbor.has_system_name() ? neighbor.system_name() : neighbor.chassis_id().text(),
        neighbor.port_id().text());
  }
  return text;
}

std::string type_event(const pb::TypeEvent& event) {
  const auto type = type_name_text(event.type());
  if (event.vsis() == 0) return fmt::format("VSI type {}: no VSI has it as it was any more", type);
  return fmt::format("VSI type {} {}; {} VSI(s) keep what they were granted", type,
                     event.gone() ? "is gone" : "has changed", event.vsis());
}

std::string kind_text(const pb::Event& event) {
  switch (event.kind_case()) {
    case pb::Event::kVsi: return vsi_event(event.vsi());
    case pb::Event::kEvbChanged: return evb_event(event.evb_changed());
    case pb::Event::kNeighborsChanged: return neighbors_event(event.neighbors_changed());
    case pb::Event::kSChannelsChanged: return s_channels_event(event.s_channels_changed());
    case pb::Event::kPortChanged: return port_event(event.port_changed());
    case pb::Event::kTypeChanged: return type_event(event.type_changed());
    case pb::Event::kLost:
      return fmt::format("{} events were lost: they came faster than they were read",
                         event.lost().count());
    case pb::Event::kSnapshotEnd: return "that was there already; what changes follows";
    default: return "an event that this evbctl does not know";
  }
}

}  // namespace

std::string event_text(const pb::Event& event) {
  return fmt::format("{} {}{}{}\n", time_of_day(event.at()), event.port(),
                     event.port().empty() ? "" : " ", kind_text(event));
}

}  // namespace agent::ctl
