// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <pugixml.hpp>

#include "agent/ctl/vsi_xml.hpp"

// Parts of libvirt's XML, for those who read VSIs and interfaces from it. Errors are sentences that
// name element, attribute and value.

namespace agent::ctl::xml {

namespace pb = ::evbd::v1;

template <class... Values>
tl::unexpected<std::string> wrong(fmt::format_string<Values...> sentence, Values&&... values) {
  return tl::unexpected(fmt::format(sentence, std::forward<Values>(values)...));
}

std::string shown(std::string_view value);
/// "<parameters managerid='0'>", for sentences.
std::string shown(const char* element, const char* attribute, std::string_view value);

/// `name` is what sentences call the file.
Input<void> parse(std::string_view xml, const std::string& name, pugi::xml_document& document);
bool is_direct(const pugi::xml_node& interface);
/// <source dev mode>: the device; the mode is only checked.
Input<void> read_source(const pugi::xml_node& interface, pb::VsiWanted& wanted);
/// <mac address> becomes a filter.
Input<void> read_mac(const pugi::xml_node& interface, pb::VsiWanted& wanted);
/// <parameters> of an 802.1Qbg virtualport.
Input<void> read_parameters(const pugi::xml_node& virtualport, VsiInput& vsi);

}  // namespace agent::ctl::xml
