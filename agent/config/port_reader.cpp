// SPDX-License-Identifier: Apache-2.0
#include "agent/config/port_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "profiles/type_reader.hpp"

namespace agent {
namespace {

using lldp::AdminStatus;
using profiles::TomlTable;

void read_name(TomlTable& port, PortSettings& to) {
  const auto* const node = port.take("name");
  if (node == nullptr) {
    port.problem("name is missing", "give the name of the network interface");
    return;
  }
  const auto name = node->value_exact<std::string>().value_or("");
  const bool odd = std::any_of(name.begin(), name.end(), [](unsigned char c) {
    return c <= ' ' || c == '/' || c == ':' || c == 0x7F;
  });
  if (name.empty() || name.size() > kMaxInterfaceName || odd || name == "." || name == "..") {
    port.problem(*node, "name cannot be that of a network interface",
                 "write 1 to 15 characters without blanks, '/' and ':'");
    return;
  }
  to.name = name;
}

/// Reflective relay is a flag of the Linux bridge port, which is touched with `enforce` only. What
/// nobody would turn on is not offered (RRCAP).
void read_relay(TomlTable& evb, bool possible, bool& to) {
  evb.boolean("reflective_relay", to);
  if (possible || !to) return;
  evb.problem(*evb.take("reflective_relay"),
              "reflective_relay needs enforce = true: without it no Linux bridge port is touched",
              "set enforce = true, or remove reflective_relay");
}

void read_evb(TomlTable& port, bool relay_possible, lldp::EvbProposal& to) {
  to.reflective_relay = relay_possible;
  const auto* const table = port.subtable("evb");
  if (table == nullptr) return;
  TomlTable evb(*table, port.name() + " evb", port.file(), port.problems());
  evb.boolean("transmit", to.transmit);
  evb.boolean("manual", to.manual);
  read_relay(evb, relay_possible, to.reflective_relay);
  evb.boolean("group_ids", to.group_ids);
  evb.integer("retries", to.max_retries, 0, 7);
  evb.integer("rte", to.retransmit_exponent, 0, 31);
  evb.integer("rwd", to.resource_wait_delay, 0, 31);
  evb.integer("rka", to.reinit_keep_alive, 0, 31);
  evb.finish();
}

void read_lldp(TomlTable& port, PortSettings& to) {
  const auto* const table = port.subtable("lldp");
  if (table == nullptr) return;
  TomlTable lldp(*table, port.name() + " lldp", port.file(), port.problems());
  lldp.choice<AdminStatus>("admin_status", to.protocol.lldp.admin_status,
                           {{"tx-and-rx", AdminStatus::kTxAndRx},
                            {"tx-only", AdminStatus::kTxOnly},
                            {"rx-only", AdminStatus::kRxOnly},
                            {"disabled", AdminStatus::kDisabled}});
  auto& timers = to.protocol.lldp.timers;
  lldp.integer("msg_tx_interval", timers.msg_tx_interval, 1, 32768);
  lldp.integer("msg_tx_hold", timers.msg_tx_hold, 1, 100);
  lldp.integer("reinit_delay", timers.reinit_delay, 1, 10);
  lldp.integer("tx_credit_max", timers.tx_credit_max, 1, 100);
  lldp.integer("msg_fast_tx", timers.msg_fast_tx, 1, 3600);
  lldp.integer("tx_fast_init", timers.tx_fast_init, 1, 8);
  lldp.integer("max_neighbors", to.protocol.lldp.max_neighbors, 1, 1024);
  lldp.boolean("port_description", to.tlvs.port_description);
  lldp.boolean("system_name", to.tlvs.system_name);
  lldp.boolean("system_description", to.tlvs.system_description);
  lldp.boolean("capabilities", to.tlvs.capabilities);
  lldp.boolean("management_address", to.tlvs.management_address);
  lldp.finish();
}

void read_retry(TomlTable& port, vdp::RetryBackoff& to) {
  const auto* const table = port.subtable("retry");
  if (table == nullptr) return;
  TomlTable retry(*table, port.name() + " retry", port.file(), port.problems());
  std::int64_t first = std::chrono::duration_cast<std::chrono::seconds>(to.first).count();
  std::int64_t longest = std::chrono::duration_cast<std::chrono::seconds>(to.longest).count();
  retry.integer("first", first, 1, 3600);
  retry.integer("longest", longest, 1, 86'400);
  if (first > longest) {
    retry.problem("first is longer than longest", "make longest at least " + std::to_string(first));
  }
  to.first = std::chrono::seconds(first);
  to.longest = std::chrono::seconds(longest);
  retry.finish();
}

/// A key that means nothing in the role the port has.
void refuse_in_role(TomlTable& port, std::string_view key, std::string_view role) {
  if (const auto* const node = port.take(key)) {
    port.problem(*node, std::string(key) + " means nothing in role " + std::string(role),
                 "remove it or change the role");
  }
}

void read_role(TomlTable& port, const profiles::ManagerTable& managers, PortSettings& to) {
  using lldp::EvbRole;
  port.choice<EvbRole>("role", to.protocol.evb.role,
                       {{"station", EvbRole::kStation}, {"bridge", EvbRole::kBridge}});
  if (!to.is_bridge()) {
    port.choice<bool>("vid_zero", to.bridge_assigns_vlan,
                      {{"bridge-assigns", true}, {"refuse", false}});
    to.enforce = false;
    refuse_in_role(port, "enforce", "station");
    refuse_in_role(port, "default_manager", "station");
    return;
  }
  refuse_in_role(port, "retry", "bridge");
  refuse_in_role(port, "vid_zero", "bridge");
  port.boolean("enforce", to.enforce);
  if (const auto* const node = port.take("default_manager")) {
    to.default_manager = profiles::read_manager(port, *node, managers).value_or(vdp::ManagerId{});
  }
}

}  // namespace

void read_destination(TomlTable& table, std::string_view key, lldp::MacAddress& to) {
  const auto* const node = table.take(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>().value_or("");
  constexpr std::pair<std::string_view, lldp::MacAddress> kNamed[] = {
      {"nearest-customer-bridge", lldp::kNearestCustomerBridge},
      {"nearest-non-tpmr-bridge", lldp::kNearestNonTpmrBridge},
      {"nearest-bridge", lldp::kNearestBridge}};
  for (const auto& [name, address] : kNamed) {
    if (text == name) {
      to = address;
      return;
    }
  }
  const auto address = lldp::parse_mac_address(text);
  if (address && address->is_group()) {
    to = *address;
  } else {
    table.problem(*node, std::string(key) + " is no group address",
                  "write \"nearest-customer-bridge\", \"nearest-non-tpmr-bridge\", "
                  "\"nearest-bridge\" or a group MAC address");
  }
}

PortSettings read_port(const toml::table& table, const profiles::ManagerTable& managers,
                       const std::string& file, profiles::Problems& problems) {
  PortSettings settings;
  settings.line = table.source().begin.line;
  settings.managers = managers;
  const auto name = table["name"].value_or<std::string>("");
  TomlTable port(table, name.empty() ? "[[port]]" : "port " + name, file, problems);
  read_name(port, settings);
  read_role(port, managers, settings);
  port.choice<lldp::DialectChoice>("dialect", settings.protocol.evb.dialect,
                                   {{"ratified", lldp::DialectChoice::kRatified},
                                    {"draft02", lldp::DialectChoice::kDraft02},
                                    {"auto", lldp::DialectChoice::kAuto}});
  read_destination(port, "lldp_destination", settings.protocol.lldp_destination);
  read_destination(port, "ecp_destination", settings.protocol.ecp_destination);
  port.integer("max_vsis", settings.protocol.max_vsis, 1, 1'000'000);
  read_evb(port, !settings.is_bridge() || settings.enforce, settings.protocol.evb);
  read_lldp(port, settings);
  read_cdcp(port, settings);
  if (!settings.is_bridge()) read_retry(port, settings.protocol.retry);
  if (const auto* const overrides = port.subtable("managers")) {
    read_manager_table(*overrides, port.name() + " managers", file, problems, settings.managers);
  }
  port.finish();
  return settings;
}

void read_manager_table(const toml::table& table, const std::string& name, const std::string& file,
                        profiles::Problems& problems, profiles::ManagerTable& to) {
  TomlTable managers(table, name, file, problems);
  for (const auto& [key, node] : table) {
    const auto text = key.str();
    unsigned id = 256;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size() || id > 255) {
      managers.problem(node, "manager id " + std::string(text) + " is not a number from 0 to 255",
                       "write libvirt's managerid as the key");
    } else if (const auto manager = profiles::read_manager(managers, node, {})) {
      to[id] = *manager;
    }
  }
}

}  // namespace agent
