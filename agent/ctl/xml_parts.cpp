// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/xml_parts.hpp"

#include <algorithm>

#include "agent/ctl/numbers.hpp"
#include "lldp/printable.hpp"
#include "vdp/vsi.hpp"

namespace agent::ctl::xml {

std::string shown(std::string_view value) { return lldp::to_printable(value.substr(0, 80)); }

std::string shown(const char* element, const char* attribute, std::string_view value) {
  return fmt::format("<{} {}='{}'>", element, attribute, shown(value));
}

Input<void> parse(std::string_view xml, const std::string& name, pugi::xml_document& document) {
  if (xml.size() > kMaxXml) {
    return wrong("{}: {} octets; at most {} are read.", name, xml.size(), kMaxXml);
  }
  const auto parsed =
      document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8);
  if (parsed) return {};
  // pugixml's offset of what is missing at the end lies past it.
  const auto read = std::min(static_cast<std::size_t>(parsed.offset), xml.size());
  const auto line = 1 + std::ranges::count(xml.substr(0, read), '\n');
  return wrong("{}: line {} is no well-formed XML: {}.", name, line, parsed.description());
}

bool is_direct(const pugi::xml_node& interface) {
  return std::string_view(interface.attribute("type").value()) == "direct";
}

Input<void> read_source(const pugi::xml_node& interface, pb::VsiWanted& wanted) {
  static constexpr std::string_view kModes[] = {"vepa", "bridge", "private", "passthrough"};
  const auto source = interface.child("source");
  const auto device = source.attribute("dev");
  if (!device || std::string_view(device.value()).empty()) {
    return wrong(
        "<source> has no attribute 'dev'; name the host's interface, <source dev='eth0.2' "
        "mode='vepa'/>.");
  }
  const auto mode = source.attribute("mode");
  if (mode && std::ranges::find(kModes, std::string_view(mode.value())) == std::end(kModes)) {
    return wrong("{} is no mode; use vepa, bridge, private or passthrough.",
                 shown("source", "mode", mode.value()));
  }
  wanted.set_device(device.value());
  return {};
}

Input<void> read_mac(const pugi::xml_node& interface, pb::VsiWanted& wanted) {
  const auto address = interface.child("mac").attribute("address");
  if (!address) {
    return wrong(
        "<interface> has no <mac address='...'/>, so nothing says which address the bridge "
        "is to admit; take the XML that 'virsh dumpxml' prints.");
  }
  const auto mac = lldp::parse_mac_address(address.value());
  if (!mac) {
    return wrong("{} is no MAC address; give six hexadecimal octets.",
                 shown("mac", "address", address.value()));
  }
  if (mac->is_group()) {
    return wrong("{} is a group address; give the guest's own.",
                 shown("mac", "address", address.value()));
  }
  wanted.add_filters()->set_mac(lldp::to_string(*mac));
  return {};
}

namespace {

/// A number of <parameters>.
Input<std::uint32_t> number(const pugi::xml_node& parameters, const char* attribute,
                            std::uint32_t lowest, std::uint32_t highest) {
  const auto found = parameters.attribute(attribute);
  if (!found) {
    return wrong(
        "<parameters> has no attribute '{}'; 802.1Qbg needs managerid, typeid and "
        "typeidversion, as the network administrator gives them.",
        attribute);
  }
  const auto value = parse_number(found.value(), lowest, highest);
  if (!value) return wrong("{} {}.", shown("parameters", attribute, found.value()), value.error());
  return *value;
}

Input<void> read_instance(const pugi::xml_node& parameters, VsiInput& vsi) {
  const auto instance = parameters.attribute("instanceid");
  vsi.id_generated = !instance;
  vsi.wanted.set_id_format(pb::VSI_ID_FORMAT_UUID);
  if (!instance) {
    vsi.wanted.set_id(new_uuid());
    return {};
  }
  const auto id = vdp::parse_uuid(instance.value());
  if (!id) {
    return wrong("{} is no UUID; give 32 hexadecimal digits, or leave it out and one is generated.",
                 shown("parameters", "instanceid", instance.value()));
  }
  vsi.wanted.set_id(vdp::to_string(*id));
  return {};
}

}  // namespace

Input<void> read_parameters(const pugi::xml_node& virtualport, VsiInput& vsi) {
  const auto parameters = virtualport.child("parameters");
  for (const auto* const extra : {"profileid", "interfaceid"}) {
    if (const auto found = parameters.attribute(extra)) {
      return wrong("{} does not belong to type='802.1Qbg'; remove it.",
                   shown("parameters", extra, found.value()));
    }
  }
  const auto* const text = parameters.attribute("managerid").value();
  if (parse_number(text, 0, 0)) {
    return wrong(
        "{}: 0 is reserved; give 1..255, the number of the database that holds the VSI "
        "types.",
        shown("parameters", "managerid", text));
  }
  const auto manager = number(parameters, "managerid", 1, 255);
  if (!manager) return tl::unexpected(manager.error());
  const auto type = number(parameters, "typeid", 0, 0xFFFFFF);
  if (!type) return tl::unexpected(type.error());
  const auto version = number(parameters, "typeidversion", 0, 255);
  if (!version) return tl::unexpected(version.error());
  vsi.wanted.mutable_manager()->set_number(*manager);
  vsi.wanted.set_type_id(*type);
  vsi.wanted.set_type_version(*version);
  return read_instance(parameters, vsi);
}

}  // namespace agent::ctl::xml
