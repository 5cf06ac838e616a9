// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "agent/net/bridge_state.hpp"
#include "agent/net/port_limits.hpp"
#include "agent/net/route_socket.hpp"
#include "vdp/port_events.hpp"

namespace agent::net {

/// One MAC address of a VSI in its VLAN.
struct AdmittedMac {
  lldp::MacAddress mac;
  std::uint16_t vid = 0;
  bool untagged = false;  ///< the VLAN's frames are untagged on this port
};

/// What came of one admit().
struct Admission {
  vdp::Question question;  ///< names the VSI
  vdp::Reason reason = vdp::Reason::kSuccess;
  std::string trouble;  ///< a sentence on failure
};

/// A port of a Linux bridge in evbd's hands: locked, not learning, and open for exactly the MAC
/// addresses of the admitted VSIs: a static FDB entry each, and where the bridge filters VLANs
/// membership of their VLANs. Entries that VSIs share are counted. VSIs may be limited in
/// bandwidth. Orders gather until flush(), which hands them to the kernel together.
class BridgePort {
 public:
  /// The port was taken over already; `original` is what it was before.
  BridgePort(RouteSocket& socket, BridgePortState original);
  BridgePort(const BridgePort&) = delete;
  BridgePort& operator=(const BridgePort&) = delete;

  const BridgePortState& original() const { return original_; }

  /// Lets exactly these addresses through for the question's VSI, instead of what it had; as one
  /// change: when one fails, the VSI keeps what it had. Answered by flush().
  void admit(const vdp::Question& question, const std::vector<AdmittedMac>& macs,
             const VsiLimits& limits = {});
  /// Takes the VSI's addresses back, at the next flush().
  void release(const vdp::VsiId& vsi);
  /// Carries out what has gathered. The answers are in the order of admit().
  std::vector<Admission> flush();
  /// The error is a sentence.
  tl::expected<void, std::string> set_hairpin(bool on);
  /// As it was set last, or as note_hairpin() was told.
  bool hairpin() const { return hairpin_; }
  void note_hairpin(bool on) { hairpin_ = on; }
  /// What the kernel says now, as somebody else may have changed it.
  std::optional<BridgePortFlags> read_flags();
  void lock();
  /// How many VSIs are admitted.
  std::size_t admitted() const { return vsis_.size(); }

 private:
  struct HashStation {
    std::size_t operator()(const Station& station) const noexcept;
  };
  /// An FDB entry or VLAN membership, wanted by `users` and perhaps in the kernel.
  struct Entry {
    std::size_t users = 0;
    bool installed = false;
    int error = 0;  ///< of the last try to install it
    std::string trouble;
  };
  struct Vlan : Entry {
    bool untagged = false;
  };
  using Stations = std::unordered_map<Station, Entry, HashStation>;
  struct Pending {
    std::vector<Station> stations;
    VsiLimits limits;
    std::optional<PortLimits::Held> limited_before;  ///< set once `limits` are in force
    Admission answer;                                ///< with a reason already: not even tried
  };

  Station key(const AdmittedMac& mac) const;
  std::optional<std::string> join_vlan(const AdmittedMac& mac);
  void use(const Station& station);
  void leave(const std::vector<Station>& stations);
  void install_vlans();
  void install_stations();
  void install_contested(const Station& station, Entry& entry);
  void remove_unused();
  Admission settle(Pending& pending);
  void limit(Pending& pending);

  RouteSocket& socket_;
  BridgePortState original_;
  PortLimits limits_;
  bool hairpin_ = false;
  Stations stations_;
  std::map<std::uint16_t, Vlan> vlans_;
  std::unordered_map<vdp::VsiId, std::vector<Station>> vsis_;
  std::vector<Pending> pending_;
  std::vector<Station> to_install_;
  std::vector<Station> maybe_unused_;
};

}  // namespace agent::net
