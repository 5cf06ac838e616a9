// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <unordered_map>
#include <vector>

#include "agent/replay/capture_condition.hpp"
#include "agent/replay/draft02_roles.hpp"
#include "agent/replay/facts.hpp"

namespace agent::replay {

/// Hears every fact, in the order in which it becomes known: a time-out is known only when a later
/// frame, or the end of the capture, shows that nothing came.
class FactListener {
 public:
  virtual ~FactListener() = default;
  virtual void on(const FrameFact& fact) = 0;
  virtual void on(const LldpFact& fact) = 0;
  virtual void on(const EvbFact& fact) = 0;
  virtual void on(const Draft02EvbFact& fact) = 0;
  virtual void on(const CdcpFact& fact) = 0;
  virtual void on(const EcpRequestFact& fact) = 0;
  virtual void on(const EcpAckFact& fact) = 0;
  virtual void on(const ExchangeFact& fact) = 0;
  virtual void on(const VsiFact& fact) = 0;
  virtual void on(const VsiTimerFact& fact) = 0;
};

/// Measured times of one end and kind, all of them.
struct TimerStatistics {
  std::uint64_t count = 0;
  Nanoseconds shortest = 0;
  Nanoseconds longest = 0;
  double sum = 0;

  Nanoseconds mean() const { return static_cast<Nanoseconds>(sum / static_cast<double>(count)); }
};

/// What is kept for reports, beside sums and statistics.
enum class Details : std::uint8_t {
  kNone,  ///< a bit for each ECP request
  kEach,  ///< an Exchange for each ECP request; single timers up to Conversation::kDetailLimit
};

/// Reconstructs both ends of every link of a capture, which may begin in the middle and show one
/// side only. Memory: one VsiLife for each VSI, timelines up to kDetailLimit entries, and
/// `Details`.
class Conversation {
 public:
  static constexpr std::size_t kDetailLimit = 100'000;

  explicit Conversation(FactListener& listener, Details details = Details::kEach)
      : listener_(&listener), details_(details) {}

  /// The next frame of the capture.
  void take(const DecodedFrame& frame);
  /// There are no more: settles what still waited.
  void finish();

  const std::deque<End>& ends() const { return ends_; }
  const std::vector<EvbChange>& evb_changes() const { return evb_changes_; }
  /// In the order of their first frames; empty without details.
  const std::deque<Exchange>& exchanges() const { return exchanges_; }
  /// Those that this end began.
  const ExchangeSummary& exchanges_of(std::size_t end) const { return summaries_[end]; }
  const std::deque<VsiLife>& vsis() const { return vsis_; }
  /// Empty without details.
  const std::deque<TimerFact>& timers() const { return timers_; }
  const TimerStatistics& statistics(std::size_t end, TimerKind kind) const;
  /// Timers and timeline entries that were not kept one by one.
  std::uint64_t left_out() const { return left_out_; }
  /// How well the capture was made.
  const CaptureCondition& condition() const { return condition_; }
  Moment first() const { return first_; }
  Moment last() const { return last_; }

 private:
  struct EndKey {
    std::uint64_t address_and_vid = 0;
    std::uint32_t interface = 0;
    friend bool operator==(const EndKey&, const EndKey&) = default;
  };
  struct EndKeyHash {
    std::size_t operator()(const EndKey& key) const {
      return std::hash<std::uint64_t>()(key.address_and_vid * 31 + key.interface);
    }
  };
  struct VsiKey {
    vdp::VsiId id;
    std::uint32_t station = 0;
    friend bool operator==(const VsiKey&, const VsiKey&) = default;
  };
  struct VsiKeyHash {
    std::size_t operator()(const VsiKey& key) const {
      return std::hash<vdp::VsiId>()(key.id) + key.station;
    }
  };

  // Ends and links: conversation.cpp
  std::size_t end_of(const DecodedFrame& frame);
  const lldp::CdcpTlv* cdcp_of_uplink(const DecodedFrame& frame) const;
  void find_peer(std::size_t end);
  void pair(std::size_t one, std::size_t other);
  Scene scene(std::size_t end, const DecodedFrame* frame,
              lldp::Dialect dialect = lldp::Dialect::kRatified) const;
  void set_role(std::size_t end, Role role);
  void negotiate(End& end) const;
  void expire(std::size_t end);

  // conversation_lldp.cpp
  void take_lldp(std::size_t end, const DecodedFrame& frame);
  static LldpState* agent_of(End& end, const DecodedFrame& frame);
  void take_evb_tlvs(std::size_t end, const DecodedFrame& frame, const LldpState* before);
  void take_evb(std::size_t end, const DecodedFrame& frame, const LldpState* before);
  void take_cdcp(std::size_t end, const DecodedFrame& frame);
  void evb_changed(std::size_t end, const std::optional<lldp::EvbTlv>& tlv,
                   const std::optional<lldp::Draft02EvbTlv>& draft_tlv);
  void evb_lost(std::size_t end);

  // conversation_ecp.cpp
  void take_ecp(std::size_t end, const DecodedFrame& frame);
  void take_request(std::size_t end, const DecodedFrame& frame);
  void take_ack(std::size_t end, const DecodedFrame& frame);
  EcpRequestFact::Kind kind_of(const End& end, const DecodedFrame& frame) const;
  EcpAckFact::Kind match_ack(std::size_t end, lldp::Dialect dialect, std::uint16_t sequence);
  void adopt_requester(std::size_t acker, std::uint16_t sequence);
  void begin_exchange(End& end, const DecodedFrame& frame);
  void end_exchange(std::size_t end, const DecodedFrame* frame, bool complete);
  void note(const Exchange& exchange, std::size_t number);

  // conversation_draft02.cpp
  void take_draft02_evb(std::size_t end, const DecodedFrame& frame, const LldpState* before);
  void take_draft02_vdp(std::size_t end, const DecodedFrame& frame, bool repeated);
  void deliver_draft02(const UnplacedPdu& pdu, const vdp::Draft02Tlv& tlv,
                       const DecodedFrame* frame, bool from_station);
  void deliver_kept(std::vector<UnplacedPdu> kept);
  bool is_watched(std::size_t end) const;

  // conversation_vdp.cpp
  /// How a VDP PDU came.
  struct Delivery {
    std::size_t end = 0;
    bool from_station = true;
    std::size_t exchange = 0;  ///< its number
    lldp::Dialect dialect = lldp::Dialect::kRatified;
    bool watched = false;   ///< see VsiFact
    bool repeated = false;  ///< the receiver takes it for new, its sender does not
  };
  void take_vdp(std::size_t end, const DecodedFrame& frame);
  void take_association(const Delivery& delivery, const DecodedFrame* frame,
                        const vdp::ManagerId& manager, const vdp::AssociationTlv& tlv);
  void learn_role(std::size_t end, const vdp::Vdpdu& vdpdu);
  VsiLife& life_of(std::uint32_t station, const vdp::AssociationTlv& tlv);
  void take_command(VsiLife& life, const Delivery& delivery, const vdp::AssociationTlv& tlv,
                    const vdp::ManagerId& manager);
  void take_keep_alive(VsiLife& life, const InForce& values);
  InForce values_at(std::size_t end, lldp::Dialect dialect) const;
  void change_over(VsiLife& life, lldp::Dialect dialect);
  void take_response(VsiLife& life, const vdp::AssociationTlv& tlv);
  void confirm(VsiLife& life, const vdp::AssociationTlv& tlv);
  void refuse(VsiLife& life, const vdp::AssociationTlv& tlv);
  void settle(VsiLife& life, Nanoseconds now);
  void settle_all(std::size_t end, Nanoseconds now);
  void overdue(VsiLife& life, TimerKind kind, Moment started, const lldp::EvbOperational& values,
               Nanoseconds now);
  void tell_overdue(const VsiLife& life, TimerKind kind, Moment started, Nanoseconds latest,
                    Nanoseconds now);
  void end_by_bridge(VsiLife& life);
  void move(VsiLife& life, vdp::StationVsi::State station, vdp::BridgeVsi::State bridge,
            vdp::VsiState state, vdp::VsiCause cause);
  Nanoseconds known_until(const VsiLife& life, Nanoseconds now) const;

  void measured(const TimerFact& timer);

  FactListener* listener_;
  Details details_;
  std::deque<End> ends_;  // a deque: facts point into it
  std::unordered_map<EndKey, std::size_t, EndKeyHash> end_index_;
  std::vector<EvbChange> evb_changes_;
  std::vector<bool> acknowledged_;  // by the exchange's number
  std::deque<Exchange> exchanges_;  // deques: what is in them stays where it is as they grow
  std::vector<ExchangeSummary> summaries_;  // by end
  std::deque<VsiLife> vsis_;
  std::unordered_map<VsiKey, std::size_t, VsiKeyHash> vsi_index_;
  std::size_t last_vsi_ = 0;  // that was spoken of, its place in vsis_
  std::deque<TimerFact> timers_;
  std::vector<std::array<TimerStatistics, 3>> statistics_;
  std::uint64_t left_out_ = 0;
  std::uint64_t timeline_entries_ = 0;
  CaptureCondition condition_;
  Draft02Roles draft02_roles_;
  Moment newcomer_;  // see LldpFact
  Moment first_;
  Moment last_;
};

}  // namespace agent::replay
