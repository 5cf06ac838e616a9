// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "lldp/base/deadlines.hpp"
#include "lldp/base/table.hpp"
#include "vdp/bridge_vsi.hpp"
#include "vdp/dialect.hpp"
#include "vdp/port.hpp"
#include "vdp/tlv_queue.hpp"

namespace vdp {

/// Responses wait this long for the other VSIs of the same ECPDU, so that they share one.
inline constexpr base::Duration kResponseGathering = std::chrono::milliseconds(5);

/// How many more responses than two for each VSI may wait for ECP.
inline constexpr std::size_t kSpareResponses = 1024;

/// All VSIs of a bridge port: the machine of each VSI, the questions for their resources, and the
/// packing of responses into ECPDUs.
class Bridge {
 public:
  explicit Bridge(const PortConfig& config);
  ~Bridge();

  void configure(const PortConfig& config);
  /// The dialect that is spoken from now on; what is under way ends with evb_changed().
  void speak(const DialectRules& rules);
  /// Without EVB nothing may stay admitted: everything is released (clause 41.5.2, RELEASE_ALL).
  void evb_changed(base::Instant now, const lldp::EvbOperational& evb, Outputs& out);
  void receive(base::Instant now, const Vdpdu& vdpdu, Outputs& out);
  void resolved(base::Instant now, const VsiTypeResolved& answer, Outputs& out);
  void admitted(base::Instant now, const VsiAdmitted& answer, Outputs& out);
  void deassociate(base::Instant now, const BridgeDeassociated& order, Outputs& out);
  void time_passed(base::Instant now, Outputs& out);
  /// Of the VSIs' timers.
  std::optional<base::Instant> deadline() const;

  /// Whether an ECPDU is to be sent now, if ECP is ready for one.
  bool ready(base::Instant now) const;
  /// When what is queued may leave, if it has to wait for a time.
  std::optional<base::Instant> ready_at() const;
  base::Octets next_vdpdu(base::Instant now);

  const VdpCounters& counters() const { return counters_; }
  std::size_t size() const { return vsis_.size(); }
  bool holds(const VsiId& id) const;
  std::optional<VsiReport> report(const VsiId& id) const;
  std::vector<VsiReport> reports() const;

 private:
  struct Vsi;

  void receive(base::Instant now, const AssociationTlv& tlv, const Vdpdu& vdpdu, Outputs& out);
  void refuse(const RefusedTlv& refused, const ManagerId& manager);
  void respond_alone(const AssociationTlv& request, const ManagerId& manager, AssociationType type,
                     Reason reason, bool keep);
  void settle(base::Instant now, Vsi& vsi, const Vdpdu* vdpdu, Outputs& out);
  void ask(Vsi& vsi, const Vdpdu* vdpdu, Outputs& out);
  void answer(base::Instant now, Vsi& vsi, const ResourceAnswer& answer, Outputs& out);
  void close_question(Vsi& vsi);
  void tell(base::Instant now, Vsi& vsi, VsiCause cause, Outputs& out);
  void remove(Vsi& vsi);
  Question open_question(Vsi& vsi);
  Vsi* asked(const Question& question);
  VsiReport report_of(const Vsi& vsi) const;
  /// In the order of their ids.
  std::vector<Vsi*> in_order() const;
  void respond(const ManagerId& manager, AssociationTlv response);

  const DialectRules* rules_ = &rules_of(lldp::Dialect::kRatified);
  std::size_t room_;
  std::size_t max_vsis_;
  bool on_ = false;
  BridgeVsi::Rules machine_rules_;
  base::Table<VsiId, Vsi> vsis_;
  std::size_t open_questions_ = 0;  // those not yet answered
  std::uint64_t last_question_ = 0;
  base::Deadlines<Vsi> deadlines_;
  ManagerLines<std::deque<AssociationTlv>> queue_;
  std::size_t queued_ = 0;
  base::Instant gather_until_{};
  VdpCounters counters_;
};

}  // namespace vdp
