// SPDX-License-Identifier: Apache-2.0
#include "vdp/draft02_rules.hpp"

#include <algorithm>
#include <utility>

#include "lldp/draft02_ecpdu.hpp"

namespace vdp {
namespace {

constexpr unsigned kFirstDraftReason = static_cast<unsigned>(Reason::kUnusedType);
constexpr unsigned kFirstDraftResponse = static_cast<unsigned>(Draft02Response::kUnusedType);

void begin(base::Octets& /*ulpdu*/, const ManagerId& /*manager*/) {}

void add(base::Octets& ulpdu, const ManagerId& manager, const AssociationTlv& tlv) {
  append_draft02(ulpdu,
                 {.type = tlv.type,
                  .response = tlv.response ? response_of(tlv.reason) : Draft02Response::kSuccess,
                  .manager = number_of(manager).value_or(0),
                  .vsi_type = tlv.vsi_type,
                  .id = tlv.id,
                  .filters = tlv.filters});
}

/// A TLV names its own manager here; neighbours of the same one stay together.
base::Result<std::vector<Vdpdu>> read(base::Bytes ulpdu, lldp::EvbRole role) {
  const auto vdpdu = decode_draft02_vdpdu(ulpdu);
  if (!vdpdu) return tl::unexpected(vdpdu.error());
  std::vector<Vdpdu> vdpdus(1);
  for (const auto& error : vdpdu->refused) vdpdus[0].refused.push_back({error, std::nullopt});
  vdpdus[0].skipped = vdpdu->skipped;
  for (const auto& tlv : vdpdu->tlvs) {
    const auto manager = manager_of(tlv.manager);
    if (!vdpdus.back().associations.empty() && vdpdus.back().manager != manager) {
      vdpdus.emplace_back();
    }
    vdpdus.back().manager = manager;
    vdpdus.back().associations.push_back(association_of(tlv, role));
  }
  return vdpdus;
}

LocalRefusal unsayable(const VsiRequest& request, const lldp::EvbOperational& /*evb*/) {
  if (!number_of(request.manager)) return LocalRefusal::kDraft02Manager;
  if (request.id.format != VsiIdFormat::kUuid) return LocalRefusal::kDraft02VsiId;
  if (request.filters.format != FilterFormat::kMacVid) return LocalRefusal::kDraft02Filter;
  if (!request.organizational.empty()) return LocalRefusal::kDraft02Organizational;
  return LocalRefusal::kNone;
}

std::string_view processing(AssociationType type) {
  switch (type) {
    case AssociationType::kPreAssociate:
    case AssociationType::kPreAssociateWithReservation: return "PREASSOC_PROCESSING";
    case AssociationType::kAssociate: return "ASSOC_PROCESSING";
    case AssociationType::kDeAssociate: break;
  }
  return "DEASSOC_PROCESSING";
}

std::string_view agreed(AssociationType type) {
  return type == AssociationType::kAssociate ? "ASSOCIATED" : "PREASSOCIATED";
}

std::string_view station_state(const StationVsi& machine) {
  using State = StationVsi::State;
  switch (machine.state()) {
    case State::kInit: return "UNASSOCIATED";
    case State::kStationProcessing: return processing(machine.sys_command().type);
    case State::kTransmitKeepalive: return processing(machine.oper_command().type);
    case State::kTransmitDeassoc: return "DEASSOC_PROCESSING";
    default: return agreed(machine.oper_command().type);
  }
}

std::string_view bridge_state(const BridgeVsi& machine) {
  using State = BridgeVsi::State;
  switch (machine.state()) {
    case State::kInit: return "UNASSOCIATED";
    case State::kBridgeProcessing: return processing(machine.command().type);
    case State::kDeassoc:
    case State::kDeassociated: return "DEASSOC_PROCESSING";
    case State::kReleaseAll: return "EXIT";
    default: return agreed(machine.oper_command().type);
  }
}

constexpr DialectRules kDraft02{.dialect = lldp::Dialect::kDraft02,
                                .format = {lldp::kDraft02EcpHeaderSize - lldp::kEcpHeaderSize,
                                           kDraft02HeadSize - kAssociationSize, begin, add},
                                .read = read,
                                .unsayable = unsayable,
                                .refuses_in_kind = true,
                                .can_keep = false,
                                .station_state = station_state,
                                .bridge_state = bridge_state};

}  // namespace

const DialectRules& draft02_rules() { return kDraft02; }

AssociationTlv association_of(const Draft02Tlv& tlv, lldp::EvbRole role) {
  const bool response = role == lldp::EvbRole::kStation;
  return {.type = tlv.type,
          .response = response,
          .reason = response ? reason_of(tlv.response) : Reason::kSuccess,
          .vsi_type = tlv.vsi_type,
          .id = tlv.id,
          .filters = tlv.filters};
}

ManagerId manager_of(std::uint8_t number) {
  ManagerId manager;
  manager.octets[0] = number;
  return manager;
}

std::optional<std::uint8_t> number_of(const ManagerId& manager) {
  if (manager != manager_of(manager.octets[0])) return std::nullopt;
  return manager.octets[0];
}

Reason reason_of(Draft02Response response) {
  const auto number = static_cast<unsigned>(response);
  if (number < kFirstDraftResponse) return static_cast<Reason>(number);
  return static_cast<Reason>(number - kFirstDraftResponse + kFirstDraftReason);
}

Draft02Response response_of(Reason reason) {
  switch (reason) {
    case Reason::kSuccess: return Draft02Response::kSuccess;
    case Reason::kInvalidFormat: return Draft02Response::kInvalidFormat;
    case Reason::kInsufficientResources:
    case Reason::kUnreachableManager: return Draft02Response::kInsufficientResources;
    case Reason::kInvalidFilter:
    case Reason::kTypeViolation: return Draft02Response::kTypeViolation;
    case Reason::kVersionViolation: return Draft02Response::kVersionViolation;
    case Reason::kOutOfSync: return Draft02Response::kOutOfSync;
    case Reason::kOtherFailure:
    case Reason::kUnusedType: break;
  }
  return Draft02Response::kUnusedType;
}

}  // namespace vdp
