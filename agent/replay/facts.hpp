// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/replay/decoded_frame.hpp"
#include "lldp/evb_negotiation.hpp"
#include "vdp/bridge_vsi.hpp"
#include "vdp/station_vsi.hpp"

// What a capture shows, as the conversation model tells it to the rules, frame by frame, and what
// it keeps for reports. Times are nanoseconds since 1970; frames are counted from 1, 0 is none.

namespace agent::replay {

using Nanoseconds = std::int64_t;

/// A frame of the capture and when it was there.
struct Moment {
  std::uint64_t frame = 0;
  Nanoseconds at = 0;
};

enum class Role : std::uint8_t { kUnknown, kStation, kBridge };
std::string_view to_string(Role role);

/// LLDPDUs of a fast start are msgFastTx, 1 s, apart: this at most.
inline constexpr Nanoseconds kFastMost = 1'500'000'000;

/// LLDPDUs that say the same about a second apart, as a fast start sends them. A change of the
/// sender's own, or its start, shows in what it says.
struct FastRun {
  std::size_t said = 0;      ///< a hash of the last LLDPDU
  bool repeats = false;      ///< the last said what the one before had said
  unsigned count = 0;        ///< LLDPDUs of this run after its first
  bool asked_for = false;    ///< its first said something new, or somebody new was heard
  unsigned unasked_for = 0;  ///< runs in a row that are over, and were not asked for
};

/// What one LLDP agent of an end says, as last heard. Each destination address is an agent of its
/// own.
struct LldpState {
  std::optional<lldp::MacAddress> destination;  ///< nullopt in cooked captures
  Moment heard;
  Moment returned;        ///< the last LLDPDU after it was gone: a new neighbour; frame 0: none
  std::uint16_t ttl = 0;  ///< seconds; 0 after a shutdown LLDPDU
  std::optional<lldp::EvbTlv> evb;
  Moment evb_since;  ///< when the EVB TLV came to be as it is
  std::optional<lldp::Draft02EvbTlv> draft_evb;
  Moment draft_evb_since;
  double credit = 0;  ///< txCredit that is left at least, if txCreditMax is 5
  FastRun fast;

  bool speaks_evb() const { return evb || draft_evb; }
  /// When a receiver forgets it.
  Nanoseconds until() const { return heard.at + ttl * Nanoseconds{1'000'000'000}; }
};

/// Both ends' values at one time, in the dialect that both speak: what each timer has to obey.
/// Nullopt: not both EVB TLVs of one dialect were seen.
using InForce = std::optional<lldp::EvbOperational>;

/// The ECP request that waits for its acknowledgement, or was the last to.
struct Outstanding {
  lldp::Dialect dialect = lldp::Dialect::kRatified;
  std::uint16_t sequence = 0;
  unsigned sends = 0;
  unsigned acks = 0;
  Moment first;
  Moment last;               ///< send
  Moment acked;              ///< first
  base::Octets octets;       ///< of the ECPDU, to compare resends
  std::size_t exchange = 0;  ///< its number among all of the capture, from 0
  std::uint16_t first_sequence = 0;
  std::uint32_t round_trip = 0;  ///< microseconds
  bool open = false;             ///< neither acknowledged nor given up
};

/// One end of a link: a port that speaks LLDP with the EVB TLV, ECP, or both.
struct End {
  lldp::MacAddress address;
  std::uint32_t interface = 0;    ///< of the capture, see LinkHeader
  std::uint16_t service_vid = 0;  ///< of its S-channel
  Role role = Role::kUnknown;
  std::optional<std::size_t> peer;
  Moment first;
  Moment last;
  std::optional<LldpState> lldp;        ///< of the agent that carries EVB, or else the first
  std::vector<LldpState> other_agents;  ///< on other destination addresses
  std::optional<lldp::CdcpTlv> cdcp;
  /// EVB was seen to go: shutdown, a TTL that ran out, an LLDPDU without the EVB TLV.
  bool evb_gone = false;
  std::optional<Outstanding> request;
  InForce in_force;
  std::uint64_t frames = 0;
};

/// An EVB TLV that differs from the one before.
struct EvbChange {
  Moment moment;
  std::size_t end = 0;
  std::optional<lldp::EvbTlv> tlv;  ///< nullopt: none is sent, or it went
  std::optional<lldp::Draft02EvbTlv> draft_tlv;
  InForce in_force;  ///< from then on
};

/// One ECP PDU from its first send to its acknowledgement.
struct Exchange {
  std::uint32_t end = 0;
  std::uint16_t sequence = 0;
  std::uint8_t sends = 0;
  bool given_up = false;
  Moment first;
  std::uint64_t acked_frame = 0;  ///< 0: no acknowledgement was seen
  std::uint32_t round_trip = 0;   ///< microseconds, from the last send
  lldp::Dialect dialect = lldp::Dialect::kRatified;
};

/// All ECP exchanges that one end began.
struct ExchangeSummary {
  std::uint64_t requests = 0;
  std::uint64_t resends = 0;
  std::uint64_t given_up = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t slowest = 0;  ///< round trip, microseconds
  std::uint64_t sum = 0;      ///< of all round trips, microseconds
};

/// What became of one VSI, as both ends' machines must have seen it.
struct VsiMoment {
  Moment moment;
  vdp::StationVsi::State station = vdp::StationVsi::State::kInit;
  vdp::BridgeVsi::State bridge = vdp::BridgeVsi::State::kInit;
  vdp::VsiState state = vdp::VsiState::kDeassociated;
  vdp::VsiCause cause = vdp::VsiCause::kRequested;
  /// Of the command that it is about; draft 0.2 names states by it.
  vdp::AssociationType command = vdp::AssociationType::kAssociate;
  lldp::Dialect dialect = lldp::Dialect::kRatified;
};

/// The life of one VSI.
struct VsiLife {
  vdp::VsiId id;
  lldp::Dialect dialect = lldp::Dialect::kRatified;  ///< in which it was last asked for
  std::uint32_t station = 0;  ///< the end that asks; the bridge where only that was captured
  vdp::ManagerId manager;
  vdp::StationVsi::State station_state = vdp::StationVsi::State::kInit;
  vdp::BridgeVsi::State bridge_state = vdp::BridgeVsi::State::kInit;
  vdp::VsiState state = vdp::VsiState::kDeassociated;
  vdp::AssociationTlv request;  ///< the last
  Moment requested;             ///< frame 0: none was seen
  InForce requested_under;
  std::size_t exchange = 0;  ///< that carried it, its number
  bool pending = false;      ///< it waits for its response
  bool keep_alive = false;   ///< it repeats what was agreed
  vdp::AssociationTlv
      agreed;        ///< operCmd with the bridge's VIDs, when `state` is not de-associated
  Moment confirmed;  ///< the last success
  InForce confirmed_under;
  bool refused_hard = false;      ///< `request` was
  bool must_deassociate = false;  ///< KEEP came to a keep-alive
  Moment responded;
  Moment deassociated_by_bridge;
  std::uint32_t keep_alives = 0;
  std::uint32_t early_keep_alives = 0;  ///< in a row
  std::vector<VsiMoment> timeline;      ///< changes only
};

/// What the standard has a timer for.
enum class TimerKind : std::uint8_t { kAck, kResponse, kKeepAlive };
std::string_view to_string(TimerKind kind);

/// A time that was measured, and what was allowed. `overdue`: nothing had come at `measured`.
struct TimerFact {
  TimerKind kind = TimerKind::kAck;
  std::uint32_t end = 0;
  Moment started;
  Moment ended;  ///< frame 0: nothing came
  Nanoseconds measured = 0;
  Nanoseconds earliest = 0;  ///< tolerance not included
  Nanoseconds latest = 0;
  bool overdue = false;
  std::optional<vdp::VsiId> vsi;
};

// ---- What the rules are given -----------------------------------------------------------------

/// What every fact has. `frame` is nullptr for facts that only time brings about.
struct Scene {
  const DecodedFrame* frame = nullptr;
  const End* end = nullptr;   ///< whose doing it is
  const End* peer = nullptr;  ///< nullptr: not seen
  Moment moment;
  lldp::Dialect dialect = lldp::Dialect::kRatified;
  InForce in_force;  ///< of this dialect
};

struct FrameFact : Scene {
  /// Of an S-tagged frame: what its sender says by CDCP on the link itself; nullptr: not heard.
  const lldp::CdcpTlv* uplink = nullptr;
};

struct LldpFact : Scene {
  const LldpState* before = nullptr;  ///< of this end; nullptr: its first LLDPDU
  Moment newcomer;                    ///< the last LLDPDU of who was new then, or is no end
  unsigned unasked_for = 0;           ///< fast starts in a row, when one more is just over
};

struct EvbFact : Scene {
  const LldpState* before = nullptr;
  const lldp::EvbTlv* tlv = nullptr;
  base::Bytes octets;  ///< after OUI and subtype
  /// What the peer says, and since when; nullptr: never heard, or gone.
  const LldpState* remote = nullptr;
};

/// An EVB TLV of draft 0.2.
struct Draft02EvbFact : Scene {
  const LldpState* before = nullptr;
  const lldp::Draft02EvbTlv* tlv = nullptr;
  base::Bytes octets;  ///< after OUI and subtype
  const LldpState* remote = nullptr;
};

struct CdcpFact : Scene {
  const lldp::CdcpTlv* tlv = nullptr;
  base::Bytes octets;
  const lldp::CdcpTlv* remote = nullptr;
};

/// A request is on the wire. `previous` is what the end sent before it, by a copy of its state.
struct EcpRequestFact : Scene {
  enum class Kind : std::uint8_t { kFirst, kNew, kResend };
  Kind kind = Kind::kFirst;
  std::uint16_t sequence = 0;
  const Outstanding* previous = nullptr;
  bool same_octets = true;
  InForce previous_in_force;  ///< when `previous` was last sent
};

struct EcpAckFact : Scene {
  enum class Kind : std::uint8_t { kMatches, kRepeats, kLate, kUnknown, kUnknowable };
  Kind kind = Kind::kUnknowable;
  std::uint16_t sequence = 0;
  const Outstanding* request = nullptr;  ///< the peer's
};

/// A request is over: acknowledged or given up, or nobody can know any more.
struct ExchangeFact : Scene {
  const Outstanding* request = nullptr;
  bool complete = false;  ///< the sender went on to the next; false: the capture ended
};

/// An association TLV that was delivered (resends are not). `life` is as it was before.
struct VsiFact : Scene {
  const vdp::AssociationTlv* tlv = nullptr;
  const vdp::ManagerId* manager = nullptr;
  const VsiLife* life = nullptr;
  bool from_station = true;
  bool answers = false;  ///< it is a response to the request that `life` waits for
  /// A request would have been seen: both ways were watched for as long as it could have waited.
  bool watched = false;
};

struct VsiTimerFact : Scene {
  const TimerFact* timer = nullptr;
  const VsiLife* life = nullptr;
  bool acknowledged = true;  ///< the request's ECPDU was
};

}  // namespace agent::replay
