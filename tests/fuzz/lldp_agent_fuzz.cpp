// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>

#include "lldp/lldp_agent.hpp"
#include "lldp/lldpdu.hpp"

namespace {

using std::chrono::milliseconds;

/// One agent, and the virtual time in which things happen to it.
struct Scene {
  Scene() {
    config.local.chassis_id = {4, {2, 0, 0, 0, 0xA0, 1}};
    config.local.port_id = {5, {'e', 't', 'h', '0'}};
    config.max_neighbors = 3;
    agent.set_config(now, config, out);
  }

  /// The first octet chooses what happens, and to a degree how; the rest is what arrives.
  void step(std::uint8_t verb, base::Bytes argument) {
    const unsigned value = verb >> 3U;
    switch (verb & 7U) {
      case 0: agent.port_enabled(now, value % 4 != 0, out); break;
      case 1: advance(milliseconds(250) * value * value); break;
      case 2:
        config.admin_status = static_cast<lldp::AdminStatus>(value % 4);
        agent.set_config(now, config, out);
        break;
      case 3: agent.set_organizational(now, {{{0, 1, 2}, verb, {}}}, out); break;
      case 4:
        config.timers.tx_credit_max = value + 1;
        config.timers.msg_tx_interval = value + 5;
        agent.set_config(now, config, out);
        break;
      default: agent.receive(now, argument, {{2, 0, 0, 0, 0xB0, verb}}, out); break;
    }
    check();
  }

  void advance(base::Duration by) {
    const auto until = now + by;
    int at_once = 0;
    while (agent.deadline() && *agent.deadline() <= until) {
      at_once = *agent.deadline() > now ? 0 : at_once + 1;
      assert(at_once < 10 && "the agent does not come to rest");
      now = std::max(now, *agent.deadline());
      agent.time_passed(now, out);
    }
    now = until;
  }

  void check() {
    for (const auto& output : out) {
      const auto* send = std::get_if<lldp::SendLldpdu>(&output);
      assert(send == nullptr || lldp::decode_lldpdu(send->lldpdu));
    }
    out.clear();
    assert(agent.neighbors().size() <= config.max_neighbors);
    assert(agent.counters().inserts - agent.counters().deletes == agent.neighbors().size());
  }

  base::Instant now{};
  lldp::LldpOutputs out;
  lldp::LldpAgentConfig config;
  lldp::LldpAgent agent{config};
};

}  // namespace

/// A sequence of steps: an octet that says what happens, an octet with the length of what arrives,
/// and those octets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Scene scene;
  base::Bytes rest(data, size);
  while (rest.size() >= 2) {
    const auto verb = rest[0];
    const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
    scene.step(verb, rest.subspan(2, length));
    rest = rest.subspan(2 + length);
  }
  return 0;
}
