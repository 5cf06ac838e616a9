// SPDX-License-Identifier: Apache-2.0
#include "lldp/lldp_agent.hpp"

#include "lldp/agent_variables.hpp"
#include "lldp/base/deadlines.hpp"
#include "lldp/receive_machine.hpp"
#include "lldp/transmit_machine.hpp"
#include "lldp/transmit_timer_machine.hpp"

namespace lldp {

struct LldpAgent::Impl {
  explicit Impl(const LldpAgentConfig& config) : variables{.config = config} {}

  /// Lets the machines come to rest. The order is that of the signals: the timer machine raises
  /// txNow for the transmit machine. The receive machine is last: what it tells of the neighbours
  /// may change what we have to say, and no LLDPDU made before may leave after one made then.
  void run(base::Instant now, LldpOutputs& out) {
    timer.run(now);
    transmitter.run(now, out);
    receiver.run(now, out);
    heard_new_neighbor_at.reset();
  }

  AgentVariables variables;
  ReceiveMachine receiver{variables};
  TransmitTimerMachine timer{variables};
  TransmitMachine transmitter{variables};
  std::optional<base::Instant> heard_new_neighbor_at;  // the timer machine has not seen it yet
};

LldpAgent::LldpAgent(const LldpAgentConfig& config) : impl_(std::make_unique<Impl>(config)) {}
LldpAgent::~LldpAgent() = default;
LldpAgent::LldpAgent(LldpAgent&&) noexcept = default;
LldpAgent& LldpAgent::operator=(LldpAgent&&) noexcept = default;

void LldpAgent::port_enabled(base::Instant now, bool enabled, LldpOutputs& out) {
  impl_->variables.port_enabled = enabled;
  impl_->run(now, out);
}

void LldpAgent::set_config(base::Instant now, const LldpAgentConfig& config, LldpOutputs& out) {
  auto& variables = impl_->variables;
  auto updated = config;
  updated.local.organizational = variables.config.local.organizational;
  if (!same_msap(updated.local, variables.config.local)) impl_->transmitter.retire_identity(out);
  // The parameters of the timers count as a change, too: the TTL is made of them.
  if (updated.local != variables.config.local || updated.timers != variables.config.timers) {
    variables.local_change = true;
  }
  variables.config = std::move(updated);
  variables.tx_credit = std::min(variables.tx_credit, variables.config.timers.tx_credit_max);
  impl_->run(now, out);
}

void LldpAgent::set_organizational(base::Instant now, std::vector<OrganizationalTlv> tlvs,
                                   LldpOutputs& out) {
  auto& variables = impl_->variables;
  if (variables.config.local.organizational != tlvs) {
    variables.config.local.organizational = std::move(tlvs);
    variables.local_change = true;
  }
  impl_->run(now, out);
}

void LldpAgent::repeat(base::Instant now, LldpOutputs& out) {
  impl_->variables.local_change = true;
  impl_->run(now, out);
}

void LldpAgent::receive(base::Instant now, base::Bytes lldpdu, const MacAddress& source,
                        LldpOutputs& out) {
  const bool raised = impl_->variables.new_neighbor;
  impl_->receiver.receive(now, lldpdu, source, out);
  if (impl_->variables.new_neighbor && !raised) impl_->heard_new_neighbor_at = now;
}

void LldpAgent::time_passed(base::Instant now, LldpOutputs& out) { impl_->run(now, out); }

std::optional<base::Instant> LldpAgent::deadline() const {
  const auto machines = base::earlier(impl_->timer.deadline(), impl_->transmitter.deadline());
  return base::earlier(impl_->heard_new_neighbor_at,
                       base::earlier(machines, impl_->receiver.deadline()));
}

const std::vector<Neighbor>& LldpAgent::neighbors() const {
  return impl_->receiver.remote().neighbors();
}

bool LldpAgent::too_many_neighbors() const { return impl_->receiver.too_many_neighbors(); }
const LldpCounters& LldpAgent::counters() const { return impl_->variables.counters; }
const LldpAgentConfig& LldpAgent::config() const { return impl_->variables.config; }

}  // namespace lldp
