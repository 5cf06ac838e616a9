// SPDX-License-Identifier: Apache-2.0
// What `port show` says of S-channels.
#include <fmt/format.h>

#include <map>

#include "agent/ctl/table.hpp"
#include "agent/ctl/text.hpp"

namespace agent::ctl {
namespace {

/// By SCID: what stands in each side's TLV, and whether the channel can be used.
struct Row {
  const pb::SChannel* local = nullptr;
  const pb::SChannel* remote = nullptr;
  bool up = false;
};

std::string svid(const pb::SChannel* channel) {
  if (channel == nullptr) return "-";
  return channel->svid() == 0 ? std::string("asked for") : fmt::format("{}", channel->svid());
}

}  // namespace

std::string s_channels_text(const pb::Port& port) {
  if (!port.uplink().empty()) {
    return fmt::format("  {:<18}{} of {}, {}\n", "S-channel", port.scid(), port.uplink(),
                       port.svid() == 0 ? "no SVID" : fmt::format("SVID {}", port.svid()));
  }
  if (!port.has_cdcp()) return {};
  const auto& cdcp = port.cdcp();
  const auto side = [](bool there, const pb::CdcpSide& of, auto&& text) {
    return there ? std::string(text(of)) : "-";
  };
  std::map<std::uint32_t, Row> rows;
  for (const auto& channel : cdcp.local().channels()) rows[channel.scid()].local = &channel;
  for (const auto& channel : cdcp.remote().channels()) rows[channel.scid()].remote = &channel;
  for (const auto& channel : cdcp.channels()) rows[channel.scid()].up = true;
  Table table({"CDCP", "LOCAL", "REMOTE", "IN USE"});
  const auto add = [&](std::string_view name, auto&& text, std::string in_use) {
    table.add({std::string(name), side(true, cdcp.local(), text),
               side(cdcp.has_remote(), cdcp.remote(), text), std::move(in_use)});
  };
  add(
      "role", [](const auto& of) { return of.role(); }, cdcp.state());
  add(
      "SComp", [](const auto& of) { return of.s_component() ? "yes" : "no"; }, "");
  add(
      "ChnCap", [](const auto& of) { return fmt::format("{}", of.capacity()); },
      fmt::format("{}", cdcp.capacity()));
  for (const auto& [scid, row] : rows) {
    const auto& name = row.local == nullptr ? std::string() : row.local->port();
    table.add({fmt::format("SCID {}", scid), svid(row.local), svid(row.remote),
               !row.up        ? "down"
               : name.empty() ? "untagged"
                              : name});
  }
  return table.text("  ") + fmt::format("  {:<18}{}\n", "CDCP to", cdcp.destination());
}

}  // namespace agent::ctl
