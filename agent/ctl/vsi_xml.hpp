// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/ctl/vsi_input.hpp"

namespace agent::ctl {

/// Longer XML is refused unread; libvirt's own limit is of this size, too.
inline constexpr std::size_t kMaxXml = 1U << 20U;
inline constexpr std::size_t kMaxXmlInterfaces = 256;

/// The VSIs of a libvirt <domain> (each <interface type='direct'> with an 802.1Qbg virtualport), or
/// of one <interface>. `name` is what sentences call the file. An instanceid that is absent is
/// generated. The error names element, attribute and value, and what to do.
Input<std::vector<VsiInput>> vsis_from_xml(std::string_view xml, const std::string& name);

/// An interface as an XML file describes it.
struct InterfaceInput {
  evbd::v1::InterfaceWanted wanted;
  bool id_generated = false;  ///< of its VSI
  std::string origin;
};
/// Every <interface type='direct'> of a <domain>, or one <interface>: with a virtualport of type
/// 802.1Qbg or 802.1Qbh, or without one. `name` as above.
Input<std::vector<InterfaceInput>> interfaces_from_xml(std::string_view xml,
                                                       const std::string& name);

/// What a domain's metadata asks evbd for, in the namespace below; each belongs to an <interface
/// type='ethernet'> of the domain with <target dev='...' managed='no'/>. None: no such metadata.
inline constexpr std::string_view kMetadataNamespace = "urn:evbd:interfaces:1";
Input<std::vector<InterfaceInput>> interfaces_from_metadata(std::string_view xml);

}  // namespace agent::ctl
