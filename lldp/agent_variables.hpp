// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "lldp/base/time.hpp"
#include "lldp/lldp_agent.hpp"

namespace lldp {

/// The variables that the machines of one LLDP agent share (802.1AB 9.2.5), by the standard's
/// names.
struct AgentVariables {
  LldpAgentConfig config;  ///< adminStatus, the timers' parameters, the local system
  LldpCounters counters{};

  bool port_enabled = false;  ///< portEnabled
  bool local_change = false;  ///< localChange: the local system's information is new
  bool new_neighbor = false;  ///< newNeighbor: an MSAP was heard for the first time
  bool tx_now = false;        ///< txNow: the timer machine wants an LLDPDU sent
  unsigned tx_credit = 0;     ///< txCredit: LLDPDUs that may follow at once
  base::Instant ticked{};     ///< the second up to which credit was added

  bool transmit_enabled() const {
    return config.admin_status == AdminStatus::kTxOnly ||
           config.admin_status == AdminStatus::kTxAndRx;
  }
  bool receive_enabled() const {
    return config.admin_status == AdminStatus::kRxOnly ||
           config.admin_status == AdminStatus::kTxAndRx;
  }

  /// txTTL (9.2.5.22).
  std::uint16_t tx_ttl() const {
    const auto& timers = config.timers;
    return static_cast<std::uint16_t>(
        std::min(65535U, timers.msg_tx_interval * timers.msg_tx_hold + 1));
  }

  /// Takes one credit. The seconds that bring it back are counted from the first one taken, so that
  /// after a burst the next LLDPDU is a whole second away.
  void spend_credit(base::Instant now) {
    if (tx_credit >= config.timers.tx_credit_max) ticked = now;
    if (tx_credit > 0) --tx_credit;
  }
};

}  // namespace lldp
