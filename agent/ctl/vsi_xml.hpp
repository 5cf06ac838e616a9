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

}  // namespace agent::ctl
