// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/libvirt/polls.hpp"
#include "agent/libvirt/response.hpp"
#include "agent/net/device_place.hpp"
#include "agent/ports.hpp"
#include "agent/state/wish.hpp"
#include "lldp/base/deadlines.hpp"

namespace agent::libvirt {

/// What the agent needs beside the ports; the daemon implements it, tests fake it. None of it may
/// call the agent.
class Host {
 public:
  virtual ~Host() = default;
  /// Sends one netlink message; an address that does not listen is no error.
  virtual void send(std::uint32_t to, const base::Octets& message) = 0;
  /// The port id that libvirt knows.
  virtual std::uint32_t own_port_id() const = 0;
  virtual std::string interface_name(int index) const = 0;
  /// Where the guest's device may be that libvirt tells so of, the newest first.
  virtual std::vector<DevicePlace> guest_places(const net::GuestDevice& told) const = 0;
  /// Whether a macvtap or macvlan with this address is there.
  virtual bool guest_device_exists(const lldp::MacAddress& mac) const = 0;
  /// Whether it was moved into another network namespace, where nobody here sees its end.
  virtual bool guest_device_moved(const lldp::MacAddress& mac) const = 0;
  /// Whether the VM is known to be suspended by a migration away from here.
  virtual bool vm_is_leaving(const vdp::VsiId& id, const lldp::MacAddress& mac) const = 0;
  /// The port's vid_zero.
  virtual bool bridge_may_assign_vlan(std::string_view port) const = 0;
  /// Who asked for a VSI has to outlive the agent.
  virtual void remember(const VsiKey& key, const state::LibvirtOrigin& origin) = 0;
  virtual void log(LogLevel level, const std::string& sentence) = 0;
  /// Asks for a call of LibvirtAgent::work() soon, from the loop.
  virtual void wake() = 0;
};

/// A start or migration step that libvirt was told "no" about, and that has not succeeded since.
struct PastRefusal {
  base::Instant at;
  std::string port;  ///< or the device, when it is no port
  vdp::VsiId id;
  std::optional<lldp::MacAddress> mac;
  PortRequest request = PortRequest::kAssociate;
  std::uint16_t response = 0;
};

struct LibvirtCounters {
  std::uint64_t requests = 0;
  std::uint64_t polls = 0;
  std::uint64_t malformed = 0;
  std::uint64_t unknown = 0;
  std::uint64_t refused = 0;
  std::uint64_t notifications = 0;
};

/// The 802.1Qbg agent that libvirt talks to: its requests become wishes for VSIs, the VSIs' states
/// become answers. It knows no socket and no clock. README.md has the rules and their reasons.
class LibvirtAgent : public PortObserver {
 public:
  /// The final answer is given this long after the request: libvirt's own patience is 10 s.
  static constexpr base::Duration kDecideWithin = std::chrono::seconds(9);
  /// A disassociate is reported as done by then, whatever the bridge says: libvirt cannot do
  /// anything about it, and the VM's stop waits for it.
  static constexpr base::Duration kReleaseWithin = std::chrono::milliseconds(500);
  /// A VSI whose macvtap is gone this long is released.
  static constexpr base::Duration kDeviceGrace = std::chrono::seconds(1);
  /// The same after a start of evbd, when devices may still be coming.
  static constexpr base::Duration kResumeGrace = std::chrono::seconds(5);
  /// libvirt is told of a VSI that stays lost at doubling distances, which end here.
  static constexpr base::Duration kNotifyLongest = std::chrono::hours(1);

  LibvirtAgent(Ports& ports, Host& host, base::Duration hold);
  ~LibvirtAgent() override;

  void set_hold(base::Duration hold) { polls_.set_hold(hold); }
  /// The bridge is asked again first, for so long; then libvirt is told.
  void set_notify_after(base::Duration time) { notify_after_ = time; }

  /// Takes one datagram from a port id and answers every message in it.
  void receive(base::Instant now, std::uint32_t from, base::Bytes datagram);
  /// What was wanted when evbd ended; the ports have been fed with it already.
  void restore(base::Instant now, const std::vector<state::Wish>& wishes);
  /// Macvtaps came or went.
  void devices_changed(base::Instant now);
  void port_output(std::string_view port, const vdp::Output& output) override;
  /// Carries out what was put off because it must not be done inside of an output.
  void work(base::Instant now);

  std::optional<base::Instant> deadline() const;
  void time_passed(base::Instant now);
  /// Answers every poll that is held; the agent is about to end.
  void stop();

  bool knows(const lldp::MacAddress& mac) const { return macs_.contains(mac); }
  std::size_t size() const { return guests_.size(); }
  std::size_t polls_held() const { return polls_.held(); }
  const LibvirtCounters& counters() const { return counters_; }
  const std::deque<PastRefusal>& refusals() const { return refusals_; }
  /// The event ports of the daemons whose VSIs are here.
  std::set<std::uint32_t> clients() const;
  /// libvirt's origin of a VSI, nullptr when libvirt did not ask for it.
  const state::LibvirtOrigin* origin(const VsiKey& key) const;
  /// When libvirt asked for it last, or evbd began, if it has not asked since.
  std::optional<base::Instant> asked_at(const VsiKey& key) const;

 private:
  struct Guest;
  using Guests = std::unordered_map<VsiKey, std::unique_ptr<Guest>, HashVsiKey>;

  void take(base::Instant now, std::uint32_t from, const Message& message);
  void set_link(base::Instant now, const nlmsghdr& header, SetLink request);
  void look_into_channels(SetLink& request, DevicePlace& place) const;
  void associate(base::Instant now, const nlmsghdr& header, const SetLink& request,
                 const DevicePlace& place);
  void disassociate(base::Instant now, const nlmsghdr& header, const SetLink& request,
                    const DevicePlace& place);
  /// What speaks against the request before the port is asked.
  std::optional<std::uint16_t> objection(const SetLink& request, const DevicePlace& place) const;
  void refuse(base::Instant now, const nlmsghdr& header, const SetLink& request,
              const std::string& port, std::uint16_t response);
  Guest& enter(const nlmsghdr& header, const SetLink& request, const DevicePlace& place);

  Guest* find(std::string_view port, const vdp::VsiId& id);
  void changed(Guest& guest, const vdp::VsiChanged& change);
  void confirmed(base::Instant now, Guest& guest, vdp::VsiState state);
  void failed(base::Instant now, Guest& guest, const vdp::VsiChanged& change);
  void lost(base::Instant now, Guest& guest);
  void decide(base::Instant now, Guest& guest, std::uint16_t response);
  void release_later(Guest& guest);
  void release(base::Instant now, Guest& guest);
  void notify(base::Instant now, Guest& guest);
  void due(base::Instant now, Guest& guest);
  void arm(Guest& guest);
  void erase(Guest& guest);
  std::string describe(const Guest& guest) const;

  Ports& ports_;
  Host& host_;
  Polls polls_;
  base::Duration notify_after_ = std::chrono::seconds(60);
  Guests guests_;
  std::multiset<lldp::MacAddress> macs_;
  base::Deadlines<Guest> deadlines_;
  std::vector<VsiKey> releases_;  ///< to be done by work()
  std::deque<PastRefusal> refusals_;
  LibvirtCounters counters_;
  std::uint32_t sequence_ = 0;
};

}  // namespace agent::libvirt
