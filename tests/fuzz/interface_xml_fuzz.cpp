// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "agent/ctl/vsi_xml.hpp"

namespace {

using agent::ctl::InterfaceInput;

void check(const agent::ctl::Input<std::vector<InterfaceInput>>& inputs) {
  if (!inputs) {
    for (const char c : inputs.error()) {
      if (static_cast<unsigned char>(c) < 0x20) __builtin_trap();
    }
    return;
  }
  for (const auto& input : *inputs) {
    const auto& wanted = input.wanted;
    if (wanted.device().empty() || (wanted.has_vsi() && !wanted.profile().empty())) {
      __builtin_trap();
    }
  }
}

}  // namespace

/// Whatever the XML: interfaces within the rules, or one sentence without control characters.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view xml{reinterpret_cast<const char*>(data), size};
  check(agent::ctl::interfaces_from_xml(xml, "fuzz.xml"));
  check(agent::ctl::interfaces_from_metadata(xml));
  return 0;
}
