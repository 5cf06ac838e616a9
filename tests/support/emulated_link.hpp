// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <random>
#include <variant>

#include "vdp/port.hpp"

namespace support {

/// What the wire does to frames, in percent of them.
struct LinkFaults {
  unsigned loss = 0;
  unsigned repetition = 0;  ///< the copy comes within `disorder`, too
  unsigned reordering = 0;  ///< delayed by up to `disorder`
  base::Duration disorder = std::chrono::milliseconds(20);
};

/// What the bridge's database says to a question, and when; nullopt: never.
struct DatabaseAnswer {
  vdp::Reason reason = vdp::Reason::kSuccess;
  bool hard = false;
  base::Duration delay{};
};
using Database = std::function<std::optional<DatabaseAnswer>(const vdp::ResolveVsiType&)>;

/// A station's and a bridge's port, joined in one process and in virtual time. What the wire does
/// is drawn from a seed. VID 0 is answered with `vid_for`.
class EmulatedLink {
 public:
  enum Side : std::uint8_t { kStation, kBridge };

  /// Configurations that fit each other, with default timers.
  static vdp::PortConfig station_config();
  static vdp::PortConfig bridge_config();
  /// A request with one MAC/VID filter; `number` makes VSI id and MAC address.
  static vdp::VsiRequest request(std::uint32_t number);
  static std::uint16_t vid_for(const vdp::VsiId& id);

  EmulatedLink(const vdp::PortConfig& station_config, const vdp::PortConfig& bridge_config,
               std::uint32_t seed);

  void link(Side side, bool up) { feed(side, vdp::LinkChanged{up}); }
  /// Carrier on both sides, and time for the handshake.
  void bring_up();
  void feed(Side side, const vdp::Input& input);
  /// Lets time pass from event to event; fails the test when a port does not come to rest.
  void advance(base::Duration by);
  std::optional<base::Instant> next_event() const;

  /// A number from 0 to below `end`, from the seed.
  unsigned draw(unsigned end) {
    return std::uniform_int_distribution<unsigned>(0, end - 1)(random_);
  }

  base::Instant now{};
  base::Duration delay = std::chrono::microseconds(30);  ///< of the wire
  LinkFaults faults;
  Database database = [](const vdp::ResolveVsiType&) { return DatabaseAnswer{}; };
  /// Whether the device admits a VSI.
  std::function<vdp::Reason(const vdp::AdmitVsi&)> admission = [](const vdp::AdmitVsi&) {
    return vdp::Reason::kSuccess;
  };

  vdp::Port station;
  vdp::Port bridge;
  /// What the bridge's device lets through now.
  std::map<vdp::VsiId, vdp::AdmitVsi> admitted;
  std::size_t ecp_frames = 0;  ///< sent, both directions
  std::size_t lldp_frames = 0;
  /// Releases of what was neither admitted nor reserved since the last release.
  std::size_t idle_releases = 0;
  std::map<vdp::VsiId, std::vector<vdp::VsiChanged>> told;  ///< by the station, if `keep_told`
  bool keep_told = false;

 private:
  struct Event {
    Side to;
    std::variant<base::Octets, vdp::Input> what;
  };

  vdp::Port& port(Side side) { return side == kStation ? station : bridge; }
  void carry_out(Side from, vdp::Outputs& out);
  void transmit(Side from, base::Octets frame);
  void resolve(const vdp::ResolveVsiType& question);
  void admit(const vdp::AdmitVsi& order);
  void at(base::Duration from_now, Side to, std::variant<base::Octets, vdp::Input> what);

  std::mt19937 random_;
  std::multimap<base::Instant, Event> events_;
  vdp::Outputs outputs_;
};

}  // namespace support
