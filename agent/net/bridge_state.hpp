// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "lldp/mac_address.hpp"

namespace agent::net {

/// The flags of a bridge port that evbd changes; nullopt: the kernel does not know the flag.
struct BridgePortFlags {
  std::optional<bool> hairpin;
  std::optional<bool> learning;
  std::optional<bool> locked;
  std::optional<bool> unicast_flood;
  friend bool operator==(const BridgePortFlags&, const BridgePortFlags&) = default;
};

/// A MAC address in one VLAN; VID 0 on a bridge that does not filter VLANs.
struct Station {
  lldp::MacAddress mac;
  std::uint16_t vid = 0;
  friend auto operator<=>(const Station&, const Station&) = default;
};

/// A bridge port as it was before evbd took it over.
struct BridgePortState {
  std::string name;
  int index = 0;   ///< of the port's interface
  int bridge = 0;  ///< of the bridge's
  bool filters_vlans = false;
  BridgePortFlags flags;
  std::set<Station> stations;                    ///< its static FDB entries
  std::map<std::uint16_t, std::uint16_t> vlans;  ///< VID -> BRIDGE_VLAN_INFO_* flags
  bool clsact = false;                           ///< it has tc's place for filters
  friend bool operator==(const BridgePortState&, const BridgePortState&) = default;
};

/// Keeps original states in `run_dir`, a file per port, for an agent that was killed: the next one
/// puts the port back from it.
class BridgeStateFiles {
 public:
  explicit BridgeStateFiles(std::string run_dir) : run_dir_(std::move(run_dir)) {}

  /// The error is a sentence.
  tl::expected<void, std::string> save(const BridgePortState& state) const;
  void remove(const std::string& port) const;
  /// Every state that is on file and can be read.
  std::vector<BridgePortState> all() const;

 private:
  std::string path(const std::string& port) const;
  std::string run_dir_;
};

}  // namespace agent::net
