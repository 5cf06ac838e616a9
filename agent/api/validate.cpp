// SPDX-License-Identifier: Apache-2.0
#include "agent/api/validate.hpp"

#include <fmt/format.h>

#include "lldp/printable.hpp"
#include "profiles/managers.hpp"

namespace agent::api {
namespace {

constexpr std::uint32_t kMaxTypeId = 0xFFFFFF;
constexpr std::uint32_t kMaxVid = 4094;

template <class... Values>
tl::unexpected<Rejection> invalid(const FieldPath& where, fmt::format_string<Values...> rule,
                                  Values&&... values) {
  return tl::unexpected(Rejection{
      pb::INVALID,
      fmt::format("{}{}", where.text(), fmt::format(rule, std::forward<Values>(values)...))});
}

/// What the entry's own fields say, for requests that leave the format to us.
vdp::FilterFormat format_of(const pb::FilterEntry& entry) {
  if (entry.has_group()) {
    return entry.mac().empty() ? vdp::FilterFormat::kGroupVid : vdp::FilterFormat::kGroupMacVid;
  }
  return entry.mac().empty() ? vdp::FilterFormat::kVid : vdp::FilterFormat::kMacVid;
}

Checked<lldp::MacAddress> check_mac(const std::string& text, const FieldPath& where) {
  const auto mac = lldp::parse_mac_address(text);
  if (!mac) {
    return invalid(where, ".mac: '{}' is no MAC address (six hexadecimal octets)",
                   lldp::to_printable(text));
  }
  if (mac->is_group()) {
    return invalid(where, ".mac: '{}' is a group address; a VSI has individual addresses", text);
  }
  if (*mac == lldp::MacAddress{}) return invalid(where, ".mac: '{}' is no station's address", text);
  return *mac;
}

Checked<std::uint16_t> check_vid(const pb::FilterEntry& entry, const pb::VsiWanted& wanted,
                                 const DevicePlace& place, const FieldPath& where) {
  if (!entry.has_vid()) {
    if (wanted.bridge_assigns_vlan()) return std::uint16_t{0};
    if (place.vid) return *place.vid;
    return invalid(
        where,
        ".vid is absent, and {} gives none: 802.1Qbg requires a non-zero VLAN ID; name "
        "a VLAN device (eth0.2), give the VLAN (--vlan), or say that the bridge assigns it "
        "(--bridge-assigns-vlan)",
        wanted.device().empty() ? std::string("no device is named that")
                                : fmt::format("device '{}' is no VLAN device and",
                                              lldp::to_printable(wanted.device())));
  }
  if (entry.vid() > kMaxVid) return invalid(where, ".vid: {} is not 0..4094", entry.vid());
  if (entry.vid() == 0 && !wanted.bridge_assigns_vlan()) {
    return invalid(where,
                   ".vid: 0 is no VLAN ID for 802.1Qbg; give 1..4094, or say that the bridge "
                   "assigns it");
  }
  if (place.vid && entry.vid() != 0 && entry.vid() != *place.vid) {
    return invalid(where, ".vid: {} contradicts device '{}', which is on VLAN {}", entry.vid(),
                   lldp::to_printable(wanted.device()), *place.vid);
  }
  return static_cast<std::uint16_t>(entry.vid());
}

Checked<vdp::FilterEntry> check_entry(const pb::FilterEntry& entry, vdp::FilterFormat format,
                                      const pb::VsiWanted& wanted, const DevicePlace& place,
                                      const FieldPath& where) {
  if (format_of(entry) != format) {
    return invalid(where, ": its fields are those of format {}, but the filter's format is {}",
                   vdp::to_string(format_of(entry)), vdp::to_string(format));
  }
  if (entry.has_pcp()) return invalid(where, ".pcp: only a bridge gives a default priority");
  vdp::FilterEntry checked;
  if (vdp::has_mac(format)) {
    const auto mac = check_mac(entry.mac(), where);
    if (!mac) return tl::unexpected(mac.error());
    checked.mac = *mac;
  }
  checked.group = entry.group();
  const auto vid = check_vid(entry, wanted, place, where);
  if (!vid) return tl::unexpected(vid.error());
  checked.vid = *vid;
  return checked;
}

Checked<vdp::FilterInfo> check_filters(const pb::VsiWanted& wanted, const DevicePlace& place,
                                       const FieldPath& where) {
  if (wanted.filters().empty()) {
    return invalid(where, ".filters: there is none; a VSI needs at least one");
  }
  if (!pb::FilterFormat_IsValid(wanted.filter_format())) {
    return invalid(where, ".filter_format: {} is not 1..4",
                   static_cast<int>(wanted.filter_format()));
  }
  vdp::FilterInfo filters;
  filters.format = wanted.filter_format() == pb::FILTER_FORMAT_UNSPECIFIED
                       ? format_of(wanted.filters(0))
                       : static_cast<vdp::FilterFormat>(wanted.filter_format());
  for (int i = 0; i < wanted.filters_size(); ++i) {
    const auto entry = check_entry(wanted.filters(i), filters.format, wanted, place,
                                   FieldPath{".filters", i, &where});
    if (!entry) return tl::unexpected(entry.error());
    filters.entries.push_back(*entry);
  }
  return filters;
}

Checked<vdp::ManagerId> check_manager(const pb::Manager& manager, const std::string& port,
                                      const Ports& ports, const FieldPath& where) {
  switch (manager.kind_case()) {
    case pb::Manager::kNumber:
      if (manager.number() < 1 || manager.number() > 255) {
        return invalid(where, ".manager.number: {} is not 1..255 (0 is reserved)",
                       manager.number());
      }
      return ports.manager(port, static_cast<std::uint8_t>(manager.number()));
    case pb::Manager::kOctets: {
      vdp::ManagerId octets;
      if (manager.octets().size() != octets.octets.size()) {
        return invalid(where, ".manager.octets: {} octets instead of 16", manager.octets().size());
      }
      std::ranges::copy(manager.octets(), octets.octets.begin());
      return octets;
    }
    default: return invalid(where, ".manager is absent");
  }
}

Checked<std::string> only_port(const Ports& ports, const FieldPath& where) {
  const auto list = ports.list();
  if (list.size() == 1) return list.front().name;
  return invalid(where, ".port and .device are both absent, and there are {} ports", list.size());
}

}  // namespace

std::string FieldPath::text() const {
  auto text = above == nullptr ? std::string() : above->text();
  text += name;
  return index < 0 ? text : fmt::format("{}[{}]", text, index);
}

Checked<vdp::VsiId> check_id(pb::VsiIdFormat format, const std::string& id,
                             const FieldPath& where) {
  if (!pb::VsiIdFormat_IsValid(format)) {
    return invalid(where, ".id_format: {} is not 1..5", static_cast<int>(format));
  }
  const auto core_format = format == pb::VSI_ID_FORMAT_UNSPECIFIED
                               ? vdp::VsiIdFormat::kUuid
                               : static_cast<vdp::VsiIdFormat>(format);
  const auto parsed = parse_vsi_id(core_format, id);
  if (parsed) return *parsed;
  return invalid(where, ".id: '{}' is no VSI ID of format {}", lldp::to_printable(id),
                 vdp::to_string(core_format));
}

Checked<DevicePlace> VsiChecker::place(const pb::VsiWanted& wanted, const FieldPath& where) {
  DevicePlace place;
  if (!wanted.device().empty()) {
    auto known = places_.find(wanted.device());
    if (known == places_.end()) {
      known = places_.emplace(wanted.device(), ports_.place(wanted.device())).first;
    }
    if (!known->second) {
      return tl::unexpected(Rejection{
          pb::NOT_FOUND, fmt::format("{}.device: {}", where.text(), known->second.error())});
    }
    place = *known->second;
    if (!wanted.port().empty() && wanted.port() != place.port) {
      return invalid(where, ".port: '{}' is not the port below device '{}', which is {}",
                     lldp::to_printable(wanted.port()), lldp::to_printable(wanted.device()),
                     place.port);
    }
    return place;
  }
  place.port = wanted.port();
  if (place.port.empty()) {
    const auto only = only_port(ports_, where);
    if (!only) return tl::unexpected(only.error());
    place.port = *only;
  }
  if (ports_.core(place.port) == nullptr) {
    return tl::unexpected(
        Rejection{pb::NOT_FOUND, fmt::format("{}.port: there is no port '{}'", where.text(),
                                             lldp::to_printable(place.port))});
  }
  return place;
}

Checked<profiles::TypeName> check_type(const pb::TypeName& name, const FieldPath& where) {
  if (name.id() > kMaxTypeId) return invalid(where, ".id: {} is not 0..16777215", name.id());
  if (name.version() > 255) return invalid(where, ".version: {} is not 0..255", name.version());
  profiles::TypeName type{{}, {name.id(), static_cast<std::uint8_t>(name.version())}};
  if (!name.has_manager()) return type;
  const auto manager = profiles::read_manager_text(name.manager());
  if (!manager) return invalid(where, ".manager: {}", lldp::to_printable(manager.error()));
  type.manager = *manager;
  return type;
}

Checked<CheckedVsi> VsiChecker::check(const pb::VsiWanted& wanted, pb::AssociationType type,
                                      const FieldPath& where) {
  auto found = place(wanted, where);
  if (!found) return tl::unexpected(found.error());
  const auto id = check_id(wanted.id_format(), wanted.id(), where);
  if (!id) return tl::unexpected(id.error());
  const auto manager = check_manager(wanted.manager(), found->port, ports_, where);
  if (!manager) return tl::unexpected(manager.error());
  if (wanted.type_id() > kMaxTypeId) {
    return invalid(where, ".type_id: {} is not 0..16777215", wanted.type_id());
  }
  if (wanted.type_version() > 255) {
    return invalid(where, ".type_version: {} is not 0..255", wanted.type_version());
  }
  auto filters = check_filters(wanted, *found, where);
  if (!filters) return tl::unexpected(filters.error());
  CheckedVsi checked;
  checked.port = std::move(found->port);
  checked.request.id = *id;
  checked.request.type = static_cast<vdp::AssociationType>(type);
  checked.request.manager = *manager;
  checked.request.vsi_type = {wanted.type_id(), static_cast<std::uint8_t>(wanted.type_version())};
  checked.request.filters = std::move(*filters);
  checked.request.migration = {wanted.migration().to_here(), wanted.migration().from_here()};
  return checked;
}

}  // namespace agent::api
