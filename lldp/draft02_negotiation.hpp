// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "lldp/draft02_evb_tlv.hpp"
#include "lldp/evb_negotiation.hpp"

namespace lldp {

/// The negotiation of draft 0.2 on one port in either role: our proposal and the neighbour's TLV
/// in, the TLV that we send and the values in use out. Of the proposal it takes the role, whether
/// to transmit, and reflective relay; RTE is exchanged and used by nobody, and GroupIDs, R, RWD and
/// RKA do not exist.
class Draft02Negotiation {
 public:
  explicit Draft02Negotiation(const EvbProposal& proposal);

  void set_proposal(const EvbProposal& proposal);
  /// The EVB TLV that the neighbour's stored LLDPDU holds now, or none.
  void set_remote(const std::optional<Draft02EvbTlv>& remote);
  /// Bridge: the port's reflective relay (hairpin) really is on or off now.
  void set_relay_in_force(bool on);

  const std::optional<Draft02EvbTlv>& remote() const { return remote_; }
  /// The TLV that we send; nullopt when transmission is off.
  std::optional<Draft02EvbTlv> local() const;
  /// On when both ends support ECP and VDP. What they have chosen does not count: before an end has
  /// heard the other it has chosen nothing, and both would wait for ever.
  const EvbOperational& operational() const { return operational_; }
  /// Bridge: whether the port should do reflective relay: able to, and chosen by the station.
  bool relay_wanted() const;

 private:
  void negotiate();

  EvbProposal proposal_;
  std::optional<Draft02EvbTlv> remote_;
  bool relay_in_force_ = false;
  EvbOperational operational_;
};

}  // namespace lldp
