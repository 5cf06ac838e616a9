// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lldp/base/bytes.hpp"
#include "lldp/base/result.hpp"
#include "lldp/base/time.hpp"
#include "lldp/cdcp_machine.hpp"
#include "lldp/evb_negotiation.hpp"
#include "lldp/lldp_agent.hpp"
#include "lldp/mac_address.hpp"
#include "vdp/vsi.hpp"

namespace vdp {

/// How long the station waits before it asks again for what was refused or went unanswered:
/// `first`, then doubling up to `longest`. Ours, not the standard's.
struct RetryBackoff {
  base::Duration first = std::chrono::seconds(2);
  base::Duration longest = std::chrono::seconds(60);
  friend bool operator==(const RetryBackoff&, const RetryBackoff&) = default;
};

/// Everything that a Port has to be told once, and again when it changes.
struct PortConfig {
  lldp::EvbProposal evb;  ///< holds the role
  lldp::LldpAgentConfig lldp;
  lldp::MacAddress address;  ///< the port's own individual address
  lldp::MacAddress lldp_destination = lldp::kNearestCustomerBridge;
  lldp::MacAddress ecp_destination = lldp::kNearestCustomerBridge;
  std::size_t mtu = 1500;  ///< octets of Ethernet payload
  RetryBackoff retry;
  /// Of the first ECPDU; a daemon draws it at random, so that a restart is not taken for a
  /// repetition.
  std::uint16_t first_ecp_sequence = 1;
  std::size_t max_vsis = 100'000;  ///< more are refused: locally, or by a bridge with reason 2
  /// S-channels are negotiated on this port (clause 42), in its EVB role; nullopt: no CDCP.
  std::optional<lldp::CdcpConfig> cdcp;
  /// Where the CDCP TLV goes; if that is lldp_destination, in the same LLDPDU as the EVB TLV.
  lldp::MacAddress cdcp_destination = lldp::kNearestNonTpmrBridge;
};

/// Where ECP goes in a dialect: draft 0.2 knows the nearest bridge only.
constexpr const lldp::MacAddress& ecp_destination(const PortConfig& config, lldp::Dialect dialect) {
  return dialect == lldp::Dialect::kDraft02 ? lldp::kNearestBridge : config.ecp_destination;
}

// ---- Inputs: what happened ------------------------------------------------------------------

/// A frame arrived, header included, untagged, without FCS.
struct FrameReceived {
  base::Bytes frame;
};
/// Carrier or administrative state.
struct LinkChanged {
  bool up = false;
};
/// The configuration was reloaded, or the device's address or MTU changed. The role stays.
struct PortReconfigured {
  explicit PortReconfigured(PortConfig changed)
      : config(std::make_shared<const PortConfig>(std::move(changed))) {}
  std::shared_ptr<const PortConfig> config;  ///< apart, so that other inputs stay small
};
/// The port is being taken out of service (or back in): sends the shutdown LLDPDU.
struct AdminStatusChanged {
  lldp::AdminStatus status = lldp::AdminStatus::kTxAndRx;
};
/// What a client of a station asks for one VSI. It stays wanted until it is de-associated.
struct VsiRequest {
  VsiId id;
  AssociationType type = AssociationType::kAssociate;  ///< not kDeAssociate
  ManagerId manager;
  VsiType vsi_type;
  FilterInfo filters;
  MigrationHint migration;
  std::vector<OrganizationalTlv> organizational;
};
struct AssociateRequested {
  VsiRequest request;
};
struct DeassociateRequested {
  VsiId id;
  MigrationHint migration;
};
/// Which question an answer belongs to; an answer to one that was overtaken has no effect.
struct Question {
  VsiId vsi;
  std::uint64_t number = 0;
  friend bool operator==(const Question&, const Question&) = default;
};
/// Bridge: the answer to ResolveVsiType.
struct VsiTypeResolved {
  Question question;  ///< as in ResolveVsiType
  Reason reason = Reason::kSuccess;
  bool hard = false;   ///< repeating the same command is pointless
  FilterInfo filters;  ///< on success: the request's with VIDs and priorities filled in
};
/// Bridge: the answer to AdmitVsi: the port now lets the VSI's traffic through, or cannot.
struct VsiAdmitted {
  Question question;  ///< as in AdmitVsi
  Reason reason = Reason::kSuccess;
};
/// Bridge: the network's operator or its database ends an association.
struct BridgeDeassociated {
  VsiId id;
  Reason reason = Reason::kOtherFailure;
};
/// Bridge: the answer to SetReflectiveRelay, or a change that somebody else made.
struct ReflectiveRelayChanged {
  bool on = false;
};
/// The instant of Port::deadline() has come.
struct TimePassed {};

using Input = std::variant<FrameReceived, LinkChanged, PortReconfigured, AdminStatusChanged,
                           AssociateRequested, DeassociateRequested, VsiTypeResolved, VsiAdmitted,
                           BridgeDeassociated, ReflectiveRelayChanged, TimePassed>;

// ---- Outputs: orders and facts --------------------------------------------------------------

/// Order: send these octets, Ethernet header included.
struct SendFrame {
  base::Octets frame;
};
/// Order (bridge): find out what this VSI type means and what the VSI may have; answer with
/// VsiTypeResolved. For a pre-associate with reservation, also reserve.
struct ResolveVsiType {
  Question question;
  VsiId id;
  AssociationType type = AssociationType::kAssociate;
  ManagerId manager;
  VsiType vsi_type;
  FilterInfo filters;
  std::vector<OrganizationalTlv> organizational;  ///< of the ECPDU that carried the request
};
/// Order (bridge): let the VSI's traffic through, instead of what was admitted for it before, as
/// one change; answer with VsiAdmitted.
struct AdmitVsi {
  Question question;
  VsiId id;
  ManagerId manager;
  VsiType vsi_type;
  FilterInfo filters;
};
/// Order (bridge): stop the VSI's traffic and free what was reserved. No answer.
struct ReleaseVsi {
  VsiId id;
};
/// Order (bridge): turn the port's reflective relay on or off; answer with ReflectiveRelayChanged.
struct SetReflectiveRelay {
  bool on = false;
};

/// Why a VSI's state is what it is now.
enum class VsiCause : std::uint8_t {
  kRequested,        ///< a command was accepted and is under way
  kConfirmed,        ///< the bridge said yes (station); the port admits it (bridge)
  kRefusedByBridge,  ///< a response with a reason, see Failure
  kRefusedLocally,   ///< never sent: see Failure::local
  kNoResponse,       ///< respWaitDelay ran out
  kNoKeepAlive,      ///< bridge: toutKeepAlive ran out
  kNoResources,      ///< bridge: resourceWaitDelay ran out
  kDeassociatedByClient,
  kDeassociatedByBridge,
  kEvbLost,  ///< the EVB neighbour went, or the link
};
std::string_view to_string(VsiCause cause);

/// Why a request was refused before it was sent.
enum class LocalRefusal : std::uint8_t {
  kNone,
  kGroupIdNotNegotiated,  ///< BGID and SGID are not both 1
  kTooManyFilters,        ///< more entries or organisational TLVs than one frame holds
  kNoFilters,
  kTooManyVsis,
  kMissingFromBridge,  ///< wrong role: a bridge takes no associate requests
  kUnknownVsi,         ///< de-associate of what is not there
  kReservedVid,        ///< VID 4095
  // what draft 0.2 has no words for
  kDraft02Manager,
  kDraft02VsiId,
  kDraft02Filter,
  kDraft02Organizational,
};
std::string_view to_string(LocalRefusal refusal);

/// The last thing that went wrong with a VSI; it stays visible until an answer replaces it.
struct Failure {
  VsiCause cause = VsiCause::kNoResponse;
  AssociationType command = AssociationType::kAssociate;  ///< what was being asked
  Reason reason = Reason::kSuccess;                       ///< what the bridge said, if it spoke
  bool hard = false;
  bool keep = false;  ///< the association before the command stays
  LocalRefusal local = LocalRefusal::kNone;
  bool ecp_unacknowledged = false;  ///< not even ECP was acknowledged
  base::Instant since;
  friend bool operator==(const Failure&, const Failure&) = default;
};

/// Fact: what `Port::vsi(id)` reports has changed. Keep-alives that succeed are not told.
struct VsiChanged {
  VsiId id;
  VsiState state = VsiState::kDeassociated;
  VsiCause cause = VsiCause::kRequested;
  std::optional<Failure> failure;  ///< set when the change is a failure
  bool gone = false;               ///< the port holds nothing of this VSI any more
};
/// Fact: an associate or de-associate request was refused on the spot and changed nothing.
struct RequestRefused {
  VsiId id;
  LocalRefusal refusal = LocalRefusal::kNone;
};
/// Fact: EVB came, went, or its operational values changed.
struct EvbChanged {
  lldp::EvbOperational operational;
};
/// Fact: a neighbour came, changed or went.
struct NeighborsChanged {};
/// Fact: what `Port::cdcp()` reports has changed: our S-channels, or the neighbour's TLV.
struct SChannelsChanged {};
/// Fact: a received frame, or one TLV of it, was not used.
struct FrameRefused {
  base::DecodeError error;  ///< octet counted from the start of the Ethernet frame
};
/// Fact: an ECPDU was sent maxRetries+1 times and never acknowledged.
struct EcpDeliveryFailed {
  std::uint16_t sequence = 0;
};

using Output = std::variant<SendFrame, ResolveVsiType, AdmitVsi, ReleaseVsi, SetReflectiveRelay,
                            VsiChanged, RequestRefused, EvbChanged, NeighborsChanged,
                            SChannelsChanged, FrameRefused, EcpDeliveryFailed>;
using Outputs = std::vector<Output>;

}  // namespace vdp
