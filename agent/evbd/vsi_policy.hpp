// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/net/bridge_port.hpp"
#include "agent/ports.hpp"
#include "profiles/instances.hpp"
#include "profiles/vsi_types.hpp"
#include "vdp/port_events.hpp"

namespace agent {

/// Answers for the bridge role what a VSI may have: the VSI types of the configuration and of the
/// database, and who holds how many instances of which type, all ports together.
class VsiPolicy {
 public:
  /// The bridge port that asks.
  struct Asker {
    std::uint32_t port = 0;                 ///< tells the ports apart
    const vdp::ManagerId& default_manager;  ///< stands for an all-zero manager ID
    std::size_t mtu = SIZE_MAX;             ///< of the port
  };
  struct Answer {
    vdp::VsiTypeResolved resolved;
    std::string trouble;  ///< what the standard's reason does not say; may be empty
  };
  struct Admission {
    std::vector<net::AdmittedMac> macs;  ///< what the port has to let through
    net::VsiLimits limits;
  };

  void set_types(profiles::VsiTypes types) { file_ = std::move(types); }
  /// `trouble`: why the database cannot be read, if it cannot; then these are its last types.
  void set_database(std::shared_ptr<const profiles::VsiTypes> types, std::string trouble);

  /// What the type means now; nullptr: nobody knows it.
  profiles::TypeBody body(const Asker& asker, const vdp::ManagerId& manager,
                          vdp::VsiType type) const;
  Answer resolve(const Asker& asker, const vdp::ResolveVsiType& question);
  /// From now on the VSI has what its type says now.
  Admission admission(const Asker& asker, const vdp::AdmitVsi& order);
  /// The VSI could not be admitted: it counts for what it had before again.
  void not_admitted(std::uint32_t port, const vdp::VsiId& vsi);
  void admitted(std::uint32_t port, const vdp::VsiId& vsi);
  void release(std::uint32_t port, const vdp::VsiId& vsi);

  /// nullopt: the VSI holds nothing, or has what its type says now.
  std::optional<TypeChange> change(const Asker& asker, const vdp::VsiId& vsi) const;
  /// VSIs of the asker's port whose types have changed under them, in no order.
  std::vector<std::pair<vdp::VsiId, TypeChange>> changes(const Asker& asker) const;
  /// Whether a VSI may have, with the filters that it was granted, what its type says now.
  struct Verdict {
    vdp::Reason reason = vdp::Reason::kSuccess;
    std::string trouble;
  };
  Verdict judge(const Asker& asker, const vdp::VsiId& vsi, const vdp::FilterInfo& granted) const;
  /// From now on the VSI counts as granted what its type says now.
  void grant_anew(const Asker& asker, const vdp::VsiId& vsi);

 private:
  using Grant = profiles::Instances::Grant;
  using Before = std::unordered_map<vdp::VsiId, Grant>;

  const vdp::ManagerId& manager_of(const Asker& asker, const vdp::ManagerId& named) const;
  Answer unknown(const vdp::ResolveVsiType& question, const vdp::ManagerId& manager) const;
  bool hold(const Asker& asker, const vdp::ResolveVsiType& question, const vdp::ManagerId& manager,
            profiles::TypeBody type);
  std::optional<TypeChange> change_of(const Asker& asker, const Grant& grant) const;
  std::optional<Grant> forget_before(std::uint32_t port, const vdp::VsiId& vsi);

  profiles::VsiTypes file_;
  std::shared_ptr<const profiles::VsiTypes> database_ = std::make_shared<profiles::VsiTypes>();
  std::string database_trouble_;
  profiles::Instances instances_;
  /// What a VSI under change held before, by port; most held nothing.
  std::unordered_map<std::uint32_t, Before> before_;
};

}  // namespace agent
