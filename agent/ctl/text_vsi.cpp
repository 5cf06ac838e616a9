// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "agent/api/explain.hpp"
#include "agent/ctl/table.hpp"
#include "agent/ctl/text.hpp"

namespace agent::ctl {
namespace {

using api::duration_text;
using api::word;

std::string line(std::string_view name, std::string_view value) {
  return fmt::format("  {:<18}{}\n", name, value);
}

std::string_view format_word(pb::VsiIdFormat format) {
  switch (format) {
    case pb::VSI_ID_FORMAT_IPV4: return "IPv4";
    case pb::VSI_ID_FORMAT_IPV6: return "IPv6";
    case pb::VSI_ID_FORMAT_MAC: return "MAC";
    case pb::VSI_ID_FORMAT_LOCAL: return "local";
    default: return "UUID";
  }
}

/// In short: what stands between this VSI and what is wanted of it.
std::string problem(const pb::Vsi& vsi) {
  if (vsi.waiting_for_evb()) return "waits for EVB";
  if (!vsi.has_last_failure() && vsi.has_type_change()) {
    return vsi.type_change().gone() ? "type is gone" : "type has changed";
  }
  if (!vsi.has_last_failure()) return "";
  const auto& failure = vsi.last_failure();
  switch (failure.cause()) {
    case pb::REFUSED_BY_BRIDGE:
    case pb::DEASSOCIATED_BY_BRIDGE:
      return fmt::format("bridge: {} ({})",
                         failure.reason_text().empty() ? "ended it" : failure.reason_text(),
                         failure.reason());
    case pb::REFUSED_LOCALLY: return "not sent: " + failure.local_refusal();
    case pb::NO_RESPONSE:
      return failure.ecp_unacknowledged() ? "no ECP acknowledgement" : "no response";
    case pb::NO_KEEP_ALIVE: return "no keep-alive";
    case pb::NO_RESOURCES: return "VSI manager silent";
    case pb::EVB_LOST: return "EVB lost";
    default: return "";
  }
}

/// The first filter and how many there are more; the table has one line per VSI.
std::string filters_in_short(const pb::Vsi& vsi) {
  if (vsi.filters().empty()) return "-";
  const auto& first = vsi.filters(0);
  auto text = first.mac();
  if (first.has_group()) text += fmt::format("{}group {}", text.empty() ? "" : " ", first.group());
  text += fmt::format("/{}", first.vid());
  if (vsi.filters_size() > 1) text += fmt::format(" +{}", vsi.filters_size() - 1);
  return text;
}

std::string type_lines(const pb::Vsi& vsi) {
  auto text = line("type", fmt::format("{} version {}", vsi.type_id(), vsi.type_version()));
  if (!vsi.has_type_change()) return text;
  const auto& change = vsi.type_change();
  if (change.gone()) return text + line("", "is gone from the database since");
  text += line("", "has changed since; in force: " + api::lines_text(change.in_force()));
  return text + line("", "in the database: " + api::lines_text(change.now()));
}

std::string machine_line(const pb::Vsi& vsi) {
  auto text = vsi.machine_state();
  if (vsi.has_timer()) {
    text += fmt::format(", {} ends in {} ({})", vsi.timer().name(),
                        duration_text(vsi.timer().remaining_us()), time_of_day(vsi.timer().ends()));
  }
  return line("machine", text);
}

std::string failure_lines(const pb::Vsi& vsi) {
  std::string text;
  if (vsi.has_last_failure()) {
    text += line("last failure", api::failure_sentence(vsi.last_failure()));
    text += line("", "since " + date_and_time(vsi.last_failure().since()));
  }
  if (vsi.has_next_try()) {
    text += line("next try", fmt::format("in {} ({})", duration_text(vsi.next_try_in_us()),
                                         time_of_day(vsi.next_try())));
  }
  return text;
}

}  // namespace

std::string filter_text(const pb::FilterEntry& entry) {
  std::string text;
  if (entry.has_group()) text += fmt::format("group {} ", entry.group());
  if (!entry.mac().empty()) text += entry.mac() + " ";
  text += entry.vid() == 0 ? "VLAN chosen by the bridge" : fmt::format("VLAN {}", entry.vid());
  if (entry.has_pcp()) text += fmt::format(" priority {}", entry.pcp());
  return text;
}

std::string vsi_table(const pb::Vsis& vsis) {
  // The column is there where VMs are known: a bridge, or a host without libvirt, knows none.
  const bool vms =
      std::ranges::any_of(vsis.vsis(), [](const pb::Vsi& vsi) { return !vsi.vm().empty(); });
  std::vector<std::string> heads{"ID",           "PORT",    "STATE", "MAC/VLAN",
                                 "TYPE/VERSION", "MANAGER", "SINCE", "PROBLEM"};
  if (vms) heads.insert(heads.begin() + 1, "VM");
  Table table(heads);
  for (const auto& vsi : vsis.vsis()) {
    std::vector<std::string> row{vsi.id(),
                                 vsi.port(),
                                 std::string(word(vsi.state())),
                                 filters_in_short(vsi),
                                 fmt::format("{}/{}", vsi.type_id(), vsi.type_version()),
                                 vsi.manager(),
                                 date_and_time(vsi.since()),
                                 problem(vsi)};
    if (vms) row.insert(row.begin() + 1, vsi.vm().empty() ? "-" : vsi.vm());
    table.add(std::move(row));
  }
  return table.text();
}

std::string vsi_text(const pb::Vsi& vsi) {
  auto text = fmt::format("VSI {}\n", vsi.id());
  text += line("id format", format_word(vsi.id_format()));
  if (!vsi.vm().empty()) text += line("VM", vsi.vm());
  text += line("port", fmt::format("{} ({})", vsi.port(), vsi.role()));
  text += line("state", fmt::format("{} since {}", word(vsi.state()), date_and_time(vsi.since())));
  if (vsi.wanted() != pb::ASSOCIATION_TYPE_UNSPECIFIED) text += line("wanted", word(vsi.wanted()));
  text += line("manager", vsi.manager());
  text += type_lines(vsi);
  for (int i = 0; i < vsi.filters_size(); ++i) {
    text += line(i == 0 ? "filters" : "", filter_text(vsi.filters(i)));
  }
  if (vsi.migration().to_here()) text += line("migration", "to this station");
  if (vsi.migration().from_here()) text += line("migration", "suspended here");
  text += machine_line(vsi);
  if (vsi.waiting_for_evb()) text += line("waits", "for the bridge's EVB TLV");
  text += failure_lines(vsi);
  text += line("tries", fmt::format("{} since the last success", vsi.tries()));
  if (vsi.has_asked_by()) {
    const auto& asker = vsi.asked_by();
    text += line("asked by", fmt::format("{} (user {}, process {}) at {}", asker.program(),
                                         asker.uid(), asker.pid(), date_and_time(asker.at())));
  }
  return text;
}

std::string result_text(const pb::VsiResult& result) {
  auto text = fmt::format("{} on {}: {}", result.id(), result.port(), word(result.state()));
  if (result.status().code() == pb::OK) {
    const bool associated = result.state() != pb::DEASSOCIATED;
    for (int i = 0; associated && i < result.filters_size(); ++i) {
      text += fmt::format("{} {}", i == 0 ? ":" : ",", filter_text(result.filters(i)));
    }
    return text + '\n';
  }
  text += ". " + result.status().sentence();
  if (result.has_next_try()) {
    text += fmt::format(" The next try comes in {}.", duration_text(result.next_try_in_us()));
  }
  return text + '\n';
}

std::string type_result_text(const pb::TypeResult& result) {
  const auto subject = fmt::format("{} on {}", result.id(), result.port());
  const auto type = type_name_text(result.type());
  if (result.status().code() != pb::OK) {
    return fmt::format("{}: keeps VSI type {} as it was: {}\n", subject, type,
                       result.status().sentence());
  }
  if (result.deassociated()) {
    return fmt::format("{}: de-associated; VSI type {}: {}\n", subject, type,
                       result.status().sentence());
  }
  return fmt::format("{}: has VSI type {} as it is now\n", subject, type);
}

std::string type_name_text(const pb::TypeName& name) {
  return fmt::format("{}{}{}/{}", name.manager(), name.has_manager() ? "/" : "", name.id(),
                     name.version());
}

std::string reason_text(std::uint32_t reason) {
  const auto known = api::explain_reason(reason);
  return fmt::format("{}  {}\n   {} {}\n", reason, known.name, known.meaning, known.advice);
}

}  // namespace agent::ctl
