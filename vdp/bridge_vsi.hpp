// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lldp/base/machine.hpp"
#include "lldp/base/time.hpp"
#include "vdp/port_events.hpp"
#include "vdp/vdpdu.hpp"

namespace vdp {

/// The answer to a command's call for resources.
struct ResourceAnswer {
  Reason reason = Reason::kSuccess;
  bool hard = false;
  FilterInfo filters;  ///< on success: the request's with VIDs and priorities filled in
};

/// A TLV to send, and the manager whose ECPDU it goes into.
struct BridgeResponse {
  ManagerId manager;
  AssociationTlv tlv;
  AssociationType command;  ///< that it answers; a De-Associate of the bridge's own answers none
};

/// The bridge's machine of one VSI (figure 41-5, clause 41.5.2). It ends in RELEASE_ALL and is
/// thrown away then. Its owner asks for the resources when `take_question` says so.
class BridgeVsi {
 public:
  enum class State : std::uint8_t {
    kInit,
    kBridgeProcessing,
    kSuccess,
    kKeep,
    kDeassoc,
    kWaitStationCmd,
    kProcessKeepalive,
    kDeassociated,
    kReleaseAll,
  };
  static const base::Arrow<BridgeVsi> kDiagram[17];

  /// The same for all VSIs of a port; the owner keeps it up to date.
  struct Rules {
    base::Duration resources = {};   ///< resourceWaitDelay (41.5.5)
    base::Duration keep_alive = {};  ///< toutKeepAlive (41.5.5)
    bool can_keep = true;            ///< the dialect has a word for KEEP
  };

  explicit BridgeVsi(const Rules& rules) : rules_(&rules) {}

  /// A command of the station arrived (rxCmd).
  void receive(base::Instant now, const AssociationTlv& command, const ManagerId& manager);
  /// The resources of the command in process are granted or refused.
  void resources(base::Instant now, const ResourceAnswer& answer);
  /// bridgeExit: the bridge ends the association, for this reason.
  void end(base::Instant now, Reason reason);
  void time_passed(base::Instant now);

  /// True once each time a command needs resources.
  bool take_question();
  /// The response or De-Associate to send, once each.
  std::optional<BridgeResponse> take_response();

  bool ended() const { return state_ == State::kReleaseAll; }
  VsiState vsi_state() const { return vsi_state_; }
  /// The command in process, else the one agreed.
  const AssociationTlv& command() const { return cmd_; }
  const ManagerId& manager() const { return manager_; }
  /// operCmd with what the bridge filled in; its type says what was agreed.
  const AssociationTlv& oper_command() const { return oper_cmd_; }
  const ManagerId& oper_manager() const { return oper_manager_; }
  /// What there is to tell since it was last asked; a keep-alive that is answered is not.
  std::optional<VsiCause> take_event();
  /// Of the last refusal.
  const ResourceAnswer& answer() const { return answer_; }
  std::optional<base::Instant> wait_until() const { return wait_until_; }
  std::string_view timer() const;

  // For the engine.
  State state() const { return state_; }
  void enter(State state);
  base::ArrowLog& arrow_log() { return arrows_; }
  const base::ArrowLog& arrow_log() const { return arrows_; }

 private:
  void run(base::Instant now);
  void respond_to_command(AssociationType type, bool keep);
  void respond_as_agreed(AssociationType type);
  void enter_bridge_processing();
  void enter_deassociated(State left, bool ran_out);

  bool always() const { return true; }
  bool rx_command() const { return rx_cmd_.has_value(); }
  bool bridge_exit() const { return exit_.has_value(); }
  bool waited() const { return wait_until_ && *wait_until_ <= now_; }
  bool deassociating() const { return cmd_.type == AssociationType::kDeAssociate; }
  bool granted() const { return answered_ && answer_.reason == Reason::kSuccess; }
  /// Old and new command are both Associates: the old one can stay (KEEP).
  bool refused_keeping() const {
    return answered_ && rules_->can_keep && vsi_state_ == VsiState::kAssociated &&
           cmd_.type == AssociationType::kAssociate;
  }
  bool refused() const { return answered_; }
  bool rx_keep_alive() const;

  const Rules* rules_;
  State state_ = State::kInit;
  VsiState vsi_state_ = VsiState::kDeassociated;
  std::optional<AssociationTlv> rx_cmd_;
  ManagerId rx_manager_;
  AssociationTlv cmd_;
  ManagerId manager_;
  AssociationTlv oper_cmd_;
  ManagerId oper_manager_;
  bool question_ = false;
  bool answered_ = false;
  ResourceAnswer answer_;
  std::optional<Reason> exit_;
  std::optional<BridgeResponse> response_;
  std::optional<VsiCause> event_;
  std::optional<base::Instant> wait_until_;
  base::ArrowLog arrows_;
  base::Instant now_{};
};

std::string_view to_string(BridgeVsi::State state);

}  // namespace vdp
