// SPDX-License-Identifier: Apache-2.0
#include "agent/api/identifiers.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "agent/api/convert.hpp"
#include "lldp/organizational.hpp"
#include "lldp/printable.hpp"

namespace agent::api {
namespace {

std::string as_text(base::Bytes octets) { return lldp::to_printable(octets); }

std::string mac_text(base::Bytes octets) {
  if (octets.size() != 6) return lldp::to_hex(octets);
  lldp::MacAddress mac;
  std::ranges::copy(octets, mac.octets.begin());
  return lldp::to_string(mac);
}

/// A network address is an IANA address family and the address (802.1AB 8.5.2.3).
std::string network_address_text(base::Bytes octets) {
  if (octets.empty()) return "";
  return address_text(octets[0], octets.subspan(1));
}

void identifier(const lldp::Identifier& id, std::string text, pb::Identifier& to) {
  to.set_subtype(id.subtype);
  to.set_text(std::move(text));
  to.set_octets(id.octets.data(), id.octets.size());
}

void capabilities(std::uint16_t bits, google::protobuf::RepeatedPtrField<std::string>& to) {
  static constexpr std::string_view kNames[] = {
      "other",  "repeater",  "bridge", "WLAN access point",
      "router", "telephone", "DOCSIS", "station",
      "C-VLAN", "S-VLAN",    "TPMR"};
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if ((bits >> i & 1U) != 0) to.Add(std::string(kNames[i]));
  }
}

void organizational(const lldp::OrganizationalTlv& tlv, pb::Neighbor& to) {
  auto& added = *to.add_organizational();
  added.set_oui(fmt::format("{:02x}-{:02x}-{:02x}", tlv.oui[0], tlv.oui[1], tlv.oui[2]));
  added.set_subtype(tlv.subtype);
  added.set_information(tlv.information.data(), tlv.information.size());
}

}  // namespace

std::string chassis_id_text(const lldp::Identifier& id) {
  switch (id.subtype) {
    case 4: return mac_text(id.octets);
    case 5: return network_address_text(id.octets);
    default: return as_text(id.octets);
  }
}

std::string port_id_text(const lldp::Identifier& id) {
  switch (id.subtype) {
    case 3: return mac_text(id.octets);
    case 4: return network_address_text(id.octets);
    default: return as_text(id.octets);
  }
}

std::string address_text(std::uint8_t family, base::Bytes address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (family == 1 && address.size() == 4) {
    return inet_ntop(AF_INET, address.data(), text, sizeof text);
  }
  if (family == 2 && address.size() == 16) {
    return inet_ntop(AF_INET6, address.data(), text, sizeof text);
  }
  return family == 6 ? mac_text(address) : lldp::to_hex(address);
}

void describe(const lldp::SystemInformation& information, pb::Neighbor& to) {
  identifier(information.chassis_id, chassis_id_text(information.chassis_id),
             *to.mutable_chassis_id());
  identifier(information.port_id, port_id_text(information.port_id), *to.mutable_port_id());
  if (const auto& text = information.port_description)
    to.set_port_description(lldp::to_printable(*text));
  if (const auto& text = information.system_name) to.set_system_name(lldp::to_printable(*text));
  if (const auto& text = information.system_description) {
    to.set_system_description(lldp::to_printable(*text));
  }
  if (const auto& known = information.capabilities) {
    capabilities(known->supported, *to.mutable_capabilities());
    capabilities(known->enabled, *to.mutable_capabilities_enabled());
  }
  for (const auto& address : information.management_addresses) {
    auto& added = *to.add_management_addresses();
    added.set_family(address.family);
    added.set_text(address_text(address.family, address.address));
    added.set_octets(address.address.data(), address.address.size());
    added.set_interface_subtype(address.interface_subtype);
    added.set_interface_number(address.interface_number);
    added.set_object_id(address.object_id.data(), address.object_id.size());
  }
  for (const auto& tlv : information.organizational) organizational(tlv, to);
  if (const auto evb = lldp::find_evb_tlv(information)) to_pb(*evb, *to.mutable_evb());
  if (const auto evb = lldp::find_draft02_evb_tlv(information)) {
    to_pb(*evb, *to.mutable_draft02_evb());
  }
}

}  // namespace agent::api
