// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "lldp/draft02_negotiation.hpp"
#include "lldp/evb_negotiation.hpp"
#include "lldp/lldp_agent.hpp"

namespace lldp {

/// The EVB negotiation of one port in the dialects that it may speak: picks one by what is
/// configured and what the neighbours send. A port that chooses for itself sends both EVB TLVs
/// until a neighbour's is heard, so that a peer that knows only one finds it, and then the
/// neighbour's alone; of two heard the ratified one counts.
class EvbDialects {
 public:
  explicit EvbDialects(const EvbProposal& proposal);

  /// In force with the next set_neighbors().
  void set_proposal(const EvbProposal& proposal);
  void set_neighbors(const std::vector<Neighbor>& neighbors);
  /// Bridge: the port's reflective relay (hairpin) really is on or off now.
  void set_relay_in_force(bool on);

  const EvbProposal& proposal() const { return ratified_.proposal(); }
  /// The dialect spoken now; while nobody is heard, the one spoken last.
  Dialect dialect() const { return dialect_; }
  /// The EVB TLVs of the next LLDPDU: one, none when transmission is off, or both.
  std::vector<OrganizationalTlv> to_send() const;
  const EvbOperational& operational() const;
  bool relay_wanted() const;

  /// What is sent and held of each dialect.
  std::optional<EvbTlv> local() const;
  const std::optional<EvbTlv>& remote() const { return ratified_.remote(); }
  std::optional<Draft02EvbTlv> draft02_local() const;
  const std::optional<Draft02EvbTlv>& draft02_remote() const { return draft02_.remote(); }

 private:
  bool sends(Dialect dialect) const;
  void choose(bool ratified_heard, bool draft02_heard);

  EvbNegotiation ratified_;
  Draft02Negotiation draft02_;
  Dialect dialect_ = Dialect::kRatified;
  bool heard_ = false;  // what was heard settles what is sent
};

}  // namespace lldp
