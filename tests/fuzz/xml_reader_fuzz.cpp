// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <string_view>

#include "agent/ctl/vsi_xml.hpp"
#include "lldp/mac_address.hpp"
#include "vdp/vsi.hpp"

/// Whatever the XML: VSIs within the rules, or one sentence without control characters.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto vsis =
      agent::ctl::vsis_from_xml({reinterpret_cast<const char*>(data), size}, "fuzz.xml");
  if (!vsis) {
    for (const char c : vsis.error()) {
      if (static_cast<unsigned char>(c) < 0x20) __builtin_trap();
    }
    return 0;
  }
  for (const auto& vsi : *vsis) {
    const auto& wanted = vsi.wanted;
    const bool right = wanted.manager().number() >= 1 && wanted.manager().number() <= 255 &&
                       wanted.type_id() <= 0xFFFFFF && wanted.type_version() <= 255 &&
                       vdp::parse_uuid(wanted.id()) && wanted.filters_size() == 1 &&
                       lldp::parse_mac_address(wanted.filters(0).mac()) && !wanted.device().empty();
    if (!right) __builtin_trap();
  }
  return 0;
}
