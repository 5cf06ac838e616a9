// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "agent/api/explain.hpp"
#include "agent/api/names.hpp"
#include "agent/ctl/table.hpp"
#include "agent/ctl/text.hpp"
#include "agent/interface/kernel.hpp"

namespace agent::ctl {
namespace {

std::string dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string association_text(const pb::Interface& interface) {
  if (!interface.has_association()) return "-";
  return std::string(api::word(interface.association().state()));
}

}  // namespace

std::string interface_table(const pb::Interfaces& interfaces) {
  Table table({"NAME", "DEVICE", "MODE", "MAC", "TAP", "STATE", "PROFILE", "ASSOCIATION", "GUEST"});
  for (const auto& each : interfaces.interfaces()) {
    table.add({each.name(), each.device(), std::string(interface::to_string(each.mode())),
               each.mac(), dash(each.tap()),
               each.state() + (each.state() == "attached" && !each.up() ? ", down" : ""),
               dash(each.profile()) + (each.profile_changed() ? " (changed)" : ""),
               association_text(each), dash(each.guest())});
  }
  std::string text = table.text();
  for (const auto& each : interfaces.interfaces()) {
    for (const auto& note : each.notes()) text += fmt::format("{}: {}\n", each.name(), note);
  }
  return text;
}

std::string interface_text(const pb::Interface& interface) {
  std::string text = fmt::format("{}\n", interface.name());
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<12} {}\n", name, value);
  };
  line("state", fmt::format("{} since {}{}", interface.state(), date_and_time(interface.since()),
                            interface.up() ? "" : ", down"));
  line("device", interface.lower() == interface.device() || interface.lower().empty()
                     ? interface.device()
                     : fmt::format("{} (on {})", interface.device(), interface.lower()));
  line("mode", std::string(interface::to_string(interface.mode())));
  line("mac", interface.mac());
  line("tap", interface.tap());
  line("guest", interface.guest());
  line("profile", interface.profile() + (interface.profile_changed()
                                             ? " (the database says otherwise by now; 'evbctl "
                                               "interface apply' applies it)"
                                             : ""));
  for (const auto& each : interface.parameters()) {
    line(each.name(), each.wanted() == each.in_force()
                          ? each.wanted()
                          : fmt::format("{}, in force: {}", each.wanted(), each.in_force()));
  }
  if (interface.has_association()) {
    const auto& vsi = interface.association();
    line("vsi", fmt::format("{} on {}: {}", vsi.id(), vsi.port(), association_text(interface)));
    if (vsi.has_last_failure()) line("", api::failure_sentence(vsi.last_failure()));
  }
  for (const auto& note : interface.notes()) line("note", note);
  return text;
}

std::string interface_result_text(const pb::InterfaceResult& result, std::string_view verb) {
  const auto& interface = result.interface();
  if (!result.has_interface()) return fmt::format("{}: {}\n", result.name(), verb);
  return fmt::format("{}: {}, {} in mode {}, address {}{}{}\n", result.name(), verb,
                     interface.device(), interface::to_string(interface.mode()), interface.mac(),
                     interface.tap().empty() ? "" : ", tap device ", interface.tap());
}

}  // namespace agent::ctl
