// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/vsi_xml.hpp"

#include <fmt/format.h>

#include <set>

#include "agent/ctl/xml_parts.hpp"

namespace agent::ctl {
namespace {

using xml::is_direct;
using xml::parse;
using xml::read_mac;
using xml::read_parameters;
using xml::read_source;
using xml::shown;
using xml::wrong;

/// What kind of virtualport it is: true for 802.1Qbg, false for one that is not ours to attach.
Input<bool> is_qbg(const pugi::xml_node& virtualport) {
  const auto type = virtualport.attribute("type");
  if (!type) return wrong("<virtualport> has no attribute 'type'; write type='802.1Qbg'.");
  const std::string_view value = type.value();
  if (value == "802.1Qbh") {
    return wrong(
        "{}: port profiles (profileid) are not associated by this command; it takes "
        "type='802.1Qbg'.",
        shown("virtualport", "type", value));
  }
  return value == "802.1Qbg";
}

Input<VsiInput> read_interface(const pugi::xml_node& interface) {
  VsiInput vsi;
  if (auto source = read_source(interface, vsi.wanted); !source) {
    return tl::unexpected(source.error());
  }
  if (auto mac = read_mac(interface, vsi.wanted); !mac) return tl::unexpected(mac.error());
  if (auto parameters = read_parameters(interface.child("virtualport"), vsi); !parameters) {
    return tl::unexpected(parameters.error());
  }
  return vsi;
}

/// A lone <interface> has to be what the command is about; in a domain others are passed over.
Input<void> must_be_ours(const pugi::xml_node& interface) {
  const auto virtualport = interface.child("virtualport");
  if (!is_direct(interface)) {
    return wrong("{} is not attached directly; 802.1Qbg needs <interface type='direct'>.",
                 shown("interface", "type", interface.attribute("type").value()));
  }
  if (!virtualport) {
    return wrong(
        "<interface> has no <virtualport type='802.1Qbg'>, so there is no VSI to associate.");
  }
  const auto ours = is_qbg(virtualport);
  if (!ours) return tl::unexpected(ours.error());
  if (*ours) return {};
  return wrong("{} is not type='802.1Qbg'.",
               shown("virtualport", "type", virtualport.attribute("type").value()));
}

Input<std::vector<VsiInput>> read_domain(const pugi::xml_node& domain, const std::string& name) {
  std::vector<VsiInput> vsis;
  std::set<std::string> ids;
  std::size_t number = 0;
  for (const auto& interface : domain.child("devices").children("interface")) {
    const auto origin = fmt::format("interface {} of {}", ++number, name);
    if (number > kMaxXmlInterfaces) {
      return wrong("{}: more than {} interfaces.", name, kMaxXmlInterfaces);
    }
    const auto virtualport = interface.child("virtualport");
    if (!is_direct(interface) || !virtualport) continue;
    const auto ours = is_qbg(virtualport);
    if (!ours) return wrong("{}: {}", origin, ours.error());
    if (!*ours) continue;
    auto vsi = read_interface(interface);
    if (!vsi) return wrong("{}: {}", origin, vsi.error());
    if (!ids.insert(vsi->wanted.id()).second) {
      return wrong("{}: {} is the instanceid of two interfaces; every VSI needs its own.", origin,
                   shown("parameters", "instanceid", vsi->wanted.id()));
    }
    vsi->origin = origin;
    vsis.push_back(std::move(*vsi));
  }
  if (vsis.empty()) {
    return wrong(
        "{}: <domain> has no <interface type='direct'> with <virtualport "
        "type='802.1Qbg'>, so there is no VSI to associate.",
        name);
  }
  return vsis;
}

}  // namespace

Input<std::vector<VsiInput>> vsis_from_xml(std::string_view xml, const std::string& name) {
  pugi::xml_document document;
  if (auto good = parse(xml, name, document); !good) return tl::unexpected(good.error());
  const auto root = document.document_element();
  if (std::string_view(root.name()) == "domain") return read_domain(root, name);
  if (std::string_view(root.name()) != "interface") {
    return wrong("{}: <{}> is neither a <domain> nor an <interface>.", name, shown(root.name()));
  }
  if (auto ours = must_be_ours(root); !ours) return wrong("{}: {}", name, ours.error());
  auto vsi = read_interface(root);
  if (!vsi) return wrong("{}: {}", name, vsi.error());
  vsi->origin = name;
  return std::vector<VsiInput>{std::move(*vsi)};
}

}  // namespace agent::ctl
