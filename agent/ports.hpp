// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/vsi_types.hpp"
#include "vdp/port.hpp"

namespace agent {

/// Where a VSI of a device belongs: the configured port below it, and the VLAN on the way.
struct DevicePlace {
  std::string port;
  std::optional<std::uint16_t> vid;
};

/// What one port shows beside its core.
struct PortInfo {
  std::string name;      ///< of the network interface
  std::string bridge;    ///< role bridge: the Linux bridge that it is a port of; else empty
  bool present = false;  ///< the interface exists
  std::string trouble;   ///< why the port does not work, in a sentence; empty when it does
  std::string uplink;    ///< of an S-channel's port: the port that it is a channel of; else empty
  std::uint16_t scid = 0;
  std::uint16_t svid = 0;  ///< of an S-channel's port; 0: it has none now
  /// With CDCP: the port of each S-channel by its SCID, the default one left out.
  std::map<std::uint16_t, std::string> s_channels;
};

/// Bridge: a VSI type is another one now than when VSIs of the port were granted it.
struct TypeChange {
  vdp::ManagerId manager;
  vdp::VsiType type;
  profiles::TypeBody in_force;  ///< what was granted
  profiles::TypeBody now;       ///< nullptr: the type is gone
  bool is_gone() const { return now == nullptr; }
};

/// Bridge: how many VSIs of a port have a type as it was before it changed; none any more: 0.
struct TypeStanding {
  vdp::ManagerId manager;
  vdp::VsiType type;
  bool gone = false;
  std::size_t vsis = 0;
};

/// Which VSI types are meant: those of the list, of any manager where it names none; empty: all.
struct TypeSelection {
  std::vector<profiles::TypeName> types;
  bool matches(const TypeChange& change) const {
    return types.empty() ||
           std::any_of(types.begin(), types.end(), [&](const profiles::TypeName& name) {
             return name.type == change.type &&
                    name.manager.value_or(change.manager) == change.manager;
           });
  }
};

/// What became of a VSI whose type, as it is now, was to be applied to it.
struct TypeApplied {
  enum class Outcome : std::uint8_t {
    kApplied,       ///< it has what the type says now
    kKept,          ///< it cannot, and has what it had
    kDeassociated,  ///< it cannot, and was ended
  };
  std::string port;
  vdp::VsiId vsi;
  TypeChange change;
  Outcome outcome = Outcome::kApplied;
  vdp::Reason reason = vdp::Reason::kSuccess;  ///< why it cannot
  std::string trouble;                         ///< the same in words; may be empty
};

/// All that the API server and other front ends may see and do of the ports. The daemon implements
/// it, tests fake it.
class Ports {
 public:
  virtual ~Ports() = default;
  virtual std::vector<PortInfo> list() const = 0;
  /// nullptr when no such port is configured.
  virtual const vdp::Port* core(std::string_view port) const = 0;
  /// The one door: false when no such port is configured.
  virtual bool feed(std::string_view port, const vdp::Input& input) = 0;
  /// The same for inputs that came together: what follows from them shares ECPDUs.
  virtual bool feed_all(std::string_view port, std::span<const vdp::Input> inputs) {
    bool known = true;
    for (const auto& input : inputs) known = feed(port, input) && known;
    return known;
  }
  /// Finds the port for a device named in a request ("eth0", "eth0.2", a macvtap); the error is a
  /// sentence that says what is wrong with the device and what to do.
  virtual tl::expected<DevicePlace, std::string> place(std::string_view device) const = 0;
  /// libvirt's 8-bit manager id as the 16 octets that are sent for it on this port.
  virtual vdp::ManagerId manager(std::string_view port, std::uint8_t id) const = 0;
  /// Bridge: nullopt when the VSI has what its type says now.
  virtual std::optional<TypeChange> type_change(std::string_view /*port*/,
                                                const vdp::VsiId& /*vsi*/) const {
    return std::nullopt;
  }
  /// Bridge: gives the VSIs whose types have changed what these say now, and says what became of
  /// each. What that takes a new association for, or what is refused now, keeps what it has; with
  /// `deassociate` it is ended, and the station told the reason.
  virtual std::vector<TypeApplied> apply_types(const TypeSelection& /*which*/,
                                               bool /*deassociate*/) {
    return {};
  }
  virtual base::Instant now() const = 0;
  /// The wall-clock time of an instant of the core.
  virtual std::chrono::system_clock::time_point wall_clock(base::Instant instant) const = 0;
};

/// Is told every fact that a port puts out, in order, after what came with it was carried out.
class PortObserver {
 public:
  virtual ~PortObserver() = default;
  virtual void port_output(std::string_view port, const vdp::Output& output) = 0;
  /// All that came of one input, or of inputs that came together.
  virtual void port_outputs(std::string_view port, std::span<const vdp::Output> outputs) {
    for (const auto& output : outputs) port_output(port, output);
  }
};

}  // namespace agent
