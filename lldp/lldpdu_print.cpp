// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "lldp/basic_tlvs.hpp"
#include "lldp/lldpdu.hpp"
#include "lldp/organizational.hpp"
#include "lldp/printable.hpp"

namespace lldp {
namespace {

std::string print(const OrganizationalTlv& tlv) {
  if (is_evb_tlv(tlv)) {
    if (const auto evb = decode_evb_tlv(tlv.information)) return "EVB: " + print(*evb);
  }
  if (is_cdcp_tlv(tlv)) {
    if (const auto cdcp = decode_cdcp_tlv(tlv.information)) return "CDCP: " + print(*cdcp);
  }
  return fmt::format("organisational: OUI {} subtype {} {}", to_hex(tlv.oui), tlv.subtype,
                     to_hex(tlv.information));
}

void print_text(std::string& lines, std::string_view name, const std::optional<std::string>& text) {
  if (text) lines += fmt::format("{}: {}\n", name, to_printable(*text));
}

void print_faults(std::string& lines, const Lldpdu& lldpdu) {
  if (lldpdu.tlvs_unrecognized > 0) {
    lines += fmt::format("unrecognized TLVs: {}\n", lldpdu.tlvs_unrecognized);
  }
  if (lldpdu.tlvs_discarded > 0) {
    lines += fmt::format("discarded TLVs: {}{}\n", lldpdu.tlvs_discarded,
                         lldpdu.overrun ? ", the last runs past the end" : "");
  }
}

}  // namespace

std::string print(const Lldpdu& lldpdu) {
  const auto& information = lldpdu.information;
  auto lines = fmt::format("chassis ID: {}\nport ID: {}\nTTL: {} s\n",
                           print_chassis_id(information.chassis_id),
                           print_port_id(information.port_id), lldpdu.ttl);
  print_text(lines, "port description", information.port_description);
  print_text(lines, "system name", information.system_name);
  print_text(lines, "system description", information.system_description);
  if (const auto& bits = information.capabilities) {
    lines += fmt::format("capabilities: {}\n", print(*bits));
  }
  for (const auto& address : information.management_addresses) {
    lines += fmt::format("management address: {}\n", print(address));
  }
  for (const auto& tlv : information.organizational) lines += print(tlv) + '\n';
  print_faults(lines, lldpdu);
  return lines;
}

}  // namespace lldp
