// SPDX-License-Identifier: Apache-2.0
#include "profiles/store_rows.hpp"

#include <SQLiteCpp/Column.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace profiles {

const char* const kParameterColumns =
    "label, untagged, tagged, any_vlan, default_vlan, groups, default_priority, mac_policy, macs, "
    "mtu, transmit_rate, transmit_burst, receive_rate, receive_burst, modes, max_instances";

namespace {

/// "a,b,c"; each element is made text by `write`.
template <class List, class Write>
std::string join(const List& list, Write write) {
  std::string text;
  for (const auto& each : list) {
    if (!text.empty()) text += ',';
    text += write(each);
  }
  return text;
}

/// Calls `element` with each part between commas; none for empty text.
template <class Element>
void split(std::string_view text, Element element) {
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    element(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
}

template <class Number>
Number parse_number(std::string_view text) {
  Number number{};
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) {
    throw UnreadableRow("'" + std::string(text) + "' is no number that fits");
  }
  return number;
}

template <class Number>
Number column_number(const SQLite::Column& column) {
  const std::int64_t value = column.getInt64();
  if (value < 0 || static_cast<std::uint64_t>(value) > std::numeric_limits<Number>::max()) {
    throw UnreadableRow("the number " + std::to_string(value) + " does not fit");
  }
  return static_cast<Number>(value);
}

template <class Number>
std::optional<Number> optional_number(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return column_number<Number>(column);
}

std::string_view column_text(const SQLite::Column& column) {
  const char* const text = column.getText("");
  return {text, static_cast<std::size_t>(column.getBytes())};
}

template <class Number>
void bind_optional(SQLite::Statement& statement, int index, const std::optional<Number>& number) {
  if (number) {
    statement.bind(index, static_cast<std::int64_t>(*number));
  } else {
    statement.bind(index);
  }
}

void bind_rate(SQLite::Statement& statement, int index, const std::optional<Rate>& rate) {
  const auto part = [&](auto member) {
    return rate ? std::optional((*rate).*member) : std::nullopt;
  };
  bind_optional(statement, index, part(&Rate::bits_per_second));
  bind_optional(statement, index + 1, part(&Rate::burst_octets));
}

std::optional<Rate> read_rate(SQLite::Statement& row, int first) {
  const auto bits = optional_number<std::uint64_t>(row.getColumn(first));
  if (!bits) return std::nullopt;
  return Rate{*bits, column_number<std::uint64_t>(row.getColumn(first + 1))};
}

std::string write_groups(const std::map<std::uint32_t, std::uint16_t>& groups) {
  return join(groups, [](const auto& group) {
    return std::to_string(group.first) + ':' + std::to_string(group.second);
  });
}

void read_groups(std::string_view text, NetworkParameters& to) {
  split(text, [&](std::string_view part) {
    const auto colon = std::min(part.find(':'), part.size());
    to.groups[parse_number<std::uint32_t>(part.substr(0, colon))] =
        parse_number<std::uint16_t>(part.substr(std::min(colon + 1, part.size())));
  });
}

std::string write_modes(DeliveryModes modes) {
  std::string text;
  for (const auto mode : kDeliveryModes) {
    if (!modes.contains(mode)) continue;
    text += (text.empty() ? "" : ",") + std::string(to_string(mode));
  }
  return text;
}

void read_modes(std::string_view text, NetworkParameters& to) {
  split(text, [&](std::string_view part) {
    const auto mode = parse_delivery_mode(part);
    if (!mode) throw UnreadableRow("'" + std::string(part) + "' is no delivery mode");
    to.modes.insert(*mode);
  });
}

void read_macs(std::string_view text, NetworkParameters& to) {
  split(text, [&](std::string_view part) {
    const auto mac = lldp::parse_mac_address(part);
    if (!mac) throw UnreadableRow("'" + std::string(part) + "' is no MAC address");
    to.macs.push_back(*mac);
  });
}

MacPolicy read_mac_policy(std::string_view text) {
  if (text == "own") return MacPolicy::kOwn;
  if (text == "listed") return MacPolicy::kListed;
  throw UnreadableRow("'" + std::string(text) + "' is no MAC policy");
}

}  // namespace

void bind_parameters(SQLite::Statement& statement, int first, const NetworkParameters& from) {
  const auto number = [](std::uint16_t vid) { return std::to_string(vid); };
  statement.bind(first, from.name);
  bind_optional(statement, first + 1, from.untagged);
  statement.bind(first + 2, join(from.tagged, number));
  statement.bind(first + 3, from.any_vlan ? 1 : 0);
  bind_optional(statement, first + 4, from.default_vlan);
  statement.bind(first + 5, write_groups(from.groups));
  bind_optional(statement, first + 6, from.default_priority);
  statement.bind(first + 7, from.mac_policy == MacPolicy::kListed ? "listed" : "own");
  statement.bind(first + 8, join(from.macs, [](const auto& mac) { return lldp::to_string(mac); }));
  bind_optional(statement, first + 9, from.mtu);
  bind_rate(statement, first + 10, from.transmit);
  bind_rate(statement, first + 12, from.receive);
  statement.bind(first + 14, write_modes(from.modes));
  bind_optional(statement, first + 15, from.max_instances);
}

NetworkParameters read_parameters(SQLite::Statement& row, int first) {
  NetworkParameters to;
  to.name = column_text(row.getColumn(first));
  to.untagged = optional_number<std::uint16_t>(row.getColumn(first + 1));
  split(column_text(row.getColumn(first + 2)),
        [&](std::string_view part) { to.tagged.push_back(parse_number<std::uint16_t>(part)); });
  to.any_vlan = row.getColumn(first + 3).getInt() != 0;
  to.default_vlan = optional_number<std::uint16_t>(row.getColumn(first + 4));
  read_groups(column_text(row.getColumn(first + 5)), to);
  to.default_priority = optional_number<std::uint8_t>(row.getColumn(first + 6));
  to.mac_policy = read_mac_policy(column_text(row.getColumn(first + 7)));
  read_macs(column_text(row.getColumn(first + 8)), to);
  to.mtu = optional_number<std::uint16_t>(row.getColumn(first + 9));
  to.transmit = read_rate(row, first + 10);
  to.receive = read_rate(row, first + 12);
  read_modes(column_text(row.getColumn(first + 14)), to);
  to.max_instances = optional_number<std::size_t>(row.getColumn(first + 15));
  return to;
}

void bind_type(SQLite::Statement& statement, int first, const TypeName& name) {
  if (name.manager) {
    const auto& octets = name.manager->octets;
    statement.bind(first, octets.data(), static_cast<int>(octets.size()));
  } else {
    statement.bind(first, static_cast<const void*>(""), 0);
  }
  statement.bind(first + 1, name.type.id);
  statement.bind(first + 2, static_cast<int>(name.type.version));
}

void bind_no_type(SQLite::Statement& statement, int first) {
  for (int column = first; column < first + 3; ++column) statement.bind(column);
}

TypeName read_type(SQLite::Statement& row, int first) {
  TypeName name;
  const auto manager = row.getColumn(first);
  const auto size = static_cast<std::size_t>(manager.getBytes());
  if (size != 0) {
    vdp::ManagerId id;
    if (size != id.octets.size()) throw UnreadableRow("a manager has 16 octets");
    const auto* const octets = static_cast<const std::uint8_t*>(manager.getBlob());
    std::copy(octets, octets + size, id.octets.begin());
    name.manager = id;
  }
  name.type.id = column_number<std::uint32_t>(row.getColumn(first + 1));
  name.type.version = column_number<std::uint8_t>(row.getColumn(first + 2));
  return name;
}

std::string placeholders(int count) {
  std::string text = "?";
  for (int i = 1; i < count; ++i) text += ", ?";
  return text;
}

}  // namespace profiles
