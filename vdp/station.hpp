// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "lldp/base/chain.hpp"
#include "lldp/base/deadlines.hpp"
#include "lldp/base/table.hpp"
#include "vdp/dialect.hpp"
#include "vdp/port.hpp"
#include "vdp/station_vsi.hpp"
#include "vdp/tlv_queue.hpp"

namespace vdp {

/// After a request ECPDU the next one waits for the responses to it, but not longer than this: some
/// bridges lose the first of two ECPDUs that come within 2 ms of each other. A bridge that answers
/// several VSIs in one ECPDU is none of those: it is clocked by ECP's acknowledgements alone.
inline constexpr base::Duration kResponsePace = std::chrono::milliseconds(4);
/// A keep-alive that would fall due within reinitKeepAlive / 32 leaves with one that is due now.
inline constexpr int kKeepAliveGathering = 32;

/// All VSIs of a station port: what its clients want, the machine of each VSI, when to try again,
/// and the packing of what is ready into ECPDUs.
class Station {
 public:
  explicit Station(const PortConfig& config);
  ~Station();

  void configure(const PortConfig& config);
  /// The dialect that is spoken from now on; what is under way ends with evb_changed().
  void speak(const DialectRules& rules) { rules_ = &rules; }
  void associate(base::Instant now, const VsiRequest& request, Outputs& out);
  void deassociate(base::Instant now, const DeassociateRequested& request, Outputs& out);
  /// EVB came, went or has other values; without EVB nothing is sent and nothing stays associated.
  void evb_changed(base::Instant now, const lldp::EvbOperational& evb, Outputs& out);
  /// The bridge seems to have lost its memory: confirm every association now, not when it is due.
  void confirm_all(base::Instant now, Outputs& out);
  void receive(base::Instant now, const Vdpdu& vdpdu, Outputs& out);
  void time_passed(base::Instant now, Outputs& out);
  /// Of the VSIs' timers.
  std::optional<base::Instant> deadline() const;

  /// Whether an ECPDU is to be sent now, if ECP is ready for one.
  bool ready(base::Instant now) const;
  /// When what is queued may leave, if it has to wait for a time.
  std::optional<base::Instant> ready_at() const;
  /// The next ECPDU's content; empty when what was queued is no longer wanted.
  base::Octets next_vdpdu(base::Instant now);
  /// The last ECPDU was given up: the VSIs in it will say so when their wait ends.
  void undelivered();

  const VdpCounters& counters() const { return counters_; }
  std::size_t size() const { return vsis_.size(); }
  bool holds(const VsiId& id) const;
  std::optional<VsiReport> report(const VsiId& id) const;
  std::vector<VsiReport> reports() const;

 private:
  struct Vsi;

  LocalRefusal refusal_of(const VsiRequest& request) const;
  /// Follows up on anything that happened to a VSI; it may be gone afterwards.
  void settle(base::Instant now, Vsi& vsi, Outputs& out);
  void follow(base::Instant now, Vsi& vsi, Outputs& out);
  void failed(base::Instant now, Vsi& vsi, const Failure& failure, Outputs& out);
  void succeeded(base::Instant now, Vsi& vsi, bool keep_alive, Outputs& out);
  void command(base::Instant now, Vsi& vsi, Outputs& out);
  void tell(const Vsi& vsi, VsiCause cause, Outputs& out) const;
  void remove(Vsi& vsi, VsiCause cause, Outputs& out);
  void enqueue(Vsi& vsi);
  void dequeue(Vsi& vsi);
  /// Sets the VSI's timer, and lists its keep-alive among those that may leave with others.
  void arm(Vsi& vsi);
  void list_keep_alive(Vsi& vsi, std::optional<base::Instant> at);
  void answered(Vsi& vsi);
  /// The next VSI of the manager that really has something to send.
  Vsi* next_queued(const ManagerId& manager);
  void add_due_soon(base::Instant now, const ManagerId& manager, VdpduBuilder& builder);
  void add(base::Instant now, Vsi& vsi, VdpduBuilder& builder);
  VsiReport report_of(const Vsi& vsi) const;
  /// In the order of their ids.
  std::vector<Vsi*> in_order() const;

  const DialectRules* rules_ = &rules_of(lldp::Dialect::kRatified);
  RetryBackoff retry_;
  std::size_t room_;
  std::size_t max_vsis_;
  lldp::EvbOperational evb_;
  StationVsi::Waits waits_;
  base::Table<VsiId, Vsi> vsis_;
  base::Deadlines<Vsi> deadlines_;
  ManagerLines<base::Chain<Vsi>> queue_;
  ManagerLines<base::Deadlines<Vsi>> keep_alives_;
  std::vector<VsiId> last_sent_;  // in the last ECPDU
  std::uint32_t ecpdu_ = 0;       // counts ECPDUs, to tell the last one's VSIs
  std::size_t unanswered_ = 0;    // VSIs of the last ECPDU without a response
  base::Instant pace_until_{};
  bool bridge_packs_ = false;  // it has answered several VSIs in one ECPDU since EVB came up
  VdpCounters counters_;
};

}  // namespace vdp
