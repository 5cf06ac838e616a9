// SPDX-License-Identifier: Apache-2.0
#include "vdp/dialect.hpp"

#include "vdp/draft02_rules.hpp"

namespace vdp {
namespace {

void begin(base::Octets& ulpdu, const ManagerId& manager) { append_manager(ulpdu, manager); }

void add(base::Octets& ulpdu, const ManagerId& /*manager*/, const AssociationTlv& tlv) {
  append_association(ulpdu, tlv);
}

base::Result<std::vector<Vdpdu>> read(base::Bytes ulpdu, lldp::EvbRole /*role*/) {
  auto vdpdu = decode_vdpdu(ulpdu);
  if (!vdpdu) return tl::unexpected(vdpdu.error());
  std::vector<Vdpdu> vdpdus;
  vdpdus.push_back(*std::move(vdpdu));
  return vdpdus;
}

LocalRefusal unsayable(const VsiRequest& request, const lldp::EvbOperational& evb) {
  const bool groups = has_group(request.filters.format) && !evb.group_ids;
  return groups ? LocalRefusal::kGroupIdNotNegotiated : LocalRefusal::kNone;
}

std::string_view station_state(const StationVsi& machine) { return to_string(machine.state()); }
std::string_view bridge_state(const BridgeVsi& machine) { return to_string(machine.state()); }

constexpr DialectRules kRatified{.dialect = lldp::Dialect::kRatified,
                                 .format = {0, 0, begin, add},
                                 .read = read,
                                 .unsayable = unsayable,
                                 .refuses_in_kind = false,
                                 .can_keep = true,
                                 .station_state = station_state,
                                 .bridge_state = bridge_state};

}  // namespace

const DialectRules& rules_of(lldp::Dialect dialect) {
  return dialect == lldp::Dialect::kDraft02 ? draft02_rules() : kRatified;
}

}  // namespace vdp
