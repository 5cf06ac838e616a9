// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "lldp/base/time.hpp"
#include "lldp/dialect.hpp"
#include "lldp/evb_tlv.hpp"

namespace lldp {

enum class EvbRole : std::uint8_t { kStation, kBridge };

/// The EVB mode that the other end of the link has to have.
constexpr EvbMode other_mode(EvbRole role) {
  return role == EvbRole::kStation ? EvbMode::kEvbBridge : EvbMode::kEvbStation;
}

/// What one side of the link proposes (evbSys, evbSbp and evbUrp objects of the EVB MIB).
struct EvbProposal {
  EvbRole role = EvbRole::kStation;
  bool transmit = true;          ///< false: no EVB TLV is sent and none received has an effect
  bool manual = false;           ///< LldpManual: local values only, whatever is received
  bool reflective_relay = true;  ///< station: RRREQ; bridge: RRCAP
  bool group_ids = false;        ///< station: SGID; bridge: BGID
  std::uint8_t max_retries = 3;  ///< R, 0..7
  std::uint8_t retransmit_exponent = 14;  ///< RTE, 0..31
  std::uint8_t resource_wait_delay = 20;  ///< RWD, 0..31
  std::uint8_t reinit_keep_alive = 20;    ///< RKA, 0..31
  DialectChoice dialect = DialectChoice::kRatified;
  friend bool operator==(const EvbProposal&, const EvbProposal&) = default;
};

/// The times of draft 0.2, which does not negotiate them: lldpad's, the only station known.
inline constexpr base::Duration kDraft02AckTime = std::chrono::milliseconds(500);
inline constexpr base::Duration kDraft02ResponseWait = std::chrono::seconds(3);
inline constexpr base::Duration kDraft02KeepAlive = std::chrono::seconds(10);
/// How long a bridge of ours waits for its VSI manager then: the station's wait less the wire's.
inline constexpr base::Duration kDraft02ResourceWait = std::chrono::seconds(2);
/// And for the station's next command; by the factor of 41.5.5.13.
inline constexpr base::Duration kDraft02KeepAliveTimeout =
    (kDraft02KeepAlive + kDraft02ResponseWait) * 3 / 2;

/// The values in use, the larger of both proposals each (D.2.12), and what follows from them.
struct EvbOperational {
  bool on = false;  ///< an EVB TLV of the complementary mode is held: ECP and VDP may run
  Dialect dialect = Dialect::kRatified;
  std::uint8_t max_retries = 3;
  std::uint8_t retransmit_exponent = 14;
  std::uint8_t resource_wait_delay = 20;
  std::uint8_t reinit_keep_alive = 20;
  bool group_ids = false;  ///< BGID and SGID
  /// Station: RRSTAT, what the bridge said. Bridge: its own RRCTR, kOn or kOff.
  RelayStatus relay_status = RelayStatus::kUnknown;
  friend bool operator==(const EvbOperational&, const EvbOperational&) = default;

  base::Duration ack_time() const {
    return is_draft02() ? kDraft02AckTime : base::exponent_time(retransmit_exponent);
  }
  /// 41.5.5.7, the bridge's wait for its VSI manager.
  base::Duration resource_wait_time() const {
    return is_draft02() ? kDraft02ResourceWait : base::exponent_time(resource_wait_delay);
  }
  /// 41.5.5.5, from a success to the station's keep-alive.
  base::Duration keep_alive_time() const {
    return is_draft02() ? kDraft02KeepAlive : base::exponent_time(reinit_keep_alive);
  }
  /// 41.5.5.9, the station's wait for a VDP response.
  base::Duration response_wait_time() const {
    return is_draft02() ? kDraft02ResponseWait : with_transport(resource_wait_time());
  }
  /// 41.5.5.13, the bridge's wait for the station's next command.
  base::Duration keep_alive_timeout() const {
    return is_draft02() ? kDraft02KeepAliveTimeout : with_transport(keep_alive_time());
  }

 private:
  bool is_draft02() const { return dialect == Dialect::kDraft02; }
  /// 1.5 x (wait + (2R+1) x ack time): the wait and the longest delivery either way.
  base::Duration with_transport(base::Duration wait) const {
    return (wait + (2 * max_retries + 1) * ack_time()) * 3 / 2;
  }
};

/// The negotiation of one port in either role: our proposal and the neighbour's EVB TLV in, the TLV
/// that we send and the values in use out. No timers; it is a function of its inputs.
class EvbNegotiation {
 public:
  explicit EvbNegotiation(const EvbProposal& proposal);

  void set_proposal(const EvbProposal& proposal);
  /// The EVB TLV that the neighbour's stored LLDPDU holds now, or none.
  void set_remote(const std::optional<EvbTlv>& remote);
  /// Bridge: the port's reflective relay (hairpin) really is on or off now.
  void set_relay_in_force(bool on);

  const EvbProposal& proposal() const { return proposal_; }
  const std::optional<EvbTlv>& remote() const { return remote_; }
  /// The TLV that we send; nullopt when transmission is off.
  std::optional<EvbTlv> local() const;
  const EvbOperational& operational() const { return operational_; }
  /// Bridge: whether the port should do reflective relay: able to, and asked by an EVB station.
  bool relay_wanted() const;

 private:
  void negotiate();

  EvbProposal proposal_;
  std::optional<EvbTlv> remote_;
  bool relay_in_force_ = false;
  EvbOperational operational_;
};

}  // namespace lldp
