// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "agent/ctl/numbers.hpp"
#include "agent/ctl/xml_parts.hpp"

namespace agent::ctl {
namespace {

namespace pb = ::evbd::v1;
using xml::is_direct;
using xml::parse;
using xml::read_mac;
using xml::read_parameters;
using xml::read_source;
using xml::shown;
using xml::wrong;

pb::InterfaceMode mode_of(const pugi::xml_node& interface) {
  const std::string_view mode = interface.child("source").attribute("mode").value();
  if (mode == "bridge") return pb::MODE_BRIDGE;
  if (mode == "private") return pb::MODE_PRIVATE;
  if (mode == "passthrough") return pb::MODE_PASSTHROUGH;
  return pb::MODE_VEPA;  // libvirt's default
}

Input<std::string> read_profile(const pugi::xml_node& virtualport) {
  const auto parameters = virtualport.child("parameters");
  for (const auto* const extra : {"managerid", "typeid", "typeidversion", "instanceid"}) {
    if (const auto found = parameters.attribute(extra)) {
      return wrong("{} does not belong to type='802.1Qbh'; remove it.",
                   shown("parameters", extra, found.value()));
    }
  }
  const std::string profile = parameters.attribute("profileid").value();
  if (!profile.empty()) return profile;
  return wrong("<parameters> has no attribute 'profileid'; name the port profile.");
}

Input<void> read_virtualport(const pugi::xml_node& virtualport, InterfaceInput& input) {
  const std::string_view type = virtualport.attribute("type").value();
  if (type == "802.1Qbh") {
    auto profile = read_profile(virtualport);
    if (!profile) return tl::unexpected(profile.error());
    input.wanted.set_profile(std::move(*profile));
    return {};
  }
  if (type != "802.1Qbg") {
    return wrong("{} cannot be attached directly; use 802.1Qbg or 802.1Qbh.",
                 shown("virtualport", "type", type));
  }
  VsiInput vsi;
  if (auto parameters = read_parameters(virtualport, vsi); !parameters) return parameters;
  input.id_generated = vsi.id_generated;
  *input.wanted.mutable_vsi() = std::move(vsi.wanted);
  return {};
}

/// Of <interface>, or of evbd's own in the metadata.
Input<InterfaceInput> read_wanted(const pugi::xml_node& interface) {
  InterfaceInput input;
  VsiInput place;
  if (auto source = read_source(interface, place.wanted); !source) {
    return tl::unexpected(source.error());
  }
  input.wanted.set_device(place.wanted.device());
  input.wanted.set_mode(mode_of(interface));
  if (interface.child("mac")) {
    if (auto mac = read_mac(interface, place.wanted); !mac) return tl::unexpected(mac.error());
    input.wanted.set_mac(place.wanted.filters(0).mac());
  }
  // Names that libvirt has drawn are not meant, as it says itself.
  const std::string_view target = interface.child("target").attribute("dev").value();
  const bool drawn =
      target.starts_with("macvtap") || target.starts_with("macvlan") || target.starts_with("vnet");
  if (!drawn) input.wanted.set_name(std::string(target));
  if (const auto virtualport = interface.child("virtualport")) {
    if (auto read = read_virtualport(virtualport, input); !read) {
      return tl::unexpected(read.error());
    }
  }
  return input;
}

Input<std::vector<InterfaceInput>> read_wanted_of_domain(const pugi::xml_node& domain,
                                                         const std::string& name) {
  std::vector<InterfaceInput> all;
  std::size_t number = 0;
  for (const auto& interface : domain.child("devices").children("interface")) {
    const auto origin = fmt::format("interface {} of {}", ++number, name);
    if (number > kMaxXmlInterfaces) {
      return wrong("{}: more than {} interfaces.", name, kMaxXmlInterfaces);
    }
    if (!is_direct(interface)) continue;
    auto wanted = read_wanted(interface);
    if (!wanted) return wrong("{}: {}", origin, wanted.error());
    wanted->origin = origin;
    wanted->wanted.set_guest(domain.child("name").text().get());
    all.push_back(std::move(*wanted));
  }
  if (all.empty()) {
    return wrong("{}: <domain> has no <interface type='direct'>, so there is nothing to attach.",
                 name);
  }
  return all;
}

std::string_view local_name(std::string_view name) {
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// Whether it is <x:interfaces xmlns:x='urn:evbd:interfaces:1'>, whatever x is.
bool in_our_namespace(const pugi::xml_node& block) {
  const std::string_view name = block.name();
  const auto prefix = name.substr(0, name.size() - local_name(name).size());
  const auto declared = prefix.empty()
                            ? std::string("xmlns")
                            : fmt::format("xmlns:{}", prefix.substr(0, prefix.size() - 1));
  return local_name(name) == "interfaces" &&
         block.attribute(declared.c_str()).value() == kMetadataNamespace;
}

/// pugixml knows no namespaces; inside of our block every element is ours.
struct StripPrefixes : pugi::xml_tree_walker {
  bool for_each(pugi::xml_node& node) override {
    const std::string bare(local_name(node.name()));
    if (node.type() == pugi::node_element) node.set_name(bare.c_str());
    return true;
  }
};

/// What libvirt's XML cannot say of an association.
Input<void> read_vlan(const pugi::xml_node& interface, pb::VsiWanted& vsi) {
  vsi.set_bridge_assigns_vlan(
      std::string_view(interface.attribute("bridge-assigns-vlan").value()) == "yes");
  const auto vlan = interface.attribute("vlan");
  if (!vlan) return {};
  const auto vid = parse_number(vlan.value(), 1, 4094);
  if (!vid) return wrong("{} {}.", shown("interface", "vlan", vlan.value()), vid.error());
  vsi.add_filters()->set_vid(*vid);
  return {};
}

/// One interface of the metadata, and the domain's own that takes it.
Input<InterfaceInput> read_metadata(const pugi::xml_node& interface, const pugi::xml_node& domain) {
  const std::string target = interface.attribute("target").value();
  if (target.empty()) {
    return wrong("<interface> has no attribute 'target'; name the interface that evbd is to make.");
  }
  auto input = read_wanted(interface);
  if (!input) return wrong("{}: {}", shown("interface", "target", target), input.error());
  if (input->wanted.has_vsi()) {
    if (auto vlan = read_vlan(interface, *input->wanted.mutable_vsi()); !vlan) {
      return tl::unexpected(vlan.error());
    }
  }
  for (const auto& own : domain.child("devices").children("interface")) {
    const auto device = own.child("target");
    if (target != device.attribute("dev").value()) continue;
    const bool ready = std::string_view(own.attribute("type").value()) == "ethernet" &&
                       std::string_view(device.attribute("managed").value()) == "no";
    VsiInput address;
    if (!ready) break;
    if (auto mac = read_mac(own, address.wanted); !mac) return tl::unexpected(mac.error());
    input->wanted.set_mac(address.wanted.filters(0).mac());
    input->wanted.set_name(target);
    input->wanted.set_guest(domain.child("name").text().get());
    input->wanted.set_require_relay(
        std::string_view(interface.attribute("require-relay").value()) == "yes");
    input->origin = shown("interface", "target", target);
    return input;
  }
  return wrong(
      "the domain has no <interface type='ethernet'> with <target dev='{}' managed='no'/>, which "
      "would take it.",
      shown(target));
}

}  // namespace

Input<std::vector<InterfaceInput>> interfaces_from_xml(std::string_view xml,
                                                       const std::string& name) {
  pugi::xml_document document;
  if (auto good = parse(xml, name, document); !good) return tl::unexpected(good.error());
  const auto root = document.document_element();
  if (std::string_view(root.name()) == "domain") return read_wanted_of_domain(root, name);
  if (std::string_view(root.name()) != "interface") {
    return wrong("{}: <{}> is neither a <domain> nor an <interface>.", name, shown(root.name()));
  }
  if (!is_direct(root)) {
    return wrong("{}: {} is not attached directly; write <interface type='direct'>.", name,
                 shown("interface", "type", root.attribute("type").value()));
  }
  auto wanted = read_wanted(root);
  if (!wanted) return wrong("{}: {}", name, wanted.error());
  wanted->origin = name;
  return std::vector<InterfaceInput>{std::move(*wanted)};
}

Input<std::vector<InterfaceInput>> interfaces_from_metadata(std::string_view xml) {
  pugi::xml_document document;
  if (auto good = parse(xml, "the domain", document); !good) return tl::unexpected(good.error());
  const auto domain = document.document_element();
  std::vector<InterfaceInput> all;
  std::set<std::string> names;
  for (auto block : domain.child("metadata").children()) {
    if (!in_our_namespace(block)) continue;
    StripPrefixes strip;
    block.traverse(strip);
    for (const auto& interface : block.children("interface")) {
      auto wanted = read_metadata(interface, domain);
      if (!wanted) return wrong("metadata of evbd: {}", wanted.error());
      if (!names.insert(wanted->wanted.name()).second || all.size() >= kMaxXmlInterfaces) {
        return wrong("metadata of evbd: {} stands there twice, or too many do.",
                     shown("interface", "target", wanted->wanted.name()));
      }
      all.push_back(std::move(*wanted));
    }
  }
  return all;
}

}  // namespace agent::ctl
