// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "agent/net/bridge_port.hpp"
#include "profiles/instances.hpp"
#include "profiles/vsi_types.hpp"
#include "vdp/port_events.hpp"

namespace agent {

/// Answers for the bridge role what a VSI may have: the VSI type database, and who holds how many
/// instances of which type, all ports together.
class VsiPolicy {
 public:
  void set_types(profiles::VsiTypes types) { types_ = std::move(types); }

  /// `port` tells the ports apart; `default_manager` stands for an all-zero manager ID.
  vdp::VsiTypeResolved resolve(std::uint32_t port, const vdp::ManagerId& default_manager,
                               const vdp::ResolveVsiType& question);
  /// The addresses that the port has to let through.
  std::vector<net::AdmittedMac> macs(const vdp::ManagerId& default_manager,
                                     const vdp::AdmitVsi& order) const;
  /// The VSI could not be admitted: it counts for what it had before again.
  void not_admitted(std::uint32_t port, const vdp::VsiId& vsi);
  void admitted(std::uint32_t port, const vdp::VsiId& vsi);
  void release(std::uint32_t port, const vdp::VsiId& vsi);

 private:
  using Before = std::unordered_map<vdp::VsiId, profiles::Instances::Type>;

  std::optional<profiles::Instances::Type> forget_before(std::uint32_t port, const vdp::VsiId& vsi);

  profiles::VsiTypes types_;
  profiles::Instances instances_;
  /// What a VSI under change held before, by port; most held nothing.
  std::unordered_map<std::uint32_t, Before> before_;
};

}  // namespace agent
