// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/api/askers.hpp"
#include "agent/api/convert.hpp"
#include "agent/api/host_facts.hpp"

namespace agent::api {

/// Which VSIs a list or a watch is about: those of one port, or of all ("" ), whose ids begin so.
struct VsiSelection {
  std::string port;
  std::string id_prefix;  ///< bare_id() of what the client wrote
  bool port_matches(std::string_view name) const { return port.empty() || port == name; }
  bool id_matches(const vdp::VsiId& id) const {
    return id_prefix.empty() || bare_id(vdp::to_string(id)).starts_with(id_prefix);
  }
};

/// The reports of all ports as messages.
class Reports {
 public:
  Reports(const Ports& ports, const Askers& askers) : ports_(ports), askers_(askers) {}

  /// False, and `to` stays as it is, when there is no such VSI any more.
  bool vsi(const VsiKey& key, pb::Vsi& to) const;
  /// False when there is no such port.
  bool port(std::string_view name, pb::Port& to) const;
  void all_ports(pb::Ports& to) const;
  /// Of one port or, with an empty name, of all.
  void neighbors(const std::string& port, pb::Neighbors& to) const;
  /// In the order of ports and ids.
  std::vector<VsiKey> select(const VsiSelection& selection) const;

  const Ports& ports() const { return ports_; }
  void set_host(HostFacts host) { host_ = std::move(host); }
  const HostFacts& host() const { return host_; }

 private:
  const Ports& ports_;
  const Askers& askers_;
  HostFacts host_;
};

}  // namespace agent::api
