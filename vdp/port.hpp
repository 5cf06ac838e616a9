// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lldp/evb_dialects.hpp"
#include "vdp/port_events.hpp"

namespace vdp {

/// 43.3.7 and beyond: what an engineer compares with the other end.
struct EcpCounters {
  std::uint64_t requests_sent = 0;  ///< new ECPDUs (TxFrameCount less retries)
  std::uint64_t retries = 0;        ///< repetitions of an ECPDU
  std::uint64_t failures = 0;       ///< ECPDUs given up
  std::uint64_t acks_received = 0;
  std::uint64_t acks_ignored = 0;       ///< wrong sequence, or nothing outstanding
  std::uint64_t requests_received = 0;  ///< new ECPDUs
  std::uint64_t duplicates = 0;         ///< repeated ECPDUs: acknowledged, not delivered
  std::uint64_t refused = 0;            ///< ECP frames not acknowledged
};
struct VdpCounters {
  std::uint64_t tlvs_sent = 0;
  std::uint64_t tlvs_received = 0;
  std::uint64_t tlvs_refused = 0;  ///< malformed, or matching nothing that was asked
};

struct EcpReport {
  std::string_view transmitter_state;  ///< the standard's name
  std::string_view receiver_state;
  std::uint16_t sequence = 0;  ///< of the ECPDU sent last
  std::optional<std::uint16_t> last_received;
  EcpCounters counters;
};

/// One VSI as the port sees it, in either role.
struct VsiReport {
  VsiId id;
  ManagerId manager;
  VsiType vsi_type;
  FilterInfo
      filters;  ///< in force if the state says so, with the VIDs the bridge chose; else wanted
  MigrationHint migration;
  VsiState state = VsiState::kDeassociated;
  std::string_view machine_state;         ///< the standard's name, e.g. "WAIT_SYSTEM_CMD"
  std::optional<AssociationType> wanted;  ///< station: what the client wants
  bool waiting_for_evb = false;           ///< station: nothing can be sent yet
  base::Instant since;                    ///< when `state` became what it is
  std::string_view timer;                 ///< running timer's name, or empty
  std::optional<base::Instant> timer_ends;
  std::optional<Failure> last_failure;
  std::optional<base::Instant> next_try;
  std::uint32_t tries = 0;  ///< commands sent since the last success
};

/// All of one port behind two verbs: LLDP with the EVB TLV, ECP, and every VSI's machine. It holds
/// no socket, clock or thread; the order of parameters is when, what, where to.
class Port {
 public:
  explicit Port(const PortConfig& config);
  ~Port();
  Port(Port&&) noexcept;
  Port& operator=(Port&&) noexcept;

  /// Takes one event. Outputs are appended in the order in which they are to be carried out.
  void handle(base::Instant now, const Input& input, Outputs& out) {
    handle(now, std::span(&input, 1), out);
  }
  /// Takes events that came together: what they give to say shares ECPDUs.
  void handle(base::Instant now, std::span<const Input> inputs, Outputs& out);
  /// When TimePassed has to be fed next; nullopt: not before another event.
  std::optional<base::Instant> deadline() const;

  const PortConfig& config() const;
  bool link_up() const;
  const lldp::EvbDialects& evb() const;
  const std::vector<lldp::Neighbor>& neighbors() const;
  const lldp::LldpCounters& lldp_counters() const;
  bool too_many_neighbors() const;
  /// The S-channels of this port; nullptr without CDCP.
  const lldp::CdcpMachine* cdcp() const;
  EcpReport ecp() const;
  VdpCounters vdp_counters() const;

  std::size_t vsi_count() const;
  bool holds(const VsiId& id) const;
  std::optional<VsiReport> vsi(const VsiId& id) const;
  /// All VSIs, in the order of their ids.
  std::vector<VsiReport> vsis() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vdp
